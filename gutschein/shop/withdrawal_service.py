"""A citizen withdraws: the declaration is kept, and what can be done at once is done with it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from gutschein.bank.rf_reference import compacted, references_in
from gutschein.db.unit_of_work import Work
from gutschein.deposits.request_repository import lock_requests, named_requests
from gutschein.deposits.requests import get_request
from gutschein.kernel.errors import Language, Refusal
from gutschein.kernel.ids import TownId, VoucherId, derived_id
from gutschein.mail.outbox import enqueue
from gutschein.shop import repository, withdrawal_letters
from gutschein.shop import withdrawal_repository as withdrawals
from gutschein.shop.closing import close
from gutschein.shop.orders import ShopOrder
from gutschein.shop.rules import Stage
from gutschein.shop.stationery import Stationery
from gutschein.shop.withdrawal_repository import Withdrawal
from gutschein.shop.withdrawal_rules import Declaration, Outcome, is_in_time, same_address
from gutschein.signing.data_keys import town_data_keys
from gutschein.signing.sealing import DataKey, KeyEncryptionKey
from gutschein.signing.service_keys import ServiceKeys
from gutschein.vouchers.life import block
from gutschein.vouchers.rules import VoucherState

#: Stands with each voucher that is blocked, for the town hall.
REASON = "Widerruf"

#: What another unit of work did to a voucher just now, so that nothing is left to block.
_GONE = {"voucher.replaced", "voucher.expired"}


def withdrawal_id_of(form_id: UUID, declaration: Declaration) -> UUID:
    """Return the id of a declaration: the same form sent again with the same words is the same
    one; with other words, such as a number that was mistyped before, it is another.
    """
    said = (declaration.name, declaration.number, declaration.email, declaration.remarks)
    return derived_id(form_id, "\n".join(("withdrawal", *said)))


async def declare(
    work: Work,
    town_id: TownId,
    withdrawal_id: UUID,
    declaration: Declaration,
    *,
    language: Language,
    kek: KeyEncryptionKey,
    keys: ServiceKeys,
    stationery: Stationery,
    now: datetime,
) -> None:
    """Keep a declaration, do at once what follows from it, and put the receipt (paragraph 356a
    (4) BGB) into the outbox. Again it changes nothing.

    Where number and e-mail address fit an order and it is in time, an order that is not paid is
    closed, and every voucher of one that is paid is blocked. The receipt says nothing of it.

    :raises Refusal: ``key.missing``, ``key.sealed``, ``bank_data.altered``.
    """
    if await withdrawals.is_known(work, town_id, withdrawal_id):
        return
    key = await town_data_keys(work, town_id, kek)
    order = await _fitting_order(work, key, declaration)
    outcome = Outcome.UNMATCHED if order is None else await _withdrawn(work, order, now)
    order_id = None if order is None else order.id
    if not await withdrawals.insert_withdrawal(
        work, key, withdrawal_id, declaration, order_id=order_id, outcome=outcome, now=now
    ):
        return  # sent twice at the same moment: the other one has done it
    mail = withdrawal_letters.receipt(declaration, now, stationery, language)
    await enqueue(work, keys, mail, now, mail_id=receipt_id(withdrawal_id))


def receipt_id(withdrawal_id: UUID) -> UUID:
    """Return the id of the mail that says that a declaration came in."""
    return derived_id(withdrawal_id, "receipt")


async def get_withdrawal(
    work: Work, town_id: TownId, withdrawal_id: UUID, kek: KeyEncryptionKey
) -> Withdrawal:
    """Return a declaration.

    :raises Refusal: ``withdrawal.unknown``, ``key.sealed``, ``bank_data.altered``.
    """
    key = await town_data_keys(work, town_id, kek)
    found = await withdrawals.find_withdrawals(work, key, 1, withdrawal_id=withdrawal_id)
    if not found:
        raise Refusal("withdrawal.unknown")
    return found[0]


async def _fitting_order(work: Work, key: DataKey, declaration: Declaration) -> ShopOrder | None:
    """Return the order that a declaration names, locked, if its buyer's address is the one given.

    First the request is locked, then the order: so does an import, and nobody waits in a circle.
    """
    named = [compacted(declaration.number), *references_in(declaration.number)]
    for request in await named_requests(work, key.town_id, [], named):
        order = await repository.find_order(work, key, request.id)
        if order is None or not same_address(order.email, declaration.email):
            continue
        await lock_requests(work, key.town_id, [request.id])
        return await repository.find_order(work, key, request.id, lock=True)
    return None


async def _withdrawn(work: Work, order: ShopOrder, now: datetime) -> Outcome:
    """Do at once what a declaration in time asks for."""
    if order.placed_at is None or not is_in_time(order.placed_at, now):
        return Outcome.TOO_LATE
    if order.stage is Stage.ISSUED:
        await _block_all(work, order.town_id, order.id, now)
        return Outcome.FROZEN
    is_paid = (await get_request(work, order.town_id, order.id)).state == "paid"
    if order.stage is Stage.PLACED:
        if is_paid:  # and what could not be issued then never will be
            await repository.set_closed(work, order.town_id, order.id, now)
        else:
            await close(work, order.town_id, order.id, now)
    return Outcome.FROZEN if is_paid else Outcome.CLOSED


async def _block_all(work: Work, town_id: TownId, order_id: UUID, now: datetime) -> None:
    """Block every voucher of an order, also one that takes another's place meanwhile."""
    done: set[VoucherId] = set()
    while True:
        bought = await withdrawals.vouchers_of(work, town_id, order_id)
        left = [
            each.id
            for each in bought
            if each.id not in done and each.state is not VoucherState.EXPIRED
        ]
        if not left:
            return
        for voucher_id in left:
            try:
                await block(work, town_id, voucher_id, REASON, now)
            except Refusal as refusal:
                if refusal.code not in _GONE:
                    raise
            done.add(voucher_id)
