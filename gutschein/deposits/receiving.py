"""Take money that came in: book it as deposits, and assign those that say what they are for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from gutschein.bank.rf_reference import references_in
from gutschein.db.locks import lock
from gutschein.db.unit_of_work import Work
from gutschein.deposits import repository, request_repository
from gutschein.deposits.assigning import settle
from gutschein.deposits.models import PAYER
from gutschein.deposits.repository import Channel
from gutschein.deposits.requests import Paid
from gutschein.deposits.rules import Incoming, Share, match
from gutschein.kernel.author import SERVICE
from gutschein.kernel.ids import AccountId, TransferId, derived_id
from gutschein.ledger.chart import AccountKind, account_id
from gutschein.ledger.entries import Account, Event, NewTransfer
from gutschein.ledger.posting import open_accounts, post
from gutschein.signing.sealing import DataKey

_HELD_ON: dict[Channel, AccountKind] = {
    "bank": AccountKind.TRUST_BANK,
    "provider": AccountKind.PAYMENT_PROVIDER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDeposit:
    """Money that came in.

    :param external_id: what the bank or the provider knows it by; it comes in once.
    :param remittance: all that the payer wrote.
    :param is_for_somebody: whether a reference in it is followed; not that of a payment of the
        town's own that came back, nor of a sum of several payments.
    :param request_id: a payment request that the provider took it for.
    """

    external_id: str
    amount_cents: int
    received_on: date
    payer_name: str = ""
    payer_iban: str = ""
    remittance: str = ""
    bank_entry_id: UUID | None = None
    is_for_somebody: bool = True
    request_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """What became of money that came in.

    :param deposits: ids of the new ones, by what they are known by outside.
    :param shares: what of them was assigned by itself.
    :param paid: the requests that this covered.
    """

    deposits: dict[str, UUID]
    shares: list[Share]
    paid: list[UUID]


async def receive(
    work: Work,
    key: DataKey,
    channel: Channel,
    arrived: Sequence[NewDeposit],
    *,
    paid: Paid,
    now: datetime,
) -> Received:
    """Book deposits of the key's town, each once for ever, and assign them by their references.

    All deposits of a town are taken one after the other.

    :param arrived: each of another external id. What came in before changes nothing.
    """
    town_id = key.town_id
    await lock(work, town_id, "deposits")
    known = await repository.known_deposits(
        work, town_id, channel, [each.external_id for each in arrived]
    )
    new = [each for each in arrived if each.external_id not in known]
    if not new:
        return Received({}, [], [])
    ids = {
        each.external_id: derived_id(town_id, f"deposit:{channel}:{each.external_id}")
        for each in new
    }
    await _book(work, key, channel, new, ids, now=now)
    references = {each.external_id: references_in(each.remittance) for each in new}
    named = sorted({reference for found in references.values() for reference in found})
    wanted = [each.request_id for each in new if each.request_id is not None]
    await request_repository.lock_requests(work, town_id, wanted, named)
    asked = await request_repository.named_requests(work, town_id, wanted, named)
    incoming = [
        Incoming(
            deposit_id=ids[each.external_id],
            left_cents=each.amount_cents,
            references=references[each.external_id],
            request_id=each.request_id,
        )
        for each in new
        if each.is_for_somebody
    ]
    shares = match(incoming, asked)
    covered = await settle(work, town_id, shares, asked, by=SERVICE, paid=paid, now=now)
    return Received(ids, shares, covered)


async def _book(
    work: Work,
    key: DataKey,
    channel: Channel,
    new: Sequence[NewDeposit],
    ids: Mapping[str, UUID],
    *,
    now: datetime,
) -> None:
    town_id = key.town_id
    accounts = [Account(town_id, AccountKind.DEPOSIT, id_) for id_ in ids.values()]
    await open_accounts(work, accounts, now)
    transfers = [
        NewTransfer(
            town_id=town_id,
            id=TransferId(derived_id(ids[each.external_id], Event.DEPOSIT)),
            debit_account_id=account_id(town_id, _HELD_ON[channel]),
            credit_account_id=AccountId(ids[each.external_id]),
            amount_cents=each.amount_cents,
            event=Event.DEPOSIT,
            reference_id=ids[each.external_id],
        )
        for each in new
    ]
    await post(work, transfers, now)
    rows = [
        {
            "town_id": town_id,
            "id": ids[each.external_id],
            "channel": channel,
            "external_id": each.external_id,
            "amount_cents": each.amount_cents,
            "received_on": each.received_on,
            "bank_entry_id": each.bank_entry_id,
            "is_credit": None if each.bank_entry_id is None else True,
            "booked_at": now,
            **PAYER.seal(key, asdict(each), ids[each.external_id]),
        }
        for each in new
    ]
    await repository.insert_deposits(work, rows)
