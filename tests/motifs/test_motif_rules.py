"""Which pictures a town can bring: told by what they are, not by what they are called."""

from __future__ import annotations

import pytest
from brought_pictures import picture

from gutschein.kernel.errors import Refusal
from gutschein.motifs.rules import LARGEST, media_type_of

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def test_png_and_jpeg_are_told_by_their_first_bytes() -> None:
    assert media_type_of(picture("PNG")) == "image/png"
    assert media_type_of(picture("JPEG")) == "image/jpeg"
    assert media_type_of(picture("JPEG", progressive=True)) == "image/jpeg"
    exif = b"Exif\0\0" + bytes(500)
    assert media_type_of(picture("JPEG", exif=exif, comment="Bergparade")) == "image/jpeg"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        SVG,
        b"<!doctype html><script>alert(1)</script>",
        picture("GIF"),
        picture("WEBP"),
        b"%PDF-1.7",
        picture("PNG")[:-1],
        picture("PNG") + SVG,
        picture("JPEG")[:-2],
        picture("JPEG")[:100] + b"\xff\xd9",
        b"\xff\xd8\xff\xe0" + bytes(40) + b"\xff\xd9",
    ],
    ids=lambda content: repr(content[:12]) + str(len(content)),
)
def test_nothing_else_is_a_picture(content: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        media_type_of(content)
    assert refused.value.code == "motif.picture"


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("size", [(1_239, 378), (1_240, 377), (1, 1), (4_000, 1_001)])
def test_too_few_dots_to_print_and_too_many_to_unpack(kind: str, size: tuple[int, int]) -> None:
    with pytest.raises(Refusal) as refused:
        media_type_of(picture(kind, size))
    assert refused.value.code == "motif.dots"
    assert (refused.value.params["width"], refused.value.params["height"]) == size


def test_what_is_too_large_to_mail_is_refused_before_it_is_looked_at() -> None:
    with pytest.raises(Refusal) as refused:
        media_type_of(bytes(LARGEST + 1))
    assert refused.value.code == "motif.too_large"
