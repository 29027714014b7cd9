from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st
from schwifty import IBAN

from gutschein.bank.pain001 import write_pain001
from gutschein.bank.pain001_reading import read_pain001, validate_pain001
from gutschein.bank.payout_order import (
    LARGEST_TRANSFER_CENTS,
    MOST_TRANSFERS,
    CreditTransfer,
    PayoutOrder,
    PostalAddress,
)
from gutschein.kernel.errors import Refusal

GOLDEN = Path(__file__).parent / "golden" / "zwoenitz.xml"


def german_iban(account: int) -> str:
    return str(IBAN.generate("DE", bank_code="87054000", account_code=f"{account:010d}"))


BAKERY = CreditTransfer(
    end_to_end_id="14521/2026-10/0001",
    amount_cents=123_450,
    creditor_name="Bäckerei Müller & Söhne GbR",
    creditor_iban=german_iban(1_234_567_890),
    remittance="Stadtgutschein Zwönitz, Abrechnung 14521/2026-10/0001 \u2013 vielen Dank!",
    creditor_address=PostalAddress(
        street="Große Straße",
        house_number="5 ½",
        postcode="08297",
        town_name="Zwönitz",
        country="DE",
    ),
)
BOOKSHOP = CreditTransfer(
    end_to_end_id="14521/2026-10/0002",
    amount_cents=7,
    creditor_name="Łukasz Žďárský",
    creditor_iban=str(IBAN.generate("CZ", bank_code="0800", account_code="2000145399")),
    remittance="Abrechnung 14521/2026-10/0002",
)
ZWOENITZ = PayoutOrder(
    message_id="14521-2026-10",
    payment_information_id="14521-2026-10-A",
    created_at=datetime(2026, 11, 2, 7, 30, 15, tzinfo=UTC),
    requested_on=date(2026, 11, 4),
    debtor_name="Stadt Zwönitz, Treuhandkonto Stadtgutschein",
    debtor_iban=german_iban(3_000_000_001),
    debtor_bic=None,
    transfers=(BAKERY, BOOKSHOP),
)

# "A" in front: the rules for text with no letter at all have tests of their own.
names = st.text(max_size=200).map("A".__add__)
transfers = st.builds(
    CreditTransfer,
    end_to_end_id=st.from_regex(
        r"[A-Za-z0-9+?:().,'-]([A-Za-z0-9+?:().,' -]{0,33}[A-Za-z0-9])?", fullmatch=True
    ),
    amount_cents=st.integers(1, LARGEST_TRANSFER_CENTS),
    creditor_name=names,
    creditor_iban=st.integers(0, 10**10 - 1).map(german_iban),
    remittance=names,
    creditor_address=st.none()
    | st.builds(
        PostalAddress,
        street=st.none() | names,
        house_number=st.none() | names,
        postcode=st.none() | names,
        town_name=names,
        country=st.sampled_from(["DE", "CZ", "PL"]),
    ),
)
orders = st.builds(
    PayoutOrder,
    message_id=st.just("M-1"),
    payment_information_id=st.just("P-1"),
    created_at=st.datetimes(ZWOENITZ.created_at.replace(tzinfo=None), timezones=st.just(UTC)),
    requested_on=st.dates(date(2026, 1, 1), date(2099, 1, 1)),
    debtor_name=names,
    debtor_iban=st.just(ZWOENITZ.debtor_iban),
    debtor_bic=st.none() | st.sampled_from(["WELADED1STB", "COBADEFF"]),
    transfers=st.lists(
        transfers, min_size=1, max_size=5, unique_by=lambda transfer: transfer.end_to_end_id
    ).map(tuple),
)


def refusal_of(order: PayoutOrder) -> Refusal:
    with pytest.raises(Refusal) as refused:
        write_pain001(order)
    return refused.value


def paying(**changes: Any) -> PayoutOrder:
    """The order of Zwönitz with its first transfer changed."""
    return replace(ZWOENITZ, transfers=(replace(BAKERY, **changes), BOOKSHOP))


def test_the_file_of_zwoenitz_is_known_to_the_last_byte() -> None:
    assert write_pain001(ZWOENITZ) == GOLDEN.read_bytes()


def test_two_validators_accept_the_file_of_zwoenitz() -> None:
    assert validate_pain001(GOLDEN.read_bytes()) == []
    schema = files("sepaxml") / "schemas" / "pain.001.001.09.xsd"
    xmlschema.XMLSchema(str(schema)).validate(str(GOLDEN))


