"""The SQL of the clearing engine: a whole batch in each statement, on bare connections.

Written for one plan, loops over indexes, whatever the tables hold: see
:data:`SESSION` and docs/explanation/clearing.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from gutschein.db.locks import lock_key
from gutschein.db.pool import Connection, Record
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.ids import RedemptionId, TownId
from gutschein.ledger.entries import NewTransfer
from gutschein.ledger.rules import AccountKey
from gutschein.redemption.facts import Facts, Voucher
from gutschein.redemption.order import Item, Order, Place
from gutschein.redemption.rules import Branch, By, CodeKey, Redemption, Shop
from gutschein.vouchers.rules import Standing, VoucherState
from gutschein.web.caller import SignIn

#: What a plan may be made of. Each statement starts from what a batch brings and reaches
#: every row by its key; a plan that was made while a table was small stays right.
SESSION = {
    "lock_timeout": "1s",
    "idle_in_transaction_session_timeout": "5s",
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}

# The account is locked with its voucher, so what is read of both is what stands there now,
# and nobody changes it before the batch is over.
_LOCK = """
    SELECT v.town_id, v.code_hash, v.id, v.state, v.valid_until, v.programme_id,
           a.balance_cents - a.held_cents, p.partial_redemption, p.merchant_fee_basis_points,
           t.name
    FROM unnest($1::uuid[], $2::bytea[]) AS k(town_id, code_hash)
    JOIN voucher v ON v.town_id = k.town_id AND v.code_hash = k.code_hash
    JOIN ledger_account a ON a.town_id = v.town_id AND a.id = v.id
    JOIN programme p ON p.town_id = v.town_id AND p.id = v.programme_id
    JOIN town t ON t.id = v.town_id
    ORDER BY v.town_id, v.id
    FOR NO KEY UPDATE OF v, a
