"""Pictures as towns bring them."""

from __future__ import annotations

import io
from base64 import b64encode
from typing import Any

from PIL import Image


def picture(kind: str = "PNG", size: tuple[int, int] = (1_240, 378), **how: Any) -> bytes:
    """A green picture, encoded by somebody else's library."""
    out = io.BytesIO()
    Image.new("RGB", size, (16, 112, 64)).save(out, kind, **how)
    return out.getvalue()


def motif_input(name: str = "Bergparade", **changes: Any) -> dict[str, Any]:
    """What the API takes to bring a motif."""
    words = {"name_de": name, "name_en": name, "alt_de": f"{name}.", "alt_en": f"{name}."}
    return words | {"picture": b64encode(picture()).decode()} | changes