def test_what_zwoenitz_pays() -> None:
    # 1,234.50 EUR for the bakery and 0.07 EUR for the bookshop
    file = read_pain001(GOLDEN.read_bytes())
    assert (file.count, file.control_sum_cents) == (2, 123_457)
    assert (file.batch_count, file.batch_sum_cents) == (2, 123_457)
    assert file.end_to_end_ids == ("14521/2026-10/0001", "14521/2026-10/0002")
    bakery = file.order.transfers[0]
    assert bakery.creditor_name == "Baeckerei Mueller + Soehne GbR"
    assert bakery.remittance == (
        "Stadtgutschein Zwoenitz, Abrechnung 14521/2026-10/0001 - vielen Dank"
    )
    assert bakery.creditor_address is not None
    assert bakery.creditor_address.street == "Grosse Strasse"


@given(orders)
def test_every_order_makes_a_valid_file_that_pays_exactly_what_was_ordered(
    order: PayoutOrder,
) -> None:
    xml = write_pain001(order)
    assert validate_pain001(xml) == []
    file = read_pain001(xml)
    assert file.count == file.batch_count == len(order.transfers)
    assert file.control_sum_cents == file.batch_sum_cents == order.control_sum_cents
    paid = [(t.end_to_end_id, t.creditor_iban, t.amount_cents) for t in file.order.transfers]
    assert paid == [(t.end_to_end_id, t.creditor_iban, t.amount_cents) for t in order.transfers]
    assert file.order.debtor_iban == order.debtor_iban
    assert file.order.debtor_bic == order.debtor_bic
    assert file.order.created_at == order.created_at.replace(microsecond=0)
    assert file.order.requested_on == order.requested_on
    assert b"AdrLine" not in xml


@given(orders)
def test_a_file_that_is_read_and_written_again_is_the_same_file(order: PayoutOrder) -> None:
    xml = write_pain001(order)
    assert write_pain001(read_pain001(xml).order) == xml


def test_the_creation_time_is_written_in_utc_on_a_24_hour_clock() -> None:
    berlin_winter = timezone(timedelta(hours=1))
    afternoon = datetime(2026, 11, 2, 15, 4, 5, 999_999, tzinfo=berlin_winter)
    xml = write_pain001(replace(ZWOENITZ, created_at=afternoon))
    assert b"<CreDtTm>2026-11-02T14:04:05Z</CreDtTm>" in xml


def test_a_creation_time_without_a_zone_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="time zone"):
        write_pain001(replace(ZWOENITZ, created_at=ZWOENITZ.created_at.replace(tzinfo=None)))


def test_an_account_without_bic_is_paid_by_iban_alone() -> None:
    assert b"<Id>NOTPROVIDED</Id>" in write_pain001(ZWOENITZ)
    with_bic = write_pain001(replace(ZWOENITZ, debtor_bic="WELADED1STB"))
    assert b"NOTPROVIDED" not in with_bic
    assert b"<BICFI>WELADED1STB</BICFI>" in with_bic


def test_one_batch_under_the_sepa_scheme_with_shared_charges() -> None:
    xml = write_pain001(ZWOENITZ).decode()
    compact = re.sub(r">\s+<", "><", xml)
    assert compact.count("<PmtInf>") == 1
    assert "<PmtMtd>TRF</PmtMtd><BtchBookg>true</BtchBookg>" in compact
    assert "<SvcLvl><Cd>SEPA</Cd></SvcLvl>" in compact
    assert "<ChrgBr>SLEV</ChrgBr>" in compact


def test_a_creditor_without_address_has_none_in_the_file() -> None:
    assert b"PstlAdr" not in write_pain001(replace(ZWOENITZ, transfers=(BOOKSHOP,)))


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("<script>alert(1)</script>", "script alert(1) /script"),
        ("</Nm><Nm>Mallory", "Nm Nm Mallory"),
        ("]]>&amp;&#x41;", "+amp + x41"),
        ("Rosi\U0001f339Blumen", "Rosi Blumen"),
        ("中文 Laden", "Laden"),
        ("ü" * 500, "ue" * 35),
        ("//Laden//", "Laden"),
        ("-Laden", "Laden"),
        ("Laden\x00\ud800", "Laden"),
    ],
)
def test_a_hostile_name_is_only_a_name(name: str, written: str) -> None:
    xml = write_pain001(paying(creditor_name=name))
    assert validate_pain001(xml) == []
    assert read_pain001(xml).order.transfers[0].creditor_name == written


def test_every_text_is_cut_to_what_its_field_carries() -> None:
    long = "x" * 500
    address = PostalAddress(
        street=long, house_number=long, postcode=long, town_name=long, country="DE"
    )
    order = paying(creditor_name=long, remittance=long, creditor_address=address)
    xml = write_pain001(replace(order, debtor_name=long))
    assert validate_pain001(xml) == []
    written = read_pain001(xml).order
    creditor = written.transfers[0]
    assert [len(written.debtor_name), len(creditor.creditor_name)] == [70, 70]
    assert len(creditor.remittance) == 140
    address = creditor.creditor_address or address
    parts = (address.street, address.house_number, address.postcode, address.town_name)
    assert [len(part or "") for part in parts] == [70, 16, 16, 35]


