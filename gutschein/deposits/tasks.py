"""What waits for somebody: deposits with something left, why, and what they may be for."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Sequence
from uuid import UUID

from gutschein.bank.iban import masked_iban
from gutschein.bank.rf_reference import compacted, references_in
from gutschein.db.unit_of_work import Work
from gutschein.deposits import repository, request_repository
from gutschein.deposits.repository import Deposit
from gutschein.deposits.rules import why_left
from gutschein.deposits.schemas import OpenDeposit, PaymentRequest, SuggestedRequest
from gutschein.deposits.suggesting import suggestions
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.signing.data_keys import town_data_keys
from gutschein.signing.sealing import KeyEncryptionKey

#: What is assigned makes room for more.
MOST_SHOWN = 100


async def open_deposits(work: Work, town_id: TownId, kek: KeyEncryptionKey) -> list[OpenDeposit]:
    """Return the oldest deposits of a town that something is left of, at most
    :data:`MOST_SHOWN`.

    :raises Refusal: ``key.sealed``, ``bank_data.altered``.
    """
    key = await town_data_keys(work, town_id, kek)
    deposits = await repository.deposits_left(work, key, most=MOST_SHOWN)
    if not deposits:
        return []
    named = sorted({each for deposit in deposits for each in references_in(deposit.remittance)})
    asked = await request_repository.named_requests(work, town_id, [], named)
    waiting = await request_repository.open_requests(work, town_id)
    payers = await repository.payers_of_parts(work, key)
    known = {each.reference: each for each in asked}
    # With many requests open, comparing takes longer than others should wait.
    return await to_thread(lambda: [_task(deposit, known, waiting, payers) for deposit in deposits])


async def request_named(work: Work, town_id: TownId, reference: str) -> PaymentRequest:
    """Return the payment request of a reference that somebody typed.

    :raises Refusal: ``payment_request.unknown``.
    """
    found = await request_repository.named_requests(work, town_id, [], [compacted(reference)])
    if not found:
        raise Refusal("payment_request.unknown")
    return found[0]


def _task(
    deposit: Deposit,
    known: dict[str, PaymentRequest],
    waiting: Sequence[PaymentRequest],
    payers: dict[UUID, set[str]],
) -> OpenDeposit:
    why = why_left(
        deposit.remittance,
        known,
        given=deposit.is_given,
        returned=deposit.is_returned,
        lump=deposit.is_lump,
    )
    iban = deposit.payer_iban
    same_payer = [id_ for id_, ibans in payers.items() if iban and iban in ibans]
    found = (
        []
        if deposit.is_returned
        else suggestions(deposit.remittance, deposit.left_cents, waiting, same_payer)
    )
    by_id = {each.id: each for each in waiting}
    return OpenDeposit(
        id=deposit.id,
        channel=deposit.channel,
        amount_cents=deposit.amount_cents,
        left_cents=deposit.left_cents,
        received_on=deposit.received_on,
        payer_name=deposit.payer_name,
        payer_account=masked_iban(iban) if iban else "",
        remittance=deposit.remittance,
        why=why,
        suggestions=[
            SuggestedRequest(
                id=each.request_id,
                number=by_id[each.request_id].number,
                reference=by_id[each.request_id].reference,
                missing_cents=by_id[each.request_id].missing_cents,
                due_on=by_id[each.request_id].due_on,
                hint=each.hint,
            )
            for each in found
        ],
    )
