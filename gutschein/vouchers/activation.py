"""A voucher in stock is sold: found by its activation code, and made good against a payment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from gutschein.db.unit_of_work import Work
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import (
    BatchId,
    PaymentId,
    ProgrammeId,
    TownId,
    TransferId,
    VoucherId,
    timed_id,
)
from gutschein.ledger.chart import AccountKind, account_id
from gutschein.ledger.entries import Event, NewTransfer
from gutschein.ledger.posting import post
from gutschein.programmes.rules import valid_until
from gutschein.programmes.service import get_programme, terms_of
from gutschein.signing.code import parse_code
from gutschein.signing.keyring import code_keys_of, signing_keys
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.vouchers import batch_repository, repository, stock_repository
from gutschein.vouchers.batch import Batch, Order
from gutschein.vouchers.rules import VoucherState, check_for_sale

#: What a scanner reads off the other QR code: an address, or the bare token.
_TOKEN = re.compile(r"\s*https?:|\s*\S{64}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Card:
    """A voucher that was printed for stock.

    :param value_cents: printed on it; ``None`` where it is chosen at the sale.
    :param sold_on: the day it was sold, where it was.
    """

    town_id: TownId
    id: VoucherId
    serial: int
    state: VoucherState
    kid: bytes
    programme_id: ProgrammeId
    value_cents: int | None
    sell_until: date
    batch_id: BatchId | None
    sold_on: date | None


async def find_by_activation(
    work: Work, town_id: TownId, activation: str, kek: KeyEncryptionKey
) -> Card:
    """Return the voucher of the town whose activation code was scanned or typed.

    :raises Refusal: ``code.typo``, ``activation.unknown``, and ``activation.other_code`` for
        what a voucher is redeemed with; ``key.none``, ``key.sealed``.
    """
    if _TOKEN.match(activation):
        raise Refusal("activation.other_code")
    code = parse_code(activation)
    keys = await code_keys_of(work, town_id, kek)
    found = await stock_repository.find_by_activation(work, town_id, keys.activation_hashed(code))
    if found is not None:
        return await get_card(work, town_id, found)
    if await stock_repository.is_redemption_code(work, town_id, keys.hashed(code)):
        raise Refusal("activation.other_code")
    raise Refusal("activation.unknown")


async def locked_for_sale(work: Work, card: Card, kek: KeyEncryptionKey, now: datetime) -> Card:
    """Lock a voucher and return it as it is now, fit to be sold.

    :raises Refusal: ``voucher.blocked``, ``voucher.sold``, ``stock.too_late``, ``key.revoked``
        for one whose QR code no till takes any more, ``key.not_endorsed``, ``key.sealed``.
    """
    await repository.lock_voucher(work, card.town_id, card.id)
    card = await get_card(work, card.town_id, card.id)
    await check_card(work, card, kek, now)
    return card


async def check_card(work: Work, card: Card, kek: KeyEncryptionKey, now: datetime) -> None:
    """Refuse a voucher that cannot be sold: as :func:`locked_for_sale` does."""
    check_for_sale(card.state, card.sold_on, card.sell_until, berlin_day(now))
    await signing_keys(work, card.town_id, kek, {card.kid})


async def activate(
    work: Work,
    card: Card,
    *,
    payment_id: PaymentId,
    batch_id: BatchId,
    value_cents: int,
    now: datetime,
) -> Batch:
    """Make a locked voucher good, for the money of a payment that is booked.

    It becomes a batch of one. Its validity counts from today.

    :raises Refusal: ``account.insufficient`` when the payment does not cover it.
    """
    town_id, today = card.town_id, berlin_day(now)
    terms = terms_of(await get_programme(work, town_id, card.programme_id))
    order = Order(town_id, batch_id, card.programme_id, payment_id, 1, value_cents, today)
    batch = Batch(order, today, valid_until(terms, today), card.serial, now)
    await batch_repository.insert_batch(work, batch)
    await post(
        work,
        [
            NewTransfer(
                town_id=town_id,
                id=TransferId(timed_id(card.id, Event.ISSUE)),
                debit_account_id=account_id(town_id, AccountKind.PAYMENT, payment_id),
                credit_account_id=account_id(town_id, AccountKind.VOUCHER, card.id),
                amount_cents=value_cents,
                event=Event.ISSUE,
                reference_id=card.id,
                link_id=batch_id,
            )
        ],
        now,
    )
    await stock_repository.mark_sold(
        work,
        town_id,
        card.id,
        batch_id=batch_id,
        value_cents=value_cents,
        valid_until=batch.valid_until,
        now=now,
    )
    await repository.note_state(
        work, town_id, [card.id], state=VoucherState.ACTIVE, reason="Verkauft", now=now
    )
    return batch


async def get_card(work: Work, town_id: TownId, voucher_id: VoucherId) -> Card:
    """Return a voucher that was printed for stock.

    :raises Refusal: ``activation.unknown`` for any other.
    """
    row = await stock_repository.find_card(work, town_id, voucher_id)
    if row is None:
        raise Refusal("activation.unknown")
    return Card(
        town_id=town_id,
        id=VoucherId(row.id),
        serial=row.serial,
        state=VoucherState(row.state),
        kid=bytes(row.kid),
        programme_id=ProgrammeId(row.programme_id),
        value_cents=row.value_cents,
        sell_until=row.sell_until,
        batch_id=None if row.batch_id is None else BatchId(row.batch_id),
        sold_on=row.sold_on,
    )
