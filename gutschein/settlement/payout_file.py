"""The payment order of a settlement, as pain.001 asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gutschein.bank.pain001 import write_pain001
from gutschein.bank.pain001_reading import validate_pain001
from gutschein.bank.payout_order import CreditTransfer, PayoutOrder
from gutschein.kernel.clock import berlin_day, format_day


def payout_order(
    town: Row[Any], settlement: Row[Any], paid: Sequence[Row[Any]], now: datetime
) -> PayoutOrder:
    """Return the order to pay the statements *paid* from the town's trust account.

    The creditor is the account holder, not the shop, as Verification of Payee compares it.
    No address: the shop's need not be the account holder's.
    """
    message_id = f"{town.ags}-{settlement.number:04d}"
    period = f"{format_day(settlement.period_from)}-{format_day(settlement.period_to)}"
    return PayoutOrder(
        message_id=message_id,
        payment_information_id=f"{message_id}-1",
        created_at=now,
        requested_on=berlin_day(now),
        debtor_name=town.trust_account_holder,
        debtor_iban=town.trust_iban,
        debtor_bic=None,
        transfers=tuple(
            CreditTransfer(
                end_to_end_id=statement.number,
                amount_cents=statement.payout_cents,
                creditor_name=statement.account_holder,
                creditor_iban=statement.iban,
                remittance=f"Stadtgutschein {town.name} Abrechnung {statement.number} {period}",
            )
            for statement in paid
        ),
    )


def payout_xml(order: PayoutOrder) -> bytes:
    """Write the order as pain.001.001.09, checked against the ISO 20022 schema.

    :raises Refusal: when the order cannot be one, see :func:`write_pain001`.
    :raises ValueError: when the file would not be valid; nothing may leave then.
    """
    xml = write_pain001(order)
    if faults := validate_pain001(xml):
        raise ValueError(f"the payout file {order.message_id} is not valid: {faults[0]}")
    return xml
