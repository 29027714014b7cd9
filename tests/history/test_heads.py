"""Heads that were sent out: whoever kept one can tell that history was written anew."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from rows_by_hand import NOW, Ledger
from sqlalchemy import text

from gutschein.auditor.findings import Finding
from gutschein.auditor.heads import KeptHead, NoHeads, heads_check, read_heads
from gutschein.db.access import AUDITOR, JOBS
from gutschein.db.unit_of_work import Database
from gutschein.history import block_repository
from gutschein.history.heads import heads_mail
from gutschein.history.jobs import seal, send_heads
from gutschein.kernel.clock import berlin_day
from gutschein.mail.message import compose
from gutschein.signing.service_keys import PURPOSES, ServiceKeys

AGO = NOW - timedelta(hours=1)
TO = "kaemmerei@example.org"
SENDER = "gutschein@example.org"


@pytest.fixture
def keys() -> ServiceKeys:
    return ServiceKeys(dict.fromkeys(PURPOSES, bytes(32)))


async def mail_of(database: Database, ledger: Ledger) -> bytes:
    """Let something happen and be sealed, and return the mail about it."""
    await ledger.transfer(AGO)
    await ledger.log(AGO)
    await ledger.log(AGO, ledger.region_id)
    await seal(database, NOW)
    async with database.acting(JOBS).reading() as work:
        mail = heads_mail(await block_repository.heads(work), TO, berlin_day(NOW))
    return compose(mail, SENDER, UUID(int=7), NOW)


async def compared(database: Database, heads: list[KeptHead]) -> list[Finding]:
    async with database.acting(AUDITOR).reading() as work:
        outcome = await heads_check(heads).run(work, None, NOW, None)
    assert outcome is not None
    return outcome[0]


async def test_the_mail_names_every_chain_with_its_last_block(
    fresh_database: Database, ledger: Ledger
) -> None:
    mail = await mail_of(fresh_database, ledger)
    await seal(fresh_database, NOW + timedelta(days=2))
    heads = read_heads(mail)
    chains = {(head.chain_id, head.kind) for head in heads}
    assert chains == {
        (ledger.region_id, "log"),
        *(
            (town, kind)
            for town in (ledger.town_id, ledger.other_town_id)
            for kind in ("log", "transfer")
        ),
    }
    (first, _) = await ledger.blocks("transfer")
    assert KeptHead(ledger.town_id, "transfer", 1, first["hash"]) in heads
    words = mail.decode()
    for said in (
        "Zw=C3=B6nitz: Buchungen / transfers",
        "Schneeberg: Protokoll / log",
        "05.12.2026",
        "up to 2026-12-05T08:55:00Z",
        "gutschein audit --heads",
    ):
        assert said in words
    assert max(map(len, words.splitlines())) <= 78
    assert await compared(fresh_database, heads) == []


async def test_a_saved_mail_is_read_however_its_program_keeps_it(
    fresh_database: Database, ledger: Ledger
) -> None:
    mail = await mail_of(fresh_database, ledger)
    wanted = read_heads(mail)
    assert len(wanted) == 5
    async with fresh_database.acting(JOBS).reading() as work:
        text_alone = heads_mail(await block_repository.heads(work), TO, berlin_day(NOW)).text
    quoted = "".join(f"> {line}\r\n" for line in text_alone.splitlines())
    narrow = text_alone.replace(": ", ":\n  ")
    for kept in (text_alone, quoted, narrow, f"Am Samstag schrieb jemand:\n{quoted}"):
        assert read_heads(kept.encode()) == wanted


@pytest.mark.parametrize(
    "other", [b"", b"Subject: Guten Tag\r\n\r\nNichts.\r\n", bytes(range(256))]
)
def test_another_mail_is_no_proof_of_anything(other: bytes) -> None:
    with pytest.raises(NoHeads):
        read_heads(other)


async def test_history_that_is_written_anew_is_told_by_chain_and_block(
    fresh_database: Database, ledger: Ledger
) -> None:
    heads = read_heads(await mail_of(fresh_database, ledger))
    # Somebody with all rights rewrites a transfer and seals everything anew, without a fault.
    await ledger.connection.execute("UPDATE transfer SET amount_cents = 99900")
    await ledger.connection.execute("DELETE FROM history_block WHERE kind = 'transfer'")
    await seal(fresh_database, NOW)
    (finding,) = await compared(fresh_database, heads)
    assert (finding.check, finding.town_id, finding.row_id) == (
        "heads",
        ledger.town_id,
        "transfer block 1",
    )
    assert "Zwönitz was written anew" in finding.sentence


async def test_a_chain_that_was_cut_off_is_told(fresh_database: Database, ledger: Ledger) -> None:
    heads = read_heads(await mail_of(fresh_database, ledger))
    await ledger.connection.execute(
        "DELETE FROM history_block WHERE chain_id = $1", ledger.region_id
    )
    (finding,) = await compared(fresh_database, heads)
    assert finding.town_id is None
    assert finding.sentence == (
        "The log history of Erzgebirge was written anew: block 1, whose hash was sent out, is gone."
    )


async def test_the_mail_goes_out_once_a_german_day(
    fresh_database: Database, ledger: Ledger, keys: ServiceKeys
) -> None:
    assert not await send_heads(fresh_database, keys, TO, NOW)  # there is nothing to tell
    await ledger.log(AGO)
    await seal(fresh_database, NOW)
    assert await send_heads(fresh_database, keys, TO, NOW)
    last_of_the_day = NOW.replace(hour=22, minute=59)
    assert not await send_heads(fresh_database, keys, TO, last_of_the_day)
    assert await send_heads(fresh_database, keys, TO, last_of_the_day + timedelta(minutes=1))
    async with fresh_database.acting(JOBS).reading() as work:
        assert await work.scalar(text("SELECT count(*) FROM mail_outbox")) == 2
