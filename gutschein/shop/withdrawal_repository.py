"""The SQL of withdrawals, and of what the town needs to know to settle one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.dialects.postgresql import insert

from gutschein.db.unit_of_work import Work
from gutschein.deposits.models import PAYER
from gutschein.kernel.author import Author
from gutschein.kernel.ids import TownId, VoucherId
from gutschein.shop.withdrawal_models import DECLARATION, withdrawal, withdrawal_resolution
from gutschein.shop.withdrawal_rules import (
    Condition,
    Declaration,
    Outcome,
    condition_of,
)
from gutschein.signing.sealing import DataKey
from gutschein.vouchers.rules import VoucherState

_RESOLVED = (withdrawal_resolution.c.town_id == withdrawal.c.town_id) & (
    withdrawal_resolution.c.withdrawal_id == withdrawal.c.id
)
_IS_OPEN = withdrawal_resolution.c.withdrawal_id.is_(None) & (
    withdrawal.c.outcome != Outcome.CLOSED
)

# A voucher that was lost goes on in the one that took its place.
_VOUCHERS = text(
    """
    WITH RECURSIVE bought AS (
        SELECT i.value_cents, v.id
        FROM order_item i
        JOIN voucher v ON v.town_id = i.town_id AND v.batch_id = i.batch_id
        WHERE i.town_id = :town_id AND i.order_id = :order_id
        UNION ALL
        SELECT b.value_cents, v.id
        FROM bought b JOIN voucher v ON v.town_id = :town_id AND v.replaces_id = b.id
    )
    SELECT b.value_cents, b.id, v.serial, v.state, a.balance_cents
    FROM bought b
    JOIN voucher v ON v.town_id = :town_id AND v.id = b.id
    JOIN ledger_account a ON a.town_id = v.town_id AND a.id = v.id
    WHERE v.state <> 'replaced'
    ORDER BY v.id
    """
)

_PAYERS = text(
    """
    SELECT d.id, d.channel, s.amount_cents, d.sealed_payer_name, d.sealed_payer_iban,
           d.sealed_remittance
    FROM deposit_assignment s
    JOIN payment_request r ON r.town_id = s.town_id AND r.id = s.request_id
    JOIN deposit d ON d.town_id = s.town_id AND d.id = s.deposit_id
    WHERE s.town_id = :town_id AND s.request_id = :order_id AND r.state = 'paid'
    ORDER BY d.received_on, d.id
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """A declaration, opened, what came of it, and how the town has settled it."""

    id: UUID
    declaration: Declaration
    declared_at: datetime
    order_id: UUID | None
    outcome: Outcome
    how: str | None
    resolved_at: datetime | None
    resolved_by_name: str | None

    @property
    def is_open(self) -> bool:
        """Whether the town has something to do still."""
        return self.resolved_at is None and self.outcome is not Outcome.CLOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """A voucher of an order, or the one that took its place.

    :param value_cents: what was paid for it.
    """

    id: VoucherId
    serial: int
    state: VoucherState
    value_cents: int
    balance_cents: int

    @property
    def condition(self) -> Condition:
        return condition_of(self.value_cents, self.balance_cents)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who has paid a part of an order, or all of it."""

    channel: str
    amount_cents: int
    name: str = field(repr=False)
    iban: str = field(repr=False)


async def insert_withdrawal(
    work: Work,
    key: DataKey,
    withdrawal_id: UUID,
    declaration: Declaration,
    *,
    order_id: UUID | None,
    outcome: Outcome,
    now: datetime,
) -> bool:
    """Keep a declaration unless its id is taken; tell whether it was kept."""
    said = {
        "name": declaration.name,
        "number": declaration.number,
        "email": declaration.email,
        "remarks": declaration.remarks,
    }
    row = {
        "town_id": key.town_id,
        "id": withdrawal_id,
        "declared_at": now,
        "order_id": order_id,
        "outcome": outcome,
    }
    sealed = DECLARATION.seal(key, said, withdrawal_id)
    new = insert(withdrawal).values(row | sealed).on_conflict_do_nothing()
    return (await work.execute(new)).rowcount == 1


async def find_withdrawals(
    work: Work,
    key: DataKey,
    limit: int,
    *,
    withdrawal_id: UUID | None = None,
    order_id: UUID | None = None,
) -> list[Withdrawal]:
    """Return the withdrawals of the key's town, or one, or those from one order: first those
    that the town has to settle, and of each the last to come in first.

    :raises Refusal: ``bank_data.altered``.
    """
    mine = withdrawal_resolution.c
    query = (
        select(withdrawal, mine.how, mine.resolved_at, mine.resolved_by_name)
        .outerjoin(withdrawal_resolution, _RESOLVED)
        .where(withdrawal.c.town_id == key.town_id)
        .order_by(_IS_OPEN.desc(), withdrawal.c.declared_at.desc(), withdrawal.c.id.desc())
        .limit(limit)
    )
    if withdrawal_id is not None:
        query = query.where(withdrawal.c.id == withdrawal_id)
    if order_id is not None:
        query = query.where(withdrawal.c.order_id == order_id)
    return [_withdrawal(key, row) for row in await work.execute(query)]


async def is_known(work: Work, town_id: TownId, withdrawal_id: UUID) -> bool:
    """Tell whether a declaration of this id was kept."""
    query = select(withdrawal.c.id).where(
        withdrawal.c.town_id == town_id, withdrawal.c.id == withdrawal_id
    )
    return (await work.execute(query)).first() is not None


async def withdrawn_at(work: Work, town_id: TownId, order_id: UUID) -> datetime | None:
    """Return when an order was withdrawn from in time, the first time; ``None`` if never."""
    query = (
        select(withdrawal.c.declared_at)
        .where(
            withdrawal.c.town_id == town_id,
            withdrawal.c.order_id == order_id,
            withdrawal.c.outcome.in_((Outcome.CLOSED, Outcome.FROZEN)),
        )
        .order_by(withdrawal.c.declared_at)
        .limit(1)
    )
    return (await work.execute(query)).scalars().first()


async def vouchers_of(work: Work, town_id: TownId, order_id: UUID) -> list[Bought]:
    """Return the vouchers that an order has brought, each as it goes on, in the order of their
    keys.
    """
    rows = await work.execute(_VOUCHERS, {"town_id": town_id, "order_id": order_id})
    return [
        Bought(
            id=VoucherId(row.id),
            serial=row.serial,
            state=VoucherState(row.state),
            value_cents=row.value_cents,
            balance_cents=row.balance_cents,
        )
        for row in rows
    ]


async def payers_of(work: Work, key: DataKey, order_id: UUID) -> list[Payer]:
    """Return who has paid an order; nobody before it is paid whole.

    :raises Refusal: ``bank_data.altered``.
    """
    rows = await work.execute(_PAYERS, {"town_id": key.town_id, "order_id": order_id})
    payers = []
    for row in rows:
        payer = PAYER.open(key, row, row.id)
        payers.append(
            Payer(
                channel=row.channel,
                amount_cents=row.amount_cents,
                name=payer["payer_name"],
                iban=payer["payer_iban"],
            )
        )
    return payers


async def insert_resolution(
    work: Work, town_id: TownId, withdrawal_id: UUID, how: str, *, by: Author, now: datetime
) -> bool:
    """Note how a withdrawal was settled; tell whether nobody else has."""
    new = insert(withdrawal_resolution).values(
        town_id=town_id,
        withdrawal_id=withdrawal_id,
        how=how,
        resolved_at=now,
        resolved_by=by.id,
        resolved_by_name=by.name,
    )
    return (await work.execute(new.on_conflict_do_nothing())).rowcount == 1


def _withdrawal(key: DataKey, row: Row[Any]) -> Withdrawal:
    return Withdrawal(
        id=row.id,
        declaration=Declaration(**DECLARATION.open(key, row, row.id)),
        declared_at=row.declared_at,
        order_id=row.order_id,
        outcome=Outcome(row.outcome),
        how=row.how,
        resolved_at=row.resolved_at,
        resolved_by_name=row.resolved_by_name,
    )
