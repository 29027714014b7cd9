"""A voucher in a motif: the picture across the top, all else as on any other, on one page."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image
from printed_page import NOON, PIXELS_PER_MM, URL, Printed

from gutschein.documents.voucher_pdf import MotifPicture, VoucherSheet, voucher_pdf
from gutschein.motifs.built_in import BUILT_IN, drawing

Sheet = Callable[..., VoucherSheet]

RED, BLUE = (200, 30, 40), (30, 60, 200)


def drawn(key: str = "birthday", colour: str = "#1b5e3f") -> MotifPicture:
    alt = BUILT_IN[key].alt_de
    return MotifPicture(content=drawing(key, colour), media_type="image/svg+xml", alt=alt)


def brought(kind: str, size: tuple[int, int]) -> MotifPicture:
    """A picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    out = io.BytesIO()
    image.save(out, kind)
    return MotifPicture(content=out.getvalue(), media_type=f"image/{kind.lower()}", alt="Zwei.")


def printed(sheet: VoucherSheet) -> Printed:
    return Printed(voucher_pdf([sheet], NOON))


def colour_at(page: Printed, x_mm: float, y_mm: float) -> tuple[int, ...]:
    image = page.document[0].render(scale=PIXELS_PER_MM * 25.4 / 72).to_pil()
    found = image.getpixel((int(x_mm * PIXELS_PER_MM), int(y_mm * PIXELS_PER_MM)))
    assert isinstance(found, tuple)
    return found


@pytest.mark.parametrize("key", BUILT_IN)
def test_the_picture_is_read_aloud_first_and_the_code_is_scanned(
    voucher_sheet: Sheet, key: str
) -> None:
    page = printed(voucher_sheet(motif=drawn(key), message="Liebe Oma,\nalles Gute!"))
    assert len(page) == 1
    assert page.is_tagged()
    figures = [tag.alt for tag in page.tags() if tag.kind == "Figure"]
    assert figures[0] == BUILT_IN[key].alt_de
    assert len(figures) == 2  # the arms are an ornament
    (code,) = page.barcodes()
    assert code.text == URL
    text = page.text()
    for words in ("Stadtgutschein", "25,00 €", "Gültig bis 31.12.2029", "Annaberg-Buchholz"):
        assert words in text
    for words in ("7KQ2-M8XV-3HTP-ZR5C-9", "Liebe Oma, alles Gute!", "Die Kasse scannt den Code"):
        assert words in text


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("size", [(1_050, 320), (400, 400), (2_000, 300)])
def test_a_brought_picture_fills_the_width_whatever_its_shape(
    voucher_sheet: Sheet, kind: str, size: tuple[int, int]
) -> None:
    page = printed(voucher_sheet(motif=brought(kind, size), brand_colour="#1b5e3f"))
    near = pytest.approx
    for y in (1, 63):
        assert colour_at(page, 1, y) == near(RED, abs=12)
        assert colour_at(page, 103, y) == near(RED, abs=12)
        assert colour_at(page, 107, y) == near(BLUE, abs=12)
        assert colour_at(page, 209, y) == near(BLUE, abs=12)
    assert colour_at(page, 1, 66) == near((0x1B, 0x5E, 0x3F), abs=6)  # the band in its colour
    assert colour_at(page, 1, 98) == near((0x1B, 0x5E, 0x3F), abs=6)
    assert colour_at(page, 1, 101) == (255, 255, 255)


@pytest.mark.parametrize(
    "message",
    [
        "\n".join(f"Zeile {number} mit einigen Wörtern" for number in range(14)),
        "Ein langer Gruß mit vielen Wörtern, der nie endet. " * 14,
        "W" * 600,
    ],
    ids=["many lines", "many words", "one word"],
)
def test_a_long_message_stays_on_the_page_and_below_the_picture(
    voucher_sheet: Sheet, message: str
) -> None:
    page = printed(voucher_sheet(motif=drawn(), message=message, coat_of_arms_svg=None))
    assert len(page) == 1
    said = "".join(page.text().split())
    assert "".join(message.split()) in said.replace("\u200b", "").replace("\ufffe", "")
    (code,) = page.barcodes()
    assert code.text == URL


def test_its_pin_is_on_a_slip_behind_it(voucher_sheet: Sheet) -> None:
    page = printed(voucher_sheet(motif=drawn(), pin_text="482 913"))
    assert len(page) == 2
    assert "482 913" in page.text(1)
    assert "482 913" not in page.text(0)


def test_many_in_one_motif_carry_its_picture_once(voucher_sheet: Sheet) -> None:
    photograph = brought("JPEG", (3_000, 1_000))
    one = len(voucher_pdf([voucher_sheet(motif=photograph)], NOON))
    ten = len(voucher_pdf([voucher_sheet(motif=photograph)] * 10, NOON))
    plain = len(voucher_pdf([voucher_sheet()], NOON))
    ten_plain = len(voucher_pdf([voucher_sheet()] * 10, NOON))
    assert ten - ten_plain < 1.5 * (one - plain) + 10_000


def test_a_photograph_stays_as_small_as_it_came(voucher_sheet: Sheet) -> None:
    noise = Image.effect_noise((150, 48), 90).convert("RGB").resize((1_500, 480))
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=90)
    photograph = MotifPicture(content=out.getvalue(), media_type="image/jpeg", alt="Rauschen.")
    plain = len(voucher_pdf([voucher_sheet()], NOON))
    assert len(voucher_pdf([voucher_sheet(motif=photograph)], NOON)) - plain < 1.1 * len(
        photograph.content
    )


def test_a_hostile_text_for_those_who_do_not_see_it_is_only_text(voucher_sheet: Sheet) -> None:
    motif = MotifPicture(content=drawing("town", "#1b5e3f"), media_type="image/svg+xml", alt='#x"]')
    page = printed(voucher_sheet(motif=motif))
    assert next(tag.alt for tag in page.tags() if tag.kind == "Figure") == '#x"]'