"""

_READ = """
    WITH asked AS (
        SELECT * FROM unnest(
            $1::int[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::date[],
            $8::uuid[], $9::bytea[], $10::uuid[], $11::text[], $12::timestamptz[], $13::uuid[],
            $14::timestamptz[]
        ) AS q(n, town_id, merchant_id, branch_id, id, issuing_town_id, today, key_town_id, kid,
               device_id, nonce, nonce_ends_at, api_key_id, now)
    ), fresh AS (
        INSERT INTO device_nonce (town_id, device_id, nonce, ends_at)
        SELECT town_id, device_id, nonce, nonce_ends_at FROM asked WHERE nonce IS NOT NULL
        ORDER BY town_id, device_id, nonce
        ON CONFLICT DO NOTHING
        RETURNING town_id, device_id, nonce
    )
    SELECT q.n, t.id, m.id, b.id, b.closed_at,
           EXISTS (
               SELECT FROM acceptance c
               WHERE c.town_id = q.issuing_town_id AND c.accepting_town_id = q.town_id
                 AND c.valid_from <= q.today AND (c.valid_until IS NULL OR c.valid_until >= q.today)
           ) AS accepted,
           s.revoked_at AS key_revoked_at, s.endorsement, g.master_public_key,
           d.id AS device_id, d.locked_at, d.seen_at,
           EXISTS (
               SELECT FROM fresh f
               WHERE f.town_id = q.town_id AND f.device_id = q.device_id AND f.nonce = q.nonce
           ) AS nonce_is_fresh,
           (
               SELECT h.cashier_id FROM device_shift h
               JOIN cashier w ON w.town_id = h.town_id AND w.id = h.cashier_id
               WHERE h.town_id = q.town_id AND h.device_id = q.device_id
                 AND h.ended_at IS NULL AND h.ends_at > q.now AND w.ended_at IS NULL
               ORDER BY h.begun_at DESC, h.id DESC LIMIT 1
           ) AS cashier_id,
           y.ends_at AS api_key_ends_at, y.revoked_at AS api_key_revoked_at, y.used_at,
           r.id AS redemption_id, r.sale_id, r.merchant_id, r.branch_id, r.issuing_town_id,
           r.voucher_id, r.programme_id, r.fee_basis_points, r.amount_cents,
           r.balance_after_cents, r.redeemed_at, r.device_id, r.cashier_id, r.api_key_id,
           CASE WHEN r.sale_id IS NOT NULL THEN (
               SELECT count(*) FROM redemption e
               WHERE e.town_id = r.town_id AND e.merchant_id = r.merchant_id
                 AND e.redeemed_at = r.redeemed_at AND e.sale_id = r.sale_id
           ) END AS sale_size
    FROM asked q
    LEFT JOIN town t ON t.id = q.town_id
    LEFT JOIN merchant m ON m.town_id = q.town_id AND m.id = q.merchant_id
    LEFT JOIN branch b
           ON b.town_id = m.town_id AND b.merchant_id = m.id AND b.id = q.branch_id
    LEFT JOIN signing_key s ON s.town_id = q.key_town_id AND s.kid = q.kid
    LEFT JOIN town u ON u.id = s.town_id
    LEFT JOIN region g ON g.id = u.region_id
    LEFT JOIN device d ON d.town_id = q.town_id AND d.id = q.device_id
    LEFT JOIN api_key y ON y.town_id = q.town_id AND y.id = q.api_key_id
    LEFT JOIN redemption r ON r.town_id = q.town_id AND r.id = q.id
    ORDER BY q.n
"""

_BOOK = """
    WITH booked AS (
        INSERT INTO redemption (
            town_id, id, sale_id, merchant_id, branch_id, issuing_town_id, voucher_id,
            programme_id, fee_basis_points, amount_cents, balance_after_cents, redeemed_at,
            redeemed_on, device_id, cashier_id, api_key_id)
        SELECT * FROM unnest(
            $1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[],
            $8::uuid[], $9::int[], $10::bigint[], $11::bigint[], $12::timestamptz[],
            $13::date[], $14::uuid[], $15::uuid[], $16::uuid[])
            AS n(town_id, id)
        ORDER BY n.town_id, n.id
        ON CONFLICT (town_id, id) DO NOTHING
        RETURNING 1
    )
    SELECT count(*) FROM booked
"""

_POST = """
    SELECT post_transfers(
        $1::bigint[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::bigint[], $7::text[],
        $8::uuid[], $9::uuid[], $10::timestamptz[], $11::date[],
        $12::uuid[], $13::uuid[], $14::bigint[])
"""

_NOTE_SEEN = """
    UPDATE device d SET seen_at = k.seen_at
    FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS k(town_id, id, seen_at)
    WHERE d.town_id = k.town_id AND d.id = k.id
"""
_NOTE_USED = """
    UPDATE api_key y SET used_at = k.used_at
    FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS k(town_id, id, used_at)
    WHERE y.town_id = k.town_id AND y.id = k.id
"""


async def lock(connection: Connection, codes: Iterable[CodeKey]) -> dict[CodeKey, Voucher]:
    """Find vouchers by code and lock them with their accounts, in the order of their keys."""
    wanted = list(codes)
    rows = await connection.fetch(
        _LOCK, [town_id for town_id, _ in wanted], [code_hash for _, code_hash in wanted]
    )
    return {(TownId(row[0]), row[1]): _voucher(row) for row in rows}


async def read(
    connection: Connection,
    asked: Sequence[tuple[Order, Item, Place, TownId | None]],
) -> list[Facts]:
    """Return what else decides about each item, and note the nonces of the orders.

    :param asked: each item with its order, and the town that issued its voucher where there
        is one.
    """
    rows = []
    for n, (order, item, place, issuing_town_id) in enumerate(asked):
        shop, key = order.sale.shop, place.key and place.key.public
        rows.append(
            (
                n,
                shop.town_id,
                shop.merchant_id,
                shop.branch_id,
                item.id,
                issuing_town_id,
                berlin_day(order.now),
                key and key.town_id,
                key and key.kid,
                *_of_sign_in(order.sign_in_to_ask if item is order.sale.items[0] else None),
                order.now,
            )
        )
    return [_facts(row) for row in await connection.fetch(_READ, *_columns(rows))]


async def ask(connection: Connection, sign_in: SignIn, now: datetime) -> Facts:
    """Return what decides about a credential, where nothing is redeemed; note its nonce."""
    nothing = (None,) * 4
    row = (0, sign_in.town_id, *nothing, berlin_day(now), None, None, *_of_sign_in(sign_in), now)
    return _facts((await connection.fetch(_READ, *_columns([row])))[0])


async def book(connection: Connection, fresh: Sequence[Redemption]) -> int:
    """Insert redemptions whose ids are new and return how many that were."""
    count: int = await connection.fetchval(
        _BOOK,
        [each.shop.town_id for each in fresh],
        [each.id for each in fresh],
        [each.sale_id for each in fresh],
        [each.shop.merchant_id for each in fresh],
        [each.shop.branch_id for each in fresh],
        [each.issuing_town_id for each in fresh],
        [each.voucher_id for each in fresh],
        [each.programme_id for each in fresh],
        [each.fee_basis_points for each in fresh],
        [each.amount_cents for each in fresh],
        [each.balance_after_cents for each in fresh],
        [each.redeemed_at for each in fresh],
        [berlin_day(each.redeemed_at) for each in fresh],
        [each.by.device_id for each in fresh],
        [each.by.cashier_id for each in fresh],
        [each.by.api_key_id for each in fresh],
    )
    return count


async def post(
    connection: Connection,
    transfers: Sequence[NewTransfer],
    booked_at: Sequence[datetime],
    changes: dict[AccountKey, int],
) -> tuple[int, int]:
    """Post transfers, each at its instant, and change the guarded accounts among *changes*.

    :returns: how many transfers were new, and how many guarded accounts changed.
    """
    towns = sorted({lock_key(each.town_id, "ledger") for each in transfers})
    posted: list[int] = await connection.fetchval(
        _POST,
        towns,
        [each.town_id for each in transfers],
        [each.id for each in transfers],
        [each.debit_account_id for each in transfers],
        [each.credit_account_id for each in transfers],
        [each.amount_cents for each in transfers],
        [str(each.event) for each in transfers],
        [each.reference_id for each in transfers],
        [each.link_id for each in transfers],
        booked_at,
        [berlin_day(at) for at in booked_at],
        [town_id for town_id, _ in changes],
        [id_ for _, id_ in changes],
        list(changes.values()),
    )
    return posted[0], posted[1]


async def note_uses(
    connection: Connection,
    devices: dict[tuple[TownId, UUID], datetime],
    api_keys: dict[tuple[TownId, UUID], datetime],
) -> None:
    """Note when devices were last seen and API keys last used, in the order of their keys."""
    for statement, seen in ((_NOTE_SEEN, devices), (_NOTE_USED, api_keys)):
        if seen:
            keys = sorted(seen)
            await connection.execute(
                statement,
                [town_id for town_id, _ in keys],
                [id_ for _, id_ in keys],
                [seen[key] for key in keys],
            )


def _columns(rows: Iterable[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
    return zip(*rows, strict=True)


def _of_sign_in(sign_in: SignIn | None) -> tuple[object, ...]:
    if sign_in is None:
        return (None,) * 4
    return sign_in.device_id, sign_in.nonce, sign_in.nonce_ends_at, sign_in.api_key_id


def _voucher(row: Record) -> Voucher:
    town_id, _, id_, state, valid_until, programme_id, free_cents, partial, fee, name = row
    return Voucher(
        town_id,
        id_,
        name,
        programme_id,
        fee,
        Standing(VoucherState(state), valid_until, free_cents, partial),
    )


def _facts(row: Record) -> Facts:
    """Take a row apart by position: by name costs more than all else here."""
    return Facts(
        branch=None if row[1] is None else Branch(row[2], row[3], row[4]),
        accepted=row[5],
        key_revoked_at=row[6],
        endorsement=row[7],
        master=row[8],
        device_known=row[9] is not None,
        device_locked=row[10] is not None,
        seen_at=row[11],
        nonce_is_fresh=row[12],
        cashier_id=row[13],
        api_key_ends_at=row[14],
        api_key_revoked_at=row[15],
        used_at=row[16],
        stored=None if row[17] is None else _stored(row),
        sale_size=row[31],
    )


def _stored(row: Record) -> Redemption:
    return Redemption(
        id=RedemptionId(row[17]),
        sale_id=row[18],
        shop=Shop(row[1], row[19], row[20]),
        issuing_town_id=row[21],
        voucher_id=row[22],
        programme_id=row[23],
        fee_basis_points=row[24],
        amount_cents=row[25],
        balance_after_cents=row[26],
        redeemed_at=row[27],
        by=By(row[28], row[29], row[30]),
    )
