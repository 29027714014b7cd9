"""What many new accounts begin with."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from gutschein.kernel.ids import AccountId, TownId
from gutschein.ledger.chart import AccountKind
from gutschein.ledger.entries import Event


@dataclass(frozen=True, slots=True)
class Endowment:
    """What each new account begins with, and where it comes from.

    :param kind: of the new accounts, a guarded one.
    :param source_id: of the guarded account that pays.
    :param amount_cents: for each new account.
    :param link_id: names the whole that the transfers are part of.
    """

    town_id: TownId
    kind: AccountKind
    source_id: AccountId
    amount_cents: int
    event: Event
    link_id: UUID
