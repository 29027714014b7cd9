"""What happens to a printed code before a camera has it: to the paper, in the air, in the lens.

Pictures are grey, ``L``. All chance comes from the generator that is handed in, so the same
seed makes the same picture.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

#: A corner or any other place in a picture.
Point = tuple[float, float]

_QUADRANTS = ((0, 0), (0, 1), (1, 1), (1, 0))  # as Pillow goes around a quad


def perspective(
    picture: Image.Image, size: tuple[int, int], corners: Sequence[Point]
) -> tuple[Image.Image, Image.Image]:
    """Show a picture with its corners at places of a larger one.

    :param corners: top left, top right, bottom right, bottom left.
    :returns: the larger picture, and where in it the smaller one is (255).
    """
    width, height = picture.size
    coefficients = _projection(corners, ((0, 0), (width, 0), (width, height), (0, height)))
    kind, sharp = Image.Transform.PERSPECTIVE, Image.Resampling.BICUBIC
    there = Image.new("L", picture.size, 255)
    return (
        picture.transform(size, kind, coefficients, sharp),
        there.transform(size, kind, coefficients, Image.Resampling.BILINEAR),
    )


def bent(picture: Image.Image, moved: Callable[[float, float], Point], cells: int) -> Image.Image:
    """Bend a picture: what is to be seen at each place comes from where *moved* says, both as
    shares of the picture's sides.
    """
    width, height = picture.size
    mesh = []
    for row in range(cells):
        for column in range(cells):
            box = (
                column * width // cells,
                row * height // cells,
                (column + 1) * width // cells,
                (row + 1) * height // cells,
            )
            quad: list[float] = []
            for right, down in _QUADRANTS:
                x, y = moved((column + right) / cells, (row + down) / cells)
                quad += [x * width, y * height]
            mesh.append((box, tuple(quad)))
    return picture.transform(
        picture.size, Image.Transform.MESH, mesh, Image.Resampling.BICUBIC, fillcolor=255
    )


def blurred(picture: Image.Image, points: float) -> Image.Image:
    """Put it out of focus: Gaussian, by its standard deviation."""
    return picture.filter(ImageFilter.GaussianBlur(points))


def shaken(picture: Image.Image, points: float, direction: float) -> Image.Image:
    """Move the hand while the shutter is open, along a line of so many points."""
    steps = max(2, round(points) + 1)
    mean = picture
    for step in range(1, steps):
        along = points * step / (steps - 1)
        moved = picture.transform(
            picture.size,
            Image.Transform.AFFINE,
            (1, 0, along * math.cos(direction), 0, 1, along * math.sin(direction)),
            Image.Resampling.BILINEAR,
            fillcolor=120,
        )
        mean = Image.blend(mean, moved, 1 / (step + 1))
    return mean


def lit(picture: Image.Image, light: Image.Image) -> Image.Image:
    """Let light fall on it: of 255 all, of 0 none."""
    return ImageChops.multiply(picture, light.resize(picture.size, Image.Resampling.BICUBIC))


def slope(size: tuple[int, int], darkest: int, direction: float) -> Image.Image:
    """Return light that falls off to one side."""
    side = math.ceil(math.hypot(*size))
    ramp = Image.linear_gradient("L").resize((side, side)).rotate(math.degrees(direction))
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    return ramp.crop((left, top, left + size[0], top + size[1])).point(
        [round(darkest + (255 - darkest) * level / 255) for level in range(256)]
    )


def glaring(picture: Image.Image, middle: Point, radius: float) -> Image.Image:
    """Let a lamp be mirrored: a spot in which nothing is left, and around it less and less."""
    spot = Image.new("L", picture.size, 0)
    x, y = middle
    box = (x - radius, y - radius * 0.7, x + radius, y + radius * 0.7)
    ImageDraw.Draw(spot).ellipse(box, fill=255)
    light = spot.filter(ImageFilter.GaussianBlur(radius / 4))
    return ImageChops.screen(picture, light.point([_byte(level * 1.5) for level in range(256)]))


def contrast(picture: Image.Image, darkest: int, lightest: int) -> Image.Image:
    """Bring its tones between two levels."""
    return picture.point(
        [round(darkest + (lightest - darkest) * level / 255) for level in range(256)]
    )


def noisy(picture: Image.Image, deviation: float, random: Random) -> Image.Image:
    """Add the noise of a sensor: of each point its own, close to Gaussian."""
    count = picture.width * picture.height
    noise = [Image.frombytes("L", picture.size, random.randbytes(count)) for _ in range(3)]
    mean = Image.blend(Image.blend(noise[0], noise[1], 1 / 2), noise[2], 1 / 3)
    factor = deviation / 42.5  # what the mean of three evenly spread bytes deviates by
    spread = mean.point([_byte(128 + (level - 127.5) * factor) for level in range(256)])
    return ImageChops.add(picture, spread, offset=-128)


def bloated(picture: Image.Image, points: int) -> Image.Image:
    """Let the ink run; below zero, let it dry up."""
    if points == 0:
        return picture
    size = 2 * abs(points) + 1
    kind = ImageFilter.MinFilter if points > 0 else ImageFilter.MaxFilter
    return picture.filter(kind(size))


def compressed(picture: Image.Image, quality: int) -> Image.Image:
    """Save it as JPEG, and open it again."""
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=quality)
    return Image.open(kept).convert("L")


def darkened(picture: Image.Image, factor: float) -> Image.Image:
    return ImageEnhance.Brightness(picture).enhance(factor)


def _byte(level: float) -> int:
    return min(255, max(0, round(level)))


def _projection(source: Sequence[Point], target: Sequence[Point]) -> list[float]:
    """Return the eight coefficients that bring each *source* point to its *target*."""
    rows = []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    for place in range(8):  # Gauss and Jordan
        best = max(range(place, 8), key=lambda row: abs(rows[row][place]))
        rows[place], rows[best] = rows[best], rows[place]
        pivot = rows[place][place]
        rows[place] = [value / pivot for value in rows[place]]
        for row in range(8):
            if row != place:
                factor = rows[row][place]
                rows[row] = [a - factor * b for a, b in zip(rows[row], rows[place], strict=True)]
    return [row[8] for row in rows]
