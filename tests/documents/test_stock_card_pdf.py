"""A voucher printed for stock: one page, with what the issuing point needs apart."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace
from printed_page import NOON, URL, Printed

from gutschein.documents.voucher_pdf import ForSale, VoucherSheet, voucher_pdf
from gutschein.signing.code import format_code
from gutschein.signing.qr import activation_matrix, qr_matrix

ACTIVATION = format_code(bytes(10))
FOR_SALE = ForSale(
    activation_text=ACTIVATION,
    activation_matrix=activation_matrix(ACTIVATION),
    sell_until=date(2027, 12, 31),
    years=3,
)
SHEET = VoucherSheet(
    town_name="Zwönitz",
    region_name="Erzgebirge",
    programme_name="Stadtgutschein Zwönitz",
    value_cents=25_00,
    code_text="ABCD-EFGH-JKMN-PQRS-T",
    qr_url=URL,
    qr_matrix=qr_matrix(URL),
    valid_until=date(2030, 12, 31),
    serial="000101",
    accepted_in=["Zwönitz", "Schneeberg"],
    issuer_lines=["Stadt Zwönitz", "Markt 3", "08297 Zwönitz"],
    brand_colour="#0b5d3b",
    for_sale=FOR_SALE,
)


def printed(sheet: VoucherSheet) -> Printed:
    return Printed(voucher_pdf([sheet], NOON))


def test_the_last_day_is_said_as_it_will_follow_from_the_sale() -> None:
    said = printed(SHEET).text()
    assert "31.12., 3 Jahre nach dem Kaufjahr" in said
    assert "31.12.2030" not in said
    assert "Zu verkaufen bis 31.12.2027" in said
    assert ACTIVATION in said
    assert "Freischaltcode für die Ausgabestelle" in said


def test_one_whose_value_is_open_shows_none_and_leaves_room_for_it() -> None:
    for partial in (True, False):
        sheet = replace(
            SHEET, for_sale=replace(FOR_SALE, value_is_open=True), partial_redemption=partial
        )
        said = printed(sheet).text()
        assert "Nach Wahl" in said
        assert "€" not in said
        assert "Verkauft am" in said


def test_in_english() -> None:
    said = printed(replace(SHEET, language="en")).text()
    assert "Activation code for the issuing point" in said
    assert "3 years after the year of sale" in said


@pytest.mark.parametrize("towns", [1, 12])
def test_it_stays_on_one_page(towns: int) -> None:
    sheet = replace(
        SHEET,
        accepted_in=["Annaberg-Buchholz"] * towns,
        programme_name="Sondergutschein zur Eröffnung des Weihnachtsmarktes",
        message="Frohe Weihnachten!\nDeine Oma",
    )
    assert len(printed(sheet)) == 1


def test_one_that_is_sold_says_nothing_of_it() -> None:
    said = printed(replace(SHEET, for_sale=None)).text()
    assert "31.12.2030" in said
    assert "Freischaltcode" not in said