@pytest.mark.parametrize(
    "changes",
    [
        {"creditor_name": "中文商店"},
        {"creditor_name": ""},
        {"remittance": "\U0001f339"},
        {
            "creditor_address": PostalAddress(
                street=None, house_number=None, postcode="08297", town_name="", country="DE"
            )
        },
    ],
)
def test_text_that_would_end_empty_is_refused(changes: dict[str, Any]) -> None:
    assert refusal_of(paying(**changes)).code == "sepa_text.empty"


def test_a_debtor_without_a_name_is_refused() -> None:
    assert refusal_of(replace(ZWOENITZ, debtor_name=" ")).code == "sepa_text.empty"


def test_an_order_without_transfers_is_refused() -> None:
    assert refusal_of(replace(ZWOENITZ, transfers=())).code == "payout_file.empty"


def test_more_transfers_than_a_bank_takes_are_refused() -> None:
    crowd = replace(ZWOENITZ, transfers=(BAKERY,) * (MOST_TRANSFERS + 1))
    assert refusal_of(crowd).message("de") == (
        "Höchstens 50000 Zahlungen je Datei. Bitte aufteilen."
    )


@pytest.mark.parametrize("amount_cents", [0, -1, LARGEST_TRANSFER_CENTS + 1, 12.5, True, "100"])
def test_an_amount_no_transfer_can_carry_is_refused(amount_cents: Any) -> None:
    refusal = refusal_of(paying(amount_cents=amount_cents))
    assert refusal.code == "payout_file.amount_invalid"
    assert refusal.message("de") == (
        "Zahlung 14521/2026-10/0001: Der Betrag muss zwischen 0,01 € und 999.999.999,99 € liegen."
    )


def test_the_largest_and_the_smallest_amount_pass() -> None:
    xml = write_pain001(
        replace(
            ZWOENITZ,
            transfers=(
                replace(BAKERY, amount_cents=LARGEST_TRANSFER_CENTS),
                replace(BOOKSHOP, amount_cents=1),
            ),
        )
    )
    assert b'<InstdAmt Ccy="EUR">999999999.99</InstdAmt>' in xml
    assert b'<InstdAmt Ccy="EUR">0.01</InstdAmt>' in xml
    assert xml.count(b"<CtrlSum>1000000000.00</CtrlSum>") == 2
    assert validate_pain001(xml) == []


def test_two_transfers_with_one_reference_are_refused() -> None:
    refusal = refusal_of(paying(end_to_end_id=BOOKSHOP.end_to_end_id))
    assert (refusal.code, refusal.params) == (
        "payout_file.id_taken",
        {"id": "14521/2026-10/0002"},
    )


BAD_REFERENCES = ["", "X" * 36, "Ä-1", "a_b", "a\n", " a", "a ", "/a", "a/", "a//b", "#1", "\uff11"]


@pytest.mark.parametrize("reference", BAD_REFERENCES)
def test_a_reference_is_refused_rather_than_changed(reference: str) -> None:
    assert refusal_of(paying(end_to_end_id=reference)).code == "payout_file.id_invalid"
    assert refusal_of(replace(ZWOENITZ, message_id=reference)).code == "payout_file.id_invalid"
    renamed = replace(ZWOENITZ, payment_information_id=reference)
    assert refusal_of(renamed).code == "payout_file.id_invalid"


def test_a_reference_of_35_characters_passes() -> None:
    reference = "14521/2026-10/0001(+?:.,' " + "x" * 9
    assert len(reference) == 35
    file = read_pain001(write_pain001(paying(end_to_end_id=reference)))
    assert file.end_to_end_ids[0] == reference


def test_wrong_accounts_and_banks_are_refused() -> None:
    assert refusal_of(paying(creditor_iban="DE00")).code == "iban.invalid"
    assert refusal_of(replace(ZWOENITZ, debtor_iban="DE00")).code == "iban.invalid"
    assert refusal_of(replace(ZWOENITZ, debtor_bic="Sparkasse")).code == "bic.invalid"


@pytest.mark.parametrize("country", ["", "de", "DEU", "Ö1", "D\n"])
def test_a_country_is_two_capital_letters(country: str) -> None:
    address = PostalAddress(
        street=None, house_number=None, postcode=None, town_name="Zwönitz", country=country
    )
    refusal = refusal_of(paying(creditor_address=address))
    assert refusal.code == "payout_file.country_invalid"


def test_every_refusal_says_what_is_wrong_in_both_languages() -> None:
    for refusal in (
        refusal_of(replace(ZWOENITZ, debtor_bic="?")),
        refusal_of(paying(end_to_end_id="a//b")),
        refusal_of(paying(end_to_end_id=BOOKSHOP.end_to_end_id)),
        refusal_of(replace(ZWOENITZ, transfers=())),
    ):
        assert refusal.message("de") != refusal.message("en")
        assert "{" not in refusal.message("de") + refusal.message("en")
