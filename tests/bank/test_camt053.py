"""Bank statements: what is read of them, and what is refused."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from bank_messages import (
    PAYER_IBAN,
    TRUST_IBAN,
    Booking,
    Sheet,
    Version,
    message,
    messages,
    zipped,
)
from hypothesis import given
from hypothesis import strategies as st

from gutschein.bank.bank_statement import Entry, Statement
from gutschein.bank.camt053 import read_camt053
from gutschein.bank.statement_file import MOST_BYTES, read_statements
from gutschein.kernel.errors import Refusal

BOTH = pytest.mark.parametrize("version", ["02", "08"])
ORDER = Booking(
    cents=25_00,
    text=("Gutschein für Oma", "RF34 0000 0042"),
    reference="RF34 0000 0042",
    end_to_end="MEINE-7",
    bank_reference="2026120400123",
)


def read(*bookings: Booking, **changes: Any) -> Statement:
    [statement] = read_camt053(message(*bookings, **changes))
    return statement


def entries(*bookings: Booking, **changes: Any) -> tuple[Entry, ...]:
    return read(*bookings, **changes).entries


def code_of(file: bytes) -> str:
    with pytest.raises(Refusal) as refused:
        read_statements(file)
    return refused.value.code


def changed(old: bytes, new: bytes) -> bytes:
    file = message(ORDER)
    assert old in file
    return file.replace(old, new)


@BOTH
def test_a_credit_transfer_says_who_paid_what_for(version: Version) -> None:
    statement = read(ORDER, version=version)
    assert statement == Statement(
        id="2026-245",
        sequence_number=245,
        iban=TRUST_IBAN,
        from_day=date(2026, 12, 4),
        to_day=date(2026, 12, 4),
        opening_cents=1_000_00,
        closing_cents=1_025_00,
        entries=(
            Entry(
                amount_cents=25_00,
                is_credit=True,
                is_reversal=False,
                booked_on=date(2026, 12, 4),
                value_on=date(2026, 12, 4),
                bank_reference="2026120400123",
                end_to_end_id="MEINE-7",
                structured_reference="RF3400000042",
                remittance=("Gutschein für Oma", "RF34 0000 0042"),
                party_name="Erika Beispiel",
                party_iban=PAYER_IBAN,
            ),
        ),
    )


@BOTH
def test_money_that_went_out_is_a_debit_to_its_payee(version: Version) -> None:
    paid_out = Booking(cents=-12_05, name="Kerstin Beispiel", text=("Abrechnung 7",))
    statement = read(ORDER, paid_out, version=version)
    credit, debit = statement.entries
    assert (credit.is_credit, debit.is_credit) == (True, False)
    assert (debit.amount_cents, debit.signed_cents) == (12_05, -12_05)
    assert (debit.party_name, debit.party_iban) == ("Kerstin Beispiel", PAYER_IBAN)
    assert (statement.entries_cents, statement.closing_cents) == (12_95, 1_012_95)


@BOTH
@pytest.mark.parametrize("status", ["PDNG", "INFO"])
def test_what_is_not_booked_does_not_count(version: Version, status: str) -> None:
    waiting = Booking(cents=99_00, status=status)
    statement = read(ORDER, waiting, version=version)
    assert [each.amount_cents for each in statement.entries] == [25_00]
    assert statement.closing_cents == 1_025_00


@BOTH
def test_the_payments_of_a_collective_entry_are_told_apart(version: Version) -> None:
    first = Booking(cents=25_00, reference="RF3400000042", name="Erika Beispiel")
    second = Booking(cents=50_00, text=("RF07 0000 0043",), name="Max Muster")
    both = Booking(cents=75_00, parts=(first, second), bank_reference="SAMMEL-1")
    read_ = entries(both, version=version)
    assert [(e.amount_cents, e.party_name) for e in read_] == [
        (25_00, "Erika Beispiel"),
        (50_00, "Max Muster"),
    ]
    assert [e.structured_reference for e in read_] == ["RF3400000042", ""]
    assert {e.bank_reference for e in read_} == {"SAMMEL-1"}
    assert not any(e.is_lump for e in read_)


def test_a_fee_that_the_bank_took_off_a_collective_entry_is_a_debit_of_its_own() -> None:
    parts = (Booking(cents=25_00), Booking(cents=-50, name="Sparkasse"))
    read_ = entries(Booking(cents=24_50, parts=parts))
    assert [e.signed_cents for e in read_] == [25_00, -50]


@BOTH
@pytest.mark.parametrize(
    "parts",
    [
        (Booking(cents=25_00, text=("RF34 0000 0042",)), Booking(cents=49_00)),
        (
            Booking(cents=25_00, text=("RF34 0000 0042",), tells_amount=False),
            Booking(cents=50_00, tells_amount=False),
        ),
    ],
)
def test_a_collective_entry_that_does_not_add_up_stays_one(
    version: Version, parts: tuple[Booking, ...]
) -> None:
    (lump,) = entries(Booking(cents=75_00, parts=parts), version=version)
    assert (lump.amount_cents, lump.is_lump) == (75_00, True)
    assert (lump.remittance, lump.structured_reference) == (("RF34 0000 0042",), "")


@BOTH
def test_a_payment_that_came_back_says_why_and_from_whom(version: Version) -> None:
    """The bank names both sides as they stood in what the town had paid out."""
    back = Booking(cents=12_05, return_reason="AC04")
    file = message(back, version=version)
    name = b"<Dbtr><Pty><Nm>" if version == "08" else b"<Dbtr><Nm>"
    closed = b"</Nm></Pty></Dbtr>" if version == "08" else b"</Nm></Dbtr>"
    creditor = file.replace(b"Dbtr", b"Cdtr").partition(b"<RltdPties>")[2]
    creditor = creditor.partition(b"</RltdPties>")[0]
    own = name + b"Stadt" + closed
    own += f"<DbtrAcct><Id><IBAN>{TRUST_IBAN}</IBAN></Id></DbtrAcct>".encode()
    begin, _, rest = file.partition(b"<RltdPties>")
    rest = rest.partition(b"</RltdPties>")[2]
    file = begin + b"<RltdPties>" + own + creditor + b"</RltdPties>" + rest
    [statement] = read_camt053(file)
    [entry] = statement.entries
    assert (entry.return_reason, entry.party_name) == ("AC04", "Erika Beispiel")
    assert entry.party_iban == PAYER_IBAN


def test_the_banks_own_word_for_a_return_is_understood() -> None:
    file = message(ORDER).replace(b"<SubFmlyCd>ESCT<", b"<SubFmlyCd>RRTN<")
    assert read_camt053(file)[0].entries[0].return_reason == "RRTN"


def test_a_reversal_is_marked() -> None:
    assert entries(Booking(cents=-25_00, is_reversal=True))[0].is_reversal


def test_what_the_bank_adds_is_read_where_the_payer_said_nothing() -> None:
    told, said = entries(
        Booking(cents=25_00, told="Bargeldeinzahlung"),
        Booking(cents=25_00, text=("Danke",), told="Gutschrift"),
    )
    assert (told.remittance, said.remittance) == (("Bargeldeinzahlung",), ("Danke",))


def test_an_entry_without_details_is_read_too() -> None:
    begin, _, rest = message(ORDER).partition(b"<NtryDtls>")
    file = begin + rest.partition(b"</NtryDtls>")[2]
    [entry] = read_camt053(file)[0].entries
    assert (entry.amount_cents, entry.party_name, entry.remittance) == (25_00, "", ())


def test_what_moved_nothing_is_left_out() -> None:
    assert entries(Booking(cents=0, text=("Rechnungsabschluss",)), ORDER)[0].amount_cents == 25_00


def test_a_day_without_entries_is_a_statement() -> None:
    statement = read()
    assert (statement.entries, statement.opening_cents) == ((), statement.closing_cents)


@pytest.mark.parametrize("no_reference", ["NONREF", "NOTPROVIDED", "notprovided"])
def test_what_banks_write_for_no_reference_is_none(no_reference: str) -> None:
    booking = Booking(cents=1, bank_reference=no_reference, end_to_end=no_reference)
    assert entries(booking)[0].bank_reference == entries(booking)[0].end_to_end_id == ""


def test_an_overdrawn_account_has_balances_below_zero() -> None:
    statement = read(ORDER, opening=-30_00)
    assert (statement.opening_cents, statement.closing_cents) == (-30_00, -5_00)


def test_without_limits_the_days_are_those_of_the_entries_and_of_the_balance() -> None:
    early = Booking(cents=1, day="2026-12-02")
    statement = read(early, ORDER, days=None)
    assert (statement.from_day, statement.to_day) == (date(2026, 12, 2), date(2026, 12, 4))


def test_an_instant_is_of_the_day_it_was_in_germany() -> None:
    file = changed(b"<BookgDt><Dt>2026-12-04</Dt>", b"<BookgDt><DtTm>2026-12-03T23:30:00Z</DtTm>")
    assert read_camt053(file)[0].entries[0].booked_on == date(2026, 12, 4)
    file = changed(b"<BookgDt><Dt>2026-12-04<", b"<BookgDt><Dt>2026-12-04+01:00<")
    assert read_camt053(file)[0].entries[0].booked_on == date(2026, 12, 4)


def test_a_page_of_a_longer_statement_begins_and_ends_with_interim_balances() -> None:
    file = message(ORDER).replace(b"PRCD", b"ITBD").replace(b"CLBD", b"ITBD")
    assert read_camt053(file)[0].closing_cents == 1_025_00


def test_text_is_one_line_and_steers_nothing() -> None:
    booking = Booking(cents=1, name="  Erika\u202e \n Beispiel\t", text=("a  b",))
    [entry] = entries(booking)
    assert (entry.party_name, entry.remittance) == ("Erika Beispiel", ("a b",))


def test_script_in_the_text_stays_text() -> None:
    words = "<script>alert('1 & 2')</script>"
    assert entries(Booking(cents=1, text=(words,)))[0].remittance == (words,)


def test_several_statements_of_one_message_and_of_a_zip() -> None:
    first, second = Sheet([ORDER]), Sheet([], id="2026-246", opening=1_025_00, sequence=None)
    both = messages(first, second)
    assert [each.id for each in read_statements(both)] == ["2026-245", "2026-246"]
    assert [each.sequence_number for each in read_statements(both)] == [245, None]
    assert read_statements(zipped(messages(first), messages(second))) == read_statements(both)


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        (b"<Id>2026-245</Id>", b"", "Stmt 1, Id"),
        (b"<Sts><Cd>BOOK</Cd></Sts>", b"", "Stmt 1 Ntry 1, Sts/Cd | Sts"),
        (b"<CdtDbtInd>CRDT</CdtDbtInd><Sts>", b"<Sts>", "Stmt 1 Ntry 1, CdtDbtInd"),
        (b"CRDT</CdtDbtInd><Sts>", b"BOTH</CdtDbtInd><Sts>", "Stmt 1 Ntry 1, CdtDbtInd"),
        (b'<Ntry><Amt Ccy="EUR">25.00</Amt>', b"<Ntry>", "Stmt 1 Ntry 1, Amt"),
        (b'<Ntry><Amt Ccy="EUR">25.00', b'<Ntry><Amt Ccy="EUR">25.005', "Stmt 1 Ntry 1, Amt"),
        (b'<Ntry><Amt Ccy="EUR">25.00', b'<Ntry><Amt Ccy="EUR">-25.00', "Stmt 1 Ntry 1, Amt"),
        (b'<Ntry><Amt Ccy="EUR">25.00', b'<Ntry><Amt Ccy="EUR">25,00', "Stmt 1 Ntry 1, Amt"),
        (b'<Ntry><Amt Ccy="EUR">25.00', b'<Ntry><Amt Ccy="EUR">1e9', "Stmt 1 Ntry 1, Amt"),
        (b'<Ntry><Amt Ccy="EUR">25.00', b'<Ntry><Amt Ccy="EUR">NaN', "Stmt 1 Ntry 1, Amt"),
        (
            b'<Ntry><Amt Ccy="EUR">25.00',
            b'<Ntry><Amt Ccy="EUR">999999999999999999',
            "Stmt 1 Ntry 1, Amt",
        ),
        (b"<BookgDt><Dt>2026-12-04", b"<BookgDt><Dt>2026-02-30", "Stmt 1 Ntry 1, BookgDt"),
        (b"<BookgDt><Dt>2026-12-04</Dt>", b"<BookgDt>", "Stmt 1 Ntry 1, BookgDt"),
        (
            b"<BookgDt><Dt>2026-12-04</Dt>",
            b"<BookgDt><DtTm>9999-12-31T23:59:59Z</DtTm>",
            "Stmt 1 Ntry 1, BookgDt",
        ),
        (b"FrDtTm>2026-12-04T", b"FrDtTm>2026-12-05T", "Stmt 1, FrToDt"),
        (b"FrDtTm>2026-12-04T", b"FrDtTm>gestern T", "Stmt 1, FrToDt/FrDtTm"),
        (b"PRCD", b"OTHR", "Stmt 1, Bal OPBD | PRCD | ITBD"),
        (b"CLBD", b"CLAV", "Stmt 1, Bal CLBD | ITBD"),
        (b">245<", b">zwei<", "Stmt 1, ElctrncSeqNb | LglSeqNb"),
        (TRUST_IBAN.encode(), b"DE89370400440532013001", "Stmt 1, Acct/Id/IBAN"),
    ],
)
def test_what_is_missing_or_does_not_fit_is_named(old: bytes, new: bytes, place: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_statements(changed(old, new))
    assert (refused.value.code, refused.value.params["reason"]) == (
        "bank_statement.invalid",
        place,
    )


@pytest.mark.parametrize("closing", [1_025_01, 1_024_99, 975_00, 0])
def test_balances_that_the_entries_do_not_explain_are_refused(closing: int) -> None:
    with pytest.raises(Refusal) as refused:
        read_statements(message(ORDER, closing=closing))
    assert refused.value.code == "bank_statement.sums"
    assert refused.value.params["expected"] == "1.025,00 €"


def test_another_currency_is_refused() -> None:
    assert code_of(changed(b"<Ccy>EUR<", b"<Ccy>CZK<")) == "bank_statement.currency"
    assert code_of(changed(b'Ccy="EUR"', b'Ccy="CZK"')) == "bank_statement.currency"
    assert code_of(changed(b' Ccy="EUR"', b"")) == "bank_statement.currency"


def test_what_was_paid_in_another_currency_is_still_one_entry() -> None:
    parts = (Booking(cents=25_00), Booking(cents=50_00))
    file = message(Booking(cents=75_00, parts=parts))
    file = file.replace(
        b'<TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><Amt Ccy="EUR">',
        b'<TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><Amt Ccy="CZK">',
    )
    assert read_camt053(file)[0].entries[0].is_lump


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"Saldo;Betrag\n1;2\n",
        b"<html/>",
        b"<Document/>",
        message(ORDER)[:-20],
        message(ORDER).replace(b"camt.053.001.08", b"camt.052.001.08"),
        message(ORDER).replace(b"camt.053.001.08", b"camt.053.001.06"),
        messages(),
        zipped(),
        zipped(b"<html/>"),
        zipped(message(ORDER), zipped(message(ORDER))),
        b"PK\x03\x04" + b"x" * 100,
    ],
    ids=range(12),
)
def test_what_is_no_statement_is_refused(file: bytes) -> None:
    assert code_of(file) == "bank_statement.format"


def test_a_damaged_zip_and_a_locked_one_are_refused() -> None:
    good = zipped(message(ORDER))
    place = good.index(b"EUR.xml") + 40
    assert code_of(good[:place] + b"\0\0\0\0" + good[place + 4 :]) == "bank_statement.format"
    locked = bytearray(good)
    locked[good.index(b"PK\x01\x02") + 8] |= 1
    assert code_of(bytes(locked)) == "bank_statement.format"


@pytest.mark.parametrize(
    "declaration",
    [
        b'<!DOCTYPE Document SYSTEM "file:///etc/passwd">',
        b'<!DOCTYPE Document [<!ENTITY a "Erika">]>',
        b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
        b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>',
    ],
)
def test_a_document_type_declaration_is_refused(declaration: bytes) -> None:
    assert code_of(changed(b"\n<Document", b"\n" + declaration + b"<Document")) == (
        "bank_statement.format"
    )


def test_a_file_beyond_the_limit_is_refused_before_it_is_unpacked_whole() -> None:
    pack = BytesIO()
    with zipfile.ZipFile(pack, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in "ab":
            archive.writestr(name, b" " * (MOST_BYTES - 1))
    assert len(pack.getvalue()) < MOST_BYTES / 100
    assert code_of(pack.getvalue()) == "request.too_large"
    assert code_of(b" " * (MOST_BYTES + 1)) == "request.too_large"


BOOKINGS = st.builds(
    Booking,
    cents=st.integers(-(10**9), 10**9).filter(bool),
    text=st.lists(st.text("abc RF0123 äß<&>'\"", max_size=30), max_size=3).map(tuple),
    name=st.text("Erika &<", max_size=20),
    bank_reference=st.sampled_from(["", "NONREF", "A1", "A2"]),
    is_reversal=st.booleans(),
)


@given(
    st.lists(BOOKINGS, max_size=5), st.integers(-(10**12), 10**12), st.sampled_from(["02", "08"])
)
def test_whatever_the_bank_booked_leads_from_balance_to_balance(
    bookings: list[Booking], opening: int, version: Version
) -> None:
    statement = read(*bookings, opening=opening, version=version)
    assert [each.signed_cents for each in statement.entries] == [each.cents for each in bookings]
    assert statement.opening_cents + statement.entries_cents == statement.closing_cents


@given(st.data())
def test_a_statement_that_was_tampered_with_is_read_or_refused_and_never_breaks(
    data: st.DataObject,
) -> None:
    file = bytearray(message(ORDER, Booking(cents=-1_00)))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(file) - 1))
        file[place] = data.draw(st.integers(0, 255))
    with suppress(Refusal):
        for each in read_statements(bytes(file)):
            assert each.opening_cents + each.entries_cents == each.closing_cents
