"""The SQL of the clearing engine: a whole batch in each statement, on bare connections.

Written for one plan, loops over indexes, whatever the tables hold: see
:data:`SESSION` and docs/explanation/clearing.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from gutschein.db.pool import HELD, Connection, Record
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.ids import RedemptionId, TownId
from gutschein.ledger.entries import NewTransfer
from gutschein.redemption.batch_rows import ledger_locks, transfer_rows, voucher_rows
from gutschein.redemption.facts import Facts, Voucher
from gutschein.redemption.order import Item, Order, Place
from gutschein.redemption.rules import Branch, By, CodeKey, Redemption, Shop, VoucherKey
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

# A voucher is locked by its account: whoever changes either takes that lock. The account is
# looked up for each voucher by itself, and locked there unless somebody has it.
_LOCK = """
    SELECT v.town_id, v.code_hash
    FROM unnest($1::uuid[], $2::bytea[]) AS k(town_id, code_hash)
    JOIN voucher v ON v.town_id = k.town_id AND v.code_hash = k.code_hash
    WHERE NOT EXISTS (
        SELECT FROM ledger_account a WHERE a.town_id = v.town_id AND a.id = v.id
        FOR NO KEY UPDATE OF a SKIP LOCKED
    )
"""

_WAIT_FOR = """
    SELECT
    FROM voucher v JOIN ledger_account a ON a.town_id = v.town_id AND a.id = v.id
    WHERE v.town_id = $1 AND v.code_hash = $2
    FOR NO KEY UPDATE OF a
"""

_READ = """
    SELECT q.n, t.id, m.id, b.id, b.closed_at,
           v.town_id <> q.town_id AND EXISTS (
               SELECT FROM acceptance c
               WHERE c.town_id = v.town_id AND c.accepting_town_id = q.town_id
                 AND c.valid_from <= q.today AND (c.valid_until IS NULL OR c.valid_until >= q.today)
           ) AS accepted,
           s.revoked_at AS key_revoked_at, s.endorsement, g.master_public_key,
           d.id AS device_id, d.locked_at, d.seen_at,
           q.nonce IS NOT NULL AND f.nonce IS NULL AS nonce_is_fresh,
           CASE WHEN q.device_id IS NOT NULL THEN (
               SELECT h.cashier_id FROM device_shift h
               JOIN cashier w ON w.town_id = h.town_id AND w.id = h.cashier_id
               WHERE h.town_id = q.town_id AND h.device_id = q.device_id
                 AND h.ended_at IS NULL AND h.ends_at > q.now AND w.ended_at IS NULL
               ORDER BY h.begun_at DESC, h.id DESC LIMIT 1
           ) END AS cashier_id,
           y.ends_at AS api_key_ends_at, y.revoked_at AS api_key_revoked_at, y.used_at,
           r.id AS redemption_id, r.sale_id, r.merchant_id, r.branch_id, r.issuing_town_id,
           r.voucher_id, r.programme_id, r.fee_basis_points, r.amount_cents,
           r.balance_after_cents, r.redeemed_at, r.device_id, r.cashier_id, r.api_key_id,
           CASE WHEN r.sale_id IS NOT NULL THEN (
               SELECT count(*) FROM redemption e
               WHERE e.town_id = r.town_id AND e.merchant_id = r.merchant_id
                 AND e.redeemed_at = r.redeemed_at AND e.sale_id = r.sale_id
           ) END AS sale_size,
           v.town_id, v.id, v.state, v.valid_until, v.programme_id,
           a.balance_cents - a.held_cents, p.partial_redemption, p.merchant_fee_basis_points,
           i.name, v.pin_hash
    FROM unnest($1::redemption_asked[]) q
    LEFT JOIN voucher v ON v.town_id = q.code_town_id AND v.code_hash = q.code_hash
    LEFT JOIN ledger_account a ON a.town_id = v.town_id AND a.id = v.id
    LEFT JOIN programme p ON p.town_id = v.town_id AND p.id = v.programme_id
    LEFT JOIN town i ON i.id = v.town_id
    LEFT JOIN town t ON t.id = q.town_id
    LEFT JOIN merchant m ON m.town_id = q.town_id AND m.id = q.merchant_id
    LEFT JOIN branch b
           ON b.town_id = m.town_id AND b.merchant_id = m.id AND b.id = q.branch_id
    LEFT JOIN signing_key s ON s.town_id = q.key_town_id AND s.kid = q.kid
    LEFT JOIN town u ON u.id = s.town_id
    LEFT JOIN region g ON g.id = u.region_id
    LEFT JOIN device d ON d.town_id = q.town_id AND d.id = q.device_id
    LEFT JOIN LATERAL (
        SELECT n.nonce FROM device_nonce n
        WHERE n.town_id = q.town_id AND n.device_id = q.device_id AND n.nonce = q.nonce OFFSET 0
    ) f ON true
    LEFT JOIN api_key y ON y.town_id = q.town_id AND y.id = q.api_key_id
    LEFT JOIN LATERAL (
        SELECT * FROM redemption e WHERE e.town_id = q.town_id AND e.id = q.id OFFSET 0
    ) r ON true
