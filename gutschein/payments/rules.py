"""How money comes in, and which account of the town it comes in on."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import AccountId, TownId
from gutschein.ledger.chart import AccountKind, account_id

#: What is booked at once from an account of the town.
DirectMethod = Literal["bank_transfer", "provider", "cash", "card", "subsidy"]

#: What comes out of ``deposits`` came in before, and was assigned.
Method = Literal["bank_transfer", "provider", "cash", "card", "subsidy", "deposits"]

#: The account each method debits: what the town holds, or has set aside as a subsidy.
SOURCE: dict[DirectMethod, AccountKind] = {
    "bank_transfer": AccountKind.TRUST_BANK,
    "provider": AccountKind.PAYMENT_PROVIDER,
    "cash": AccountKind.CASH,
    "card": AccountKind.PAYMENT_PROVIDER,
    "subsidy": AccountKind.SUBSIDY,
}

#: What is taken at an issuing point. Cash lies there; of a card the terminal's provider owes it.
AT_DESK: frozenset[DirectMethod] = frozenset({"cash", "card"})


def source_of(town_id: TownId, method: DirectMethod, issuing_point_id: UUID | None) -> AccountId:
    """Return the account that a payment of this kind comes in on."""
    kind = SOURCE[method]
    return account_id(town_id, kind, issuing_point_id if kind is AccountKind.CASH else None)


def check_issuing_point(method: DirectMethod, issuing_point_id: UUID | None) -> None:
    """Refuse cash or a card without its issuing point, and one beside other money.

    :raises Refusal: ``payment.issuing_point``.
    """
    if (method in AT_DESK) is not (issuing_point_id is not None):
        raise Refusal("payment.issuing_point")


def check_from_outside(method: DirectMethod) -> None:
    """Refuse what the town gives itself: one person alone books only what others paid.

    :raises Refusal: ``payment.needs_approval``.
    """
    if method == "subsidy":
        raise Refusal("payment.needs_approval")
