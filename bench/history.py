"""History: vouchers by the million, each with its issue and two redemptions.

The rows are those that the service would have written, so the auditor's rules hold for
them: batches of 100,000 with their payment, serials without a gap, an account and an issue
for each voucher, a transfer for each redemption. Some vouchers, spread evenly, have codes
that the town's keys open; the others have random bytes in that place, which no rule looks
at, and are never presented.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg

from bench.furnish import QR_PREFIX, Furnisher
from bench.region import Paper, Shop
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.ids import MerchantId, PaymentId, ProgrammeId, TownId, VoucherId, new_id
from gutschein.ledger.chart import AccountKind, account_id
from gutschein.signing.code import new_code
from gutschein.signing.keyring import SigningKey, code_keys_of, signing_key_for
from gutschein.signing.sealing import CodeKeys
from gutschein.signing.token import TokenClaims, expires_at_for, sign_token, token_url

BATCH = 100_000
VALUE_CENTS = 100_00
#: What each of the two redemptions took.
TAKEN_CENTS = 10_00

_CAP_CENTS = 250_00
_SEALED_BYTES = 38
_TAIL = (1 << 62) - 1  # of a UUIDv7, random

_INSERT_BATCH = """
    INSERT INTO voucher_batch (town_id, id, programme_id, payment_id, voucher_count, value_cents,
                               sold_on, valid_until, first_serial, issued_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
# The batch at hand stands in a table of its own, since the others have no indexes just now.
_MADE = "CREATE TEMPORARY TABLE made (LIKE voucher)"
# Ids follow one another by a millisecond, as if they had been made one by one.
_MAKE_VOUCHERS = """
    INSERT INTO made (town_id, id, batch_id, programme_id, serial, kid, code_hash, sealed_code,
                         face_value_cents, cap_cents, valid_until, state, issued_at)
    SELECT $1::uuid, coalesce(real.id, uuidv7(make_interval(secs => (s.n - $2::int) / 1000.0))),
           $3::uuid, $4::uuid, s.n, $5::bytea,
           coalesce(real.code_hash, sha256(uuid_send(gen_random_uuid()))),
           coalesce(real.sealed_code, substr(sha256(uuid_send(gen_random_uuid()))
                                             || uuid_send(gen_random_uuid()), 1, $6::int)),
           $7::bigint, $8::bigint, $9::date, 'active', $10::timestamptz
    FROM generate_series($11::int, $12::int) AS s(n)
    LEFT JOIN unnest($13::int[], $14::uuid[], $15::bytea[], $16::bytea[])
         AS real(serial, id, code_hash, sealed_code) ON real.serial = s.n
    ORDER BY s.n
"""
_INSERT_VOUCHERS = "INSERT INTO voucher SELECT * FROM made ORDER BY serial"
_INSERT_ACCOUNTS = """
    INSERT INTO ledger_account (town_id, id, kind, owner_id, guarded, balance_cents, opened_at)
    SELECT town_id, id, 'voucher', id, true, $1::bigint, issued_at FROM made
"""
_INSERT_ISSUES = """
    INSERT INTO transfer (town_id, id, debit_account_id, credit_account_id, amount_cents, event,
                          reference_id, link_id, booked_at, booked_on)
    SELECT town_id, uuidv7(), $1::uuid, id, face_value_cents, 'issue', id, batch_id,
           issued_at, (issued_at AT TIME ZONE 'Europe/Berlin')::date
    FROM made
"""
_INSERT_REDEMPTIONS = """
    WITH spent AS (
        SELECT v.*, uuidv7() AS redemption_id, m.merchant_id, m.branch_id, m.payable_id,
               v.issued_at + make_interval(days => $1::int, secs => v.serial / 1000.0) AS at
        FROM made v
        JOIN unnest($3::uuid[], $4::uuid[], $5::uuid[]) WITH ORDINALITY
             AS m(merchant_id, branch_id, payable_id, place)
             ON m.place = 1 + v.serial % cardinality($3::uuid[])
    ), booked AS (
        INSERT INTO transfer (town_id, id, debit_account_id, credit_account_id, amount_cents,
                              event, reference_id, link_id, booked_at, booked_on)
        SELECT town_id, uuidv7(), id, payable_id, $2::bigint, 'redemption',
               redemption_id, redemption_id, at, (at AT TIME ZONE 'Europe/Berlin')::date
        FROM spent
    )
    INSERT INTO redemption (town_id, id, merchant_id, branch_id, issuing_town_id, voucher_id,
                            programme_id, fee_basis_points, amount_cents, balance_after_cents,
                            redeemed_at, redeemed_on)
    SELECT town_id, redemption_id, merchant_id, branch_id, town_id, id, programme_id, 300,
           $2::bigint, face_value_cents - $1::int * $2::bigint, at,
           (at AT TIME ZONE 'Europe/Berlin')::date
    FROM spent
"""
_SPEND_PAYMENT = """
    UPDATE ledger_account SET balance_cents = balance_cents - $3 WHERE town_id = $1 AND id = $2
"""
_SET_COUNTER = """
    UPDATE town_counter SET value = $2 WHERE town_id = $1 AND name = 'voucher serial'
"""


@dataclass(frozen=True)
class Wanted:
    """How much history a town is to have.

    :param after_serial: the last number of a voucher that is there already.
    :param real_every: one in so many vouchers can be presented.
    :param issued_at: when all of them were issued; the redemptions came in the days after.
    """

    town_id: TownId
    shops: Sequence[Shop]
    vouchers: int
    after_serial: int
    real_every: int
    issued_at: datetime


@dataclass(frozen=True)
class Terms:
    """What all vouchers of a town's history share."""

    programme_id: ProgrammeId
    payment_id: PaymentId
    valid_until: date
    codes: CodeKeys
    signing: SigningKey


async def prepare(furnisher: Furnisher, wanted: Wanted) -> Terms:
    """Make a programme and a payment that is large enough, and open the town's keys."""
    town_id, day = wanted.town_id, berlin_day(wanted.issued_at)
    async with furnisher.database.unit_of_work() as work:
        return Terms(
            programme_id=await furnisher.programme(work, town_id, _CAP_CENTS),
            payment_id=await furnisher.payment(work, town_id, wanted.vouchers * VALUE_CENTS),
            valid_until=date(day.year + 3, 12, 31),
            codes=await code_keys_of(work, town_id, furnisher.kek),
            signing=await signing_key_for(
                work, town_id, furnisher.kek, now=furnisher.now, needed_until=furnisher.now
            ),
        )


async def write_history(
    connection: asyncpg.Connection, wanted: Wanted, terms: Terms
) -> list[Paper]:
    """Fill the tables of one town, and return the vouchers that can be presented.

    :param connection: of the tables' owner; the tables may be bare meanwhile.
    """
    papers: list[Paper] = []
    await connection.execute(_MADE)
    last = wanted.after_serial + wanted.vouchers
    for first in range(wanted.after_serial + 1, last + 1, BATCH):
        serials = range(first, min(first + BATCH, last + 1))
        papers += await _write_batch(connection, wanted, terms, serials)
        await connection.execute("TRUNCATE made")
    await connection.execute("DROP TABLE made")
    issued = wanted.vouchers * VALUE_CENTS
    await connection.execute(_SPEND_PAYMENT, wanted.town_id, terms.payment_id, issued)
    await connection.execute(_SET_COUNTER, wanted.town_id, last)
    return papers


async def _write_batch(
    connection: asyncpg.Connection, wanted: Wanted, terms: Terms, serials: range
) -> list[Paper]:
    town_id, batch_id = wanted.town_id, new_id()
    shops, last = wanted.shops, wanted.after_serial + wanted.vouchers
    real = [_Real.made(serial, last) for serial in serials[:: wanted.real_every]]
    await connection.execute(
        _INSERT_BATCH,
        *(town_id, batch_id, terms.programme_id, terms.payment_id, len(serials), VALUE_CENTS),
        *(berlin_day(wanted.issued_at), terms.valid_until, serials[0], wanted.issued_at),
    )
    await connection.execute(
        _MAKE_VOUCHERS,
        *(town_id, last, batch_id, terms.programme_id, terms.signing.kid, _SEALED_BYTES),
        *(VALUE_CENTS, _CAP_CENTS, terms.valid_until, wanted.issued_at, serials[0], serials[-1]),
        [each.serial for each in real],
        [each.id for each in real],
        [terms.codes.hashed(each.code) for each in real],
        [terms.codes.sealed(each.id, each.code) for each in real],
    )
    left_cents = VALUE_CENTS - 2 * TAKEN_CENTS
    await connection.execute(_INSERT_VOUCHERS)
    await connection.execute(_INSERT_ACCOUNTS, left_cents)
    await connection.execute(_INSERT_ISSUES, terms.payment_id)
    for number in (1, 2):
        await connection.execute(
            _INSERT_REDEMPTIONS,
            *(number, TAKEN_CENTS),
            [shop.merchant_id for shop in shops],
            [shop.branch_id for shop in shops],
            [
                account_id(
                    town_id, AccountKind.MERCHANT_PAYABLE, MerchantId(UUID(shop.merchant_id))
                )
                for shop in shops
            ],
        )
    return [each.paper(town_id, terms, left_cents) for each in real]


@dataclass(frozen=True)
class _Real:
    """A voucher that can be presented."""

    serial: int
    id: VoucherId
    code: bytes

    @classmethod
    def made(cls, serial: int, last: int) -> _Real:
        """Make one whose id stands among those of its neighbours; see the statement."""
        milliseconds = int(time.time() * 1000) + serial - last
        random = int.from_bytes(os.urandom(10)) & ((1 << 74) - 1)
        head = milliseconds << 80 | 7 << 76 | (random >> 62) << 64
        return cls(
            serial, VoucherId(UUID(int=head | 2 << 62 | random & ((1 << 62) - 1))), new_code()
        )

    def paper(self, town_id: TownId, terms: Terms, left_cents: int) -> Paper:
        """Sign its token as for print."""
        claims = TokenClaims(self.code, VALUE_CENTS, expires_at_for(terms.valid_until))
        token = sign_token(claims, terms.signing.kid, terms.signing.private_key)
        return Paper(str(town_id), str(self.id), token_url(QR_PREFIX, token), left_cents)
