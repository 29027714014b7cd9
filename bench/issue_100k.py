"""100,000 vouchers issued in one call, beside the longer of signing alone and COPY alone."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.batches import VALUE_CENTS, Issuer, in_a_process, most_memory, new_issuer
from bench.measure import ROUNDS, Benchmark, Further, Place, Round
from gutschein.db.access import Access
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database
from gutschein.kernel.clock import berlin_day, utc_now
from gutschein.kernel.ids import PaymentId
from gutschein.ledger.entries import Event
from gutschein.signing.code import new_code
from gutschein.signing.keyring import code_keys_of
from gutschein.signing.token import TokenClaims, expires_at_for, sign_token
from gutschein.vouchers.batch import Batch, make_part
from gutschein.vouchers.repository import list_vouchers

_COUNT = 100_000

#: Tables and their columns, in the order of the rows.
_COLUMNS = {
    "voucher": "town_id id batch_id programme_id serial kid code_hash sealed_code"
    " face_value_cents cap_cents valid_until state issued_at",
    "ledger_account": "town_id id kind owner_id guarded balance_cents opened_at",
    "transfer": "town_id id debit_account_id credit_account_id amount_cents event reference_id"
    " link_id booked_at booked_on",
}


def _run(place: Place) -> Iterator[Round]:
    count = int(_COUNT * place.share)
    issuer = new_issuer(place.database_url)
    for _ in range(ROUNDS):
        signing = _seconds_to_sign(count)
        pattern = asyncio.run(_smallest_batch(issuer))
        copying = asyncio.run(_seconds_to_copy(issuer, pattern, count))
        ours, megabytes = in_a_process(_seconds_to_issue, issuer, issuer.paid(count), count)
        yield Round(
            ours,
            max(signing, copying),
            (
                Further("signing alone, all cores", signing, "s"),
                Further("COPY alone", copying, "s"),
                Further("memory of the process", megabytes, "MB", at_most=300),
            ),
        )


def _seconds_to_issue(issuer: Issuer, payment_id: PaymentId, count: int) -> tuple[float, float]:
    """Issue a batch in the role of the service; return the seconds, and the megabytes at most."""

    async def issue() -> float:
        database = Database(create_engine(issuer.database_url), Access.town(issuer.town_id))
        async with database.reading():
            await _checkpoint(issuer.database_url)
        began = time.perf_counter()
        batch = await issuer.issued(database, payment_id, count)
        took = time.perf_counter() - began
        await database.close()
        if batch.order.voucher_count != count:
            raise AssertionError(f"{batch.order.voucher_count} vouchers were issued")
        return took

    return asyncio.run(issue()), most_memory()


def _seconds_to_sign(count: int) -> float:
    """Sign as many tokens, an equal share on each core, and nothing else."""
    cores = len(os.sched_getaffinity(0))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(cores, mp_context=context) as processes:
        return max(processes.map(_seconds_of_one_core, [count // cores] * cores))


def _seconds_of_one_core(count: int) -> float:
    private_key = Ed25519PrivateKey.generate()
    expires_at = expires_at_for(berlin_day(utc_now()))
    claims = [TokenClaims(new_code(), VALUE_CENTS, expires_at) for _ in range(count)]
    began = time.perf_counter()
    for each in claims:
        sign_token(each, b"kid1", private_key)
    return time.perf_counter() - began


async def _smallest_batch(issuer: Issuer) -> Batch:
    """Issue one voucher: COPY writes more of its kind."""
    payment_id = await asyncio.to_thread(issuer.paid, 1)
    database = Database(create_engine(issuer.database_url), Access.town(issuer.town_id))
    batch = await issuer.issued(database, payment_id, 1)
    await database.close()
    return batch


async def _seconds_to_copy(issuer: Issuer, batch: Batch, count: int) -> float:
    """Write as many rows into the same three tables by COPY, as the owner, in one commit.

    They are all there beforehand, made and sealed. Row-level security lets nobody but a
    superuser do this.
    """
    rows = await _rows(issuer, batch, count)
    await _checkpoint(issuer.database_url)
    connection = await asyncpg.connect(issuer.database_url)
    began = time.perf_counter()
    async with connection.transaction():
        for table, columns in _COLUMNS.items():
            await connection.copy_records_to_table(
                table, records=rows[table], columns=columns.split()
            )
    took = time.perf_counter() - began
    # The next batch of the town goes on behind these.
    await connection.execute(
        "UPDATE town_counter SET value = value + $2 WHERE town_id = $1 AND name LIKE 'voucher%'",
        issuer.town_id,
        count,
    )
    await connection.close()
    return took


async def _rows(issuer: Issuer, batch: Batch, count: int) -> dict[str, list[Any]]:
    database = Database(create_engine(issuer.database_url), Access.town(issuer.town_id))
    async with database.reading() as work:
        keys = await code_keys_of(work, issuer.town_id, issuer.kek)
        [one] = await list_vouchers(work, issuer.town_id, batch_id=batch.order.batch_id)
    await database.close()
    part = make_part(keys, batch.first_serial + 1, count)
    town, now, day = issuer.town_id, batch.issued_at, berlin_day(batch.issued_at)
    payment, batch_id = batch.order.payment_id, batch.order.batch_id
    fixed = (VALUE_CENTS, one.cap_cents, batch.valid_until, "active", now)
    made = zip(part.ids, part.code_hashes, part.sealed_codes, strict=True)
    return {
        "voucher": [
            (town, id_, batch_id, issuer.programme_id, serial, one.kid, code_hash, sealed, *fixed)
            for serial, (id_, code_hash, sealed) in enumerate(made, part.first_serial)
        ],
        "ledger_account": [(town, id_, "voucher", id_, True, VALUE_CENTS, now) for id_ in part.ids],
        "transfer": [
            (town, transfer, payment, id_, VALUE_CENTS, Event.ISSUE, id_, batch_id, now, day)
            for transfer, id_ in zip(part.transfer_ids, part.ids, strict=True)
        ],
    }


async def _checkpoint(database_url: str) -> None:
    """Let both begin alike: with every page to be logged in full again."""
    connection = await asyncpg.connect(database_url)
    await connection.execute("CHECKPOINT")
    await connection.close()


BENCHMARK = Benchmark(
    name="issue-100k",
    unit="s",
    about="100,000 vouchers issued in one call, beside the longer of signing as many tokens on "
    "all cores and COPY of the same rows",
    target=1.6,
    better="lower",
    run=_run,
)
