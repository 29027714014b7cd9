"""The pictures of the guide for shops: kept small, and held to the screens that they show."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).parents[2] / "merchant_app/public/anleitung"

#: Enough for the flat colours of the till and the edges of its letters.
_COLOURS = 32
#: Pictures are compared by squares of so many points, whose mean hardly knows how letters are
#: drawn but very well which ones.
_SQUARE = 10
_DIFFERENT = 16
_MOST_DIFFERENT = 6

Box = tuple[int, int, int, int]


def keep(path: Path, screenshot: bytes) -> None:
    """Write a screenshot as a small PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.open(io.BytesIO(screenshot)).convert("RGB")
    picture.quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def difference(kept: Path, screenshot: bytes, apart_from: list[Box]) -> str:
    """Say how a screen differs from its picture; nothing when it is the same screen.

    :param apart_from: left, top, right and bottom of what is another each time, as the hour is.
    """
    with Image.open(kept) as before, Image.open(io.BytesIO(screenshot)) as now:
        if before.size != now.size:
            return f"{before.size} points became {now.size}"
        squares = zip(_squares(before, apart_from), _squares(now, apart_from), strict=True)
        count = sum(abs(one - other) > _DIFFERENT for one, other in squares)
    return f"{count} squares are different" if count > _MOST_DIFFERENT else ""


def _squares(picture: Image.Image, apart_from: list[Box]) -> bytes:
    grey = picture.convert("RGB").convert("L")
    pen = ImageDraw.Draw(grey)
    for box in apart_from:
        pen.rectangle(box, fill=0)
    size = (grey.width // _SQUARE, grey.height // _SQUARE)
    return grey.resize(size, Image.Resampling.BOX).tobytes()