"""

_WRITE = "SELECT write_batch($1, $2, $3, $4, $5)"

#: Where the voucher begins in a row that was read.
_VOUCHER = 32

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


async def lock(connection: Connection, codes: Collection[CodeKey]) -> set[CodeKey]:
    """Lock vouchers by their accounts until the commit; return those that somebody else has."""
    if not codes:
        return set()
    towns, hashes = zip(*codes, strict=True)
    rows = await connection.fetch(_LOCK, towns, hashes)
    return {(TownId(row[0]), row[1]) for row in rows}


async def wait_for(connection: Connection, code: CodeKey) -> bool:
    """Lock a voucher once whoever holds it lets it go; tell whether it was.

    Where it was not, within the ``lock_timeout`` of :data:`SESSION`, the transaction has failed.
    """
    try:
        await connection.execute(_WAIT_FOR, *code)
    except HELD:
        return False
    return True


async def read(connection: Connection, asked: Sequence[tuple[Order, Item, Place]]) -> list[Facts]:
    """Return all that decides about each item, in their order.

    :param asked: each item with its order.
    """
    rows = []
    for n, (order, item, place) in enumerate(asked):
        shop, key = order.sale.shop, place.key and place.key.public
        sign_in = order.sign_in_to_ask if item is order.sale.items[0] else None
        rest = (
            shop.town_id,
            shop.merchant_id,
            shop.branch_id,
            item.id,
            berlin_day(order.now),
            key and key.town_id,
            key and key.kid,
            *_of_sign_in(sign_in),
            order.now,
        )
        rows += [(n, *code, *rest) for code in place.codes]
    found: list[Facts | None] = [None] * len(asked)
    for row in await connection.fetch(_READ, rows):
        n = row[0]
        if found[n] is None or row[_VOUCHER] is not None:  # of a typed code's towns, the one
            found[n] = _facts(row)
    return [each for each in found if each is not None]


async def ask(connection: Connection, sign_in: SignIn, now: datetime) -> Facts:
    """Return what decides about a credential, where nothing is redeemed."""
    row = (
        *(0, None, None, sign_in.town_id, None, None, None, berlin_day(now), None, None),
        *_of_sign_in(sign_in),
        now,
    )
    return _facts((await connection.fetch(_READ, [row]))[0])


async def write(
    connection: Connection,
    nonces: Sequence[SignIn],
    spent: Mapping[VoucherKey, Standing],
    fresh: Sequence[Redemption],
    transfers: Sequence[NewTransfer],
) -> None:
    """Book redemptions with their transfers, and take nonces; all of it or nothing.

    :param spent: the vouchers, as the decisions found them.
    :param transfers: of each redemption, and in their order.
    :raises DatabaseError: of :data:`IN_THE_WAY` when a voucher, a nonce or an id is not any
        more what the decisions found, or somebody has the voucher locked; :data:`TAKEN` when
        an id stands for something else.
    """
    instants: dict[UUID, tuple[datetime, date]] = {
        each.id: (each.redeemed_at, berlin_day(each.redeemed_at)) for each in fresh
    }
    await connection.execute(
        _WRITE,
        [(each.town_id, each.device_id, each.nonce, each.nonce_ends_at) for each in nonces],
        voucher_rows(spent, transfers),
        [
            (
                each.shop.town_id,
                each.id,
                each.sale_id,
                each.shop.merchant_id,
                each.shop.branch_id,
                each.issuing_town_id,
                each.voucher_id,
                each.programme_id,
                each.fee_basis_points,
                each.amount_cents,
                each.balance_after_cents,
                *instants[each.id],
                each.by.device_id,
                each.by.cashier_id,
                each.by.api_key_id,
            )
            for each in fresh
        ],
        ledger_locks(transfers),
        transfer_rows(transfers, instants),
    )


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


def _of_sign_in(sign_in: SignIn | None) -> tuple[object, ...]:
    if sign_in is None:
        return (None,) * 3
    return sign_in.device_id, sign_in.nonce, sign_in.api_key_id


def _voucher(row: Record) -> Voucher:
    (town_id, id_, state, valid_until, programme_id, free_cents, partial, fee, name, pin_hash) = (
        row[_VOUCHER:]
    )
    return Voucher(
        town_id,
        id_,
        name,
        programme_id,
        fee,
        Standing(VoucherState(state), valid_until, free_cents, partial),
        pin_hash,
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
        voucher=None if row[_VOUCHER] is None else _voucher(row),
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
