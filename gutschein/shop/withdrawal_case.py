"""A withdrawal as the town hall settles it: the order, its vouchers, what is owed and to whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from gutschein.bank.iban import masked_iban
from gutschein.bank.rf_reference import format_reference
from gutschein.db.unit_of_work import Work
from gutschein.deposits.requests import PaymentRequest, get_request
from gutschein.history.log import Entry, record
from gutschein.kernel.author import Author
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.shop import withdrawal_repository as repository
from gutschein.shop.drafts import get_order
from gutschein.shop.orders import ShopOrder
from gutschein.shop.withdrawal_repository import Bought, Payer, Withdrawal
from gutschein.shop.withdrawal_rules import Condition, Outcome, last_day
from gutschein.shop.withdrawal_service import get_withdrawal
from gutschein.signing.data_keys import town_data_keys
from gutschein.signing.sealing import KeyEncryptionKey

#: How many a list shows.
MOST_SHOWN = 500

#: What came of a declaration, in the words of the log.
OUTCOMES = {
    Outcome.CLOSED: "Bestellung war nicht bezahlt und ist geschlossen",
    Outcome.FROZEN: "Gutscheine gesperrt",
    Outcome.TOO_LATE: "nach dem letzten Tag erklärt",
    Outcome.UNMATCHED: "keiner Bestellung zuzuordnen",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A withdrawal, and the order that it is from.

    :param bought: its vouchers, each as it goes on, by their serials.
    :param others: further declarations about the same order.
    """

    withdrawal: Withdrawal
    order: ShopOrder
    request: PaymentRequest
    bought: Sequence[Bought]
    payers: Sequence[Payer]
    others: Sequence[Withdrawal]

    @property
    def number(self) -> str:
        return format_reference(self.request.reference)

    @property
    def last_day(self) -> date:
        placed_at = self.order.placed_at or self.order.made_at
        return last_day(placed_at)

    @property
    def is_paid(self) -> bool:
        return self.request.state == "paid"

    @property
    def owed_cents(self) -> int:
        """What is on vouchers that are whole, or was paid for some that were never issued."""
        if not self.is_paid:
            return 0
        if not self.bought:
            return self.request.amount_cents
        whole = [each for each in self.bought if each.condition is Condition.WHOLE]
        return sum(each.value_cents for each in whole)

    @property
    def undecided_cents(self) -> int:
        """What is left on vouchers that were spent in part: the town decides."""
        parts = [each for each in self.bought if each.condition is Condition.PART]
        return sum(each.balance_cents for each in parts)

    @property
    def refunds(self) -> list[tuple[str, str, int]]:
        """Who has paid: name, account, of which only its ends are shown, and amount."""
        return [
            (each.name, masked_iban(each.iban) if each.iban else "", each.amount_cents)
            for each in self.payers
        ]


async def list_withdrawals(work: Work, town_id: TownId, kek: KeyEncryptionKey) -> list[Withdrawal]:
    """Return the withdrawals of a town, those it has to settle first.

    :raises Refusal: ``key.missing``, ``key.sealed``, ``bank_data.altered``.
    """
    key = await town_data_keys(work, town_id, kek)
    return await repository.find_withdrawals(work, key, MOST_SHOWN)


async def get_case(
    work: Work, town_id: TownId, withdrawal: Withdrawal, kek: KeyEncryptionKey
) -> Case | None:
    """Return what there is to know of the order that a withdrawal is from; ``None`` where it
    fits none.

    :raises Refusal: ``key.missing``, ``key.sealed``, ``bank_data.altered``.
    """
    if withdrawal.order_id is None:
        return None
    key = await town_data_keys(work, town_id, kek)
    order_id = withdrawal.order_id
    bought = await repository.vouchers_of(work, town_id, order_id)
    same = await repository.find_withdrawals(work, key, MOST_SHOWN, order_id=order_id)
    return Case(
        withdrawal=withdrawal,
        order=await get_order(work, town_id, order_id, kek),
        request=await get_request(work, town_id, order_id),
        bought=sorted(bought, key=lambda each: each.serial),
        payers=await repository.payers_of(work, key, order_id),
        others=[each for each in same if each.id != withdrawal.id],
    )


async def resolve_withdrawal(
    work: Work,
    town_id: TownId,
    withdrawal_id: UUID,
    how: str,
    *,
    by: Author,
    kek: KeyEncryptionKey,
    now: datetime,
) -> None:
    """Note how a withdrawal was settled. Nothing is booked.

    :raises Refusal: ``withdrawal.unknown``; ``withdrawal.not_open`` where nothing was to be done,
        or it was noted already.
    """
    found = await get_withdrawal(work, town_id, withdrawal_id, kek)
    if not found.is_open or not await repository.insert_resolution(
        work, town_id, withdrawal_id, how, by=by, now=now
    ):
        raise Refusal("withdrawal.not_open")
    case = await get_case(work, town_id, found, kek)
    subject = "Widerruf ohne Bestellung" if case is None else f"Widerruf zu {case.number}"
    entry = Entry(
        "withdrawal.resolved", by, subject, before=OUTCOMES[found.outcome], after=how, at=now
    )
    await record(work, town_id, entry)
