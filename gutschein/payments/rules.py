"""How money comes in, and which account of the town it comes in on."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from gutschein.kernel.errors import Refusal
from gutschein.ledger.chart import AccountKind

Method = Literal["bank_transfer", "provider", "cash", "subsidy"]

#: The account each method debits: what the town holds, or has set aside as a subsidy.
SOURCE: dict[Method, AccountKind] = {
    "bank_transfer": AccountKind.TRUST_BANK,
    "provider": AccountKind.PAYMENT_PROVIDER,
    "cash": AccountKind.CASH,
    "subsidy": AccountKind.SUBSIDY,
}


def check_issuing_point(method: Method, issuing_point_id: UUID | None) -> None:
    """Refuse cash without its issuing point, and an issuing point beside other money.

    :raises Refusal: ``payment.issuing_point``.
    """
    if (method == "cash") is not (issuing_point_id is not None):
        raise Refusal("payment.issuing_point")


def check_from_outside(method: Method) -> None:
    """Refuse what the town gives itself: one person alone books only what others paid.

    :raises Refusal: ``payment.needs_approval``.
    """
    if method == "subsidy":
        raise Refusal("payment.needs_approval")
