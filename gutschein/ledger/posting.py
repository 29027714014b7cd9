"""Post transfers: all of a set or none of it, each id once for ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gutschein.db.unit_of_work import Work
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Refusal
from gutschein.ledger import repository
from gutschein.ledger.entries import Account, NewTransfer
from gutschein.ledger.rules import AccountKey, balance_changes, check_guarded, check_shape


async def open_accounts(work: Work, accounts: Sequence[Account], now: datetime) -> None:
    """Open accounts; those that are open already stay as they are.

    :raises Refusal: ``request.conflict`` when an id is that of an account of another kind.
    """
    await repository.open_accounts(work, accounts, now)


async def post(
    work: Work, transfers: Sequence[NewTransfer], now: datetime
) -> dict[AccountKey, int]:
    """Post linked transfers, in the books of one town or several.

    Posting the same set again moves nothing. Whoever may post the same ids as others at the
    same time gives them in one order, so that no two wait for one another in a circle.

    :returns: the new balance of each guarded account that changed, in cents; empty when
        the set had been posted before.
    :raises Refusal: ``amount.invalid``, ``account.unknown``, ``account.insufficient``,
        and ``transfer.conflict`` when one of the ids stands for something else. The unit
        of work must then be left with the exception: a part may have been written.
    """
    check_shape(transfers)
    if not transfers:
        return {}
    await repository.join_towns(work, (transfer.town_id for transfer in transfers))
    inserted = await repository.insert_transfers(work, transfers, now, berlin_day(now))
    if inserted < len(transfers):
        await _require_repetition(work, transfers, inserted)
        return {}
    changes = balance_changes(transfers)
    guarded = await repository.lock_guarded(work, changes.keys())
    check_guarded(changes, guarded)
    return await repository.change_guarded(work, {key: changes[key] for key in guarded})


async def _require_repetition(work: Work, transfers: Sequence[NewTransfer], inserted: int) -> None:
    """Let a set pass that was posted before exactly like this, and nothing else."""
    keys = [(transfer.town_id, transfer.id) for transfer in transfers]
    stored = await repository.stored_transfers(work, keys)
    if inserted or any(
        stored[key] != transfer for key, transfer in zip(keys, transfers, strict=True)
    ):
        raise Refusal("transfer.conflict")
