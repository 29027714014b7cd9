"""The SQL of a till's reversals: a whole batch in each statement, on bare connections.

See :mod:`gutschein.redemption.clearing_repository` for what its plans are made of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from gutschein.db.pool import Connection, Record
from gutschein.kernel.clock import berlin_day
from gutschein.redemption.batch_rows import ledger_locks, transfer_rows, voucher_rows
from gutschein.redemption.reversing import Asked, Facts, Living, ReversalOrder
from gutschein.redemption.rules import Branch, Redemption, Reversal, Shop, VoucherKey
from gutschein.redemption.transfers import reversal_transfers, transfer_id
from gutschein.vouchers.rules import VoucherState

_READ = """
    SELECT t.id, m.id, b.id, b.closed_at,
           r.sale_id, r.merchant_id, r.branch_id, r.issuing_town_id, r.voucher_id, r.programme_id,
           r.fee_basis_points, r.amount_cents, r.balance_after_cents, r.redeemed_at,
           e.id, e.merchant_id, e.branch_id, e.credited_voucher_id, e.amount_cents,
           e.balance_after_cents, e.reversed_at,
           v.town_id, v.id, v.state, v.valid_until, a.balance_cents - a.held_cents, v.code_hash,
           EXISTS (
               SELECT FROM transfer x
               WHERE x.town_id = ANY (ARRAY[q.town_id, r.issuing_town_id]) AND x.id = q.transfer_id
           )
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[]) WITH ORDINALITY
         AS q(town_id, merchant_id, branch_id, redemption_id, transfer_id, n)
    LEFT JOIN town t ON t.id = q.town_id
    LEFT JOIN merchant m ON m.town_id = q.town_id AND m.id = q.merchant_id
    LEFT JOIN branch b
           ON b.town_id = m.town_id AND b.merchant_id = m.id AND b.id = q.branch_id
    LEFT JOIN redemption r ON r.town_id = q.town_id AND r.id = q.redemption_id
    LEFT JOIN reversal e ON e.town_id = r.town_id AND e.redemption_id = r.id
    LEFT JOIN LATERAL (
        WITH RECURSIVE heir (id, age) AS (
            SELECT r.voucher_id, 0
            UNION ALL
            SELECT o.id, heir.age + 1
            FROM heir JOIN voucher o ON o.town_id = r.issuing_town_id AND o.replaces_id = heir.id
        )
        SELECT id FROM heir ORDER BY age DESC LIMIT 1
    ) h ON true
    LEFT JOIN voucher v ON v.town_id = r.issuing_town_id AND v.id = h.id
    LEFT JOIN ledger_account a ON a.town_id = v.town_id AND a.id = v.id
    ORDER BY q.n
"""

_WRITE = "SELECT write_reversals($1, $2, $3, $4)"


async def read(connection: Connection, orders: Sequence[ReversalOrder]) -> list[Facts | None]:
    """Return all that decides about each of *orders*; ``None`` without its redemption."""
    asked = [order.asked for order in orders]
    rows = await connection.fetch(
        _READ,
        [each.shop.town_id for each in asked],
        [each.shop.merchant_id for each in asked],
        [each.shop.branch_id for each in asked],
        [each.redemption_id for each in asked],
        [transfer_id(each.id) for each in asked],
    )
    return [_facts(each, row) for each, row in zip(asked, rows, strict=True)]


async def write(
    connection: Connection,
    credited: Mapping[VoucherKey, Living],
    fresh: Sequence[tuple[Redemption, Reversal]],
) -> None:
    """Book reversals of redemptions with their transfers; all of it or nothing.

    :param credited: the vouchers that get the money, as the decisions found them.
    :raises DatabaseError: of :data:`IN_THE_WAY` when a voucher or an id is not any more what
        the decisions found, or somebody has the voucher locked; :data:`TAKEN` when an id
        stands for something else.
    """
    transfers = [each for both in fresh for each in reversal_transfers(*both)]
    instants: dict[UUID, tuple[datetime, date]] = {
        each.id: (each.reversed_at, berlin_day(each.reversed_at)) for _, each in fresh
    }
    await connection.execute(
        _WRITE,
        voucher_rows(credited, transfers),
        [
            (
                each.shop.town_id,
                each.id,
                each.redemption_id,
                each.shop.merchant_id,
                each.shop.branch_id,
                each.credited_voucher_id,
                each.amount_cents,
                each.balance_after_cents,
                *instants[each.id],
                each.by.device_id,
                each.by.cashier_id,
                each.by.api_key_id,
            )
            for _, each in fresh
        ],
        ledger_locks(transfers),
        transfer_rows(transfers, instants),
    )


def _facts(asked: Asked, row: Record) -> Facts | None:
    """Take a row apart by position, in the order of the fields."""
    sale_id, merchant_id, branch_id, *redemption = row[4:14]
    reversal_id, reverser_id, counter_id, *reversal = row[14:21]
    issuer_id, voucher_id, state, valid_until, free_cents, code_hash = row[21:27]
    if merchant_id is None:
        return None
    town_id, id_ = asked.shop.town_id, asked.redemption_id
    return Facts(
        Redemption(id_, sale_id, Shop(town_id, merchant_id, branch_id), *redemption),
        None if row[0] is None else Branch(*row[1:4]),
        None
        if reversal_id is None
        else Reversal(reversal_id, id_, Shop(town_id, reverser_id, counter_id), *reversal),
        Living(
            (issuer_id, voucher_id),
            VoucherState(state),
            valid_until,
            free_cents,
            frozenset({(issuer_id, code_hash)}),
        ),
        taken=row[27],
    )
