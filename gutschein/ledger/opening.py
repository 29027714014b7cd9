"""Open many guarded accounts that begin with money from another: a large issue of vouchers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TransferId
from gutschein.kernel.money import LARGEST_AMOUNT_CENTS, is_amount
from gutschein.ledger import opening_repository, repository
from gutschein.ledger.chart import GUARDED_KINDS
from gutschein.ledger.endowment import Endowment
from gutschein.ledger.rules import check_guarded


async def open_endowed(
    work: Work,
    endowment: Endowment,
    owner_ids: Sequence[UUID],
    transfer_ids: Sequence[TransferId],
    now: datetime,
) -> None:
    """Open an account for each owner and move the amount there.

    The books are the same as after ``open_accounts`` and ``post``, where each transfer
    refers to the owner. The accounts are written once, with their balance, instead of twice.
    Unlike there a repetition is not recognised: that the owners are new is for the caller
    to know, and the primary keys hold it.

    :raises ValueError: for a kind of account that is not guarded.
    :raises Refusal: ``amount.invalid``, ``account.unknown`` when the source is none that is
        guarded, ``account.insufficient``.
    """
    if endowment.kind not in GUARDED_KINDS:
        raise ValueError(f"an account of kind {endowment.kind} begins empty")
    if not is_amount(endowment.amount_cents):
        raise Refusal("amount.invalid", max_cents=LARGEST_AMOUNT_CENTS)
    source = (endowment.town_id, endowment.source_id)
    changes = {source: -endowment.amount_cents * len(owner_ids)}
    await repository.join_towns(work, [endowment.town_id])
    guarded = await repository.lock_guarded(work, changes)
    if source not in guarded:
        raise Refusal("account.unknown")
    check_guarded(changes, guarded)
    await repository.change_guarded(work, changes)
    await opening_repository.insert_endowed_accounts(work, endowment, owner_ids, now)
    await opening_repository.insert_endowments(work, endowment, owner_ids, transfer_ids, now)
