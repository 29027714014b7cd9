"""What happens to a voucher after its issue: blocked, unblocked, replaced, expired."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gutschein.db.unit_of_work import Work
from gutschein.kernel.clock import berlin_day, end_of_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId, TransferId, VoucherId, timed_id
from gutschein.ledger.chart import AccountKind, account_id
from gutschein.ledger.entries import Account, Event, NewTransfer
from gutschein.ledger.posting import open_accounts, post
from gutschein.signing.keyring import code_keys_of, signing_key_for
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.vouchers import repository
from gutschein.vouchers.batch import make_voucher
from gutschein.vouchers.rules import Standing, VoucherState, check_blocked, check_usable

#: Vouchers that expire in one unit of work; many lapse on the same 31 December.
EXPIRED_AT_ONCE = 1_000


async def block(
    work: Work, town_id: TownId, voucher_id: VoucherId, reason: str, now: datetime
) -> None:
    """Block a voucher: nothing can be redeemed from it any more. Again changes nothing.

    :raises Refusal: ``voucher.unknown``, ``voucher.replaced``, ``voucher.expired``.
    """
    row = await _locked(work, town_id, voucher_id)
    if row.state == VoucherState.BLOCKED:
        return
    if row.state == VoucherState.REPLACED:
        raise Refusal("voucher.replaced")
    if row.state == VoucherState.EXPIRED:
        raise Refusal("voucher.expired", date=row.valid_until)
    await repository.change_state(
        work, town_id, [voucher_id], state=VoucherState.BLOCKED, reason=reason, now=now
    )


async def unblock(
    work: Work, town_id: TownId, voucher_id: VoucherId, reason: str, now: datetime
) -> None:
    """Make a blocked voucher good again: one that was never sold goes back to the stock.

    That this was approved is for the caller to see to.

    :raises Refusal: ``voucher.unknown``, and what :func:`check_blocked` says.
    """
    row = await _locked(work, town_id, voucher_id)
    check_blocked(VoucherState(row.state), row.valid_until, berlin_day(now))
    state = VoucherState.ACTIVE if is_sold(row) else VoucherState.STOCK
    await repository.change_state(work, town_id, [voucher_id], state=state, reason=reason, now=now)


async def replace_voucher(
    work: Work,
    town_id: TownId,
    voucher_id: VoucherId,
    replacement_id: VoucherId,
    reason: str,
    *,
    kek: KeyEncryptionKey,
    now: datetime,
) -> bool:
    """Give a voucher's balance to a new one with a new code, and a new PIN where the old one
    had one; the old one is dead.

    A blocked voucher can be replaced: that is how a lost one comes back. The same
    replacement again changes nothing.

    :returns: whether this call replaced it.
    :raises Refusal: ``voucher.unknown``, ``voucher.not_active``, ``voucher.replaced``,
        ``voucher.expired``, ``voucher.empty``, ``key.none``, ``key.sealed``, and
        ``request.conflict`` when the id of the replacement is taken, or was used with another
        reason.
    """
    row = await _locked(work, town_id, voucher_id)
    if row.replaced_by_id == replacement_id:
        events = await repository.events_of(work, town_id, [voucher_id])
        if (VoucherState.REPLACED, reason) not in {(each.state, each.reason) for each in events}:
            raise Refusal("request.conflict")
        return False
    state = VoucherState.ACTIVE if row.state == VoucherState.BLOCKED else VoucherState(row.state)
    if not is_sold(row):
        state = VoucherState.STOCK
    check_usable(
        Standing(state, row.valid_until, row.balance_cents, row.partial_redemption),
        berlin_day(now),
    )
    last_serial = await repository.lock_serials(work, town_id)
    # Vouchers of the town are made one after the other from here on.
    if await repository.list_vouchers(work, town_id, voucher_id=replacement_id):
        raise Refusal("request.conflict")
    signing_key = await signing_key_for(
        work, town_id, kek, now=now, needed_until=end_of_day(row.valid_until)
    )
    keys = await code_keys_of(work, town_id, kek)
    await repository.set_last_serial(work, town_id, last_serial + 1)
    replacement = make_voucher(
        keys,
        id=replacement_id,
        with_pin=row.sealed_pin is not None,
        serial=last_serial + 1,
        kid=signing_key.kid,
        batch_id=None,
        replaces_id=voucher_id,
        programme_id=row.programme_id,
        face_value_cents=row.balance_cents,
        cap_cents=row.cap_cents,
        valid_until=row.valid_until,
        issued_at=now,
    )
    await repository.insert_vouchers(work, [replacement])
    await open_accounts(work, [Account(town_id, AccountKind.VOUCHER, replacement_id)], now)
    await post(
        work,
        [
            NewTransfer(
                town_id=town_id,
                id=TransferId(timed_id(replacement_id, Event.REPLACEMENT)),
                debit_account_id=account_id(town_id, AccountKind.VOUCHER, voucher_id),
                credit_account_id=account_id(town_id, AccountKind.VOUCHER, replacement_id),
                amount_cents=row.balance_cents,
                event=Event.REPLACEMENT,
                reference_id=replacement_id,
            )
        ],
        now,
    )
    await repository.change_state(
        work, town_id, [voucher_id], state=VoucherState.REPLACED, reason=reason, now=now
    )
    return True


async def expire_due(work: Work, town_id: TownId, now: datetime) -> int:
    """Let vouchers lapse whose last day is over, and return how many; 0 when none is left.

    What was on them goes to the town's lapsed vouchers. One unit of work takes at most
    :data:`EXPIRED_AT_ONCE`; call again until none is left.
    """
    due = await repository.lock_due(work, town_id, berlin_day(now), EXPIRED_AT_ONCE)
    if not due:
        return 0
    lapsed = account_id(town_id, AccountKind.LAPSED)
    await post(
        work,
        [
            NewTransfer(
                town_id=town_id,
                id=TransferId(timed_id(voucher_id, Event.EXPIRY)),
                debit_account_id=account_id(town_id, AccountKind.VOUCHER, voucher_id),
                credit_account_id=lapsed,
                amount_cents=balance_cents,
                event=Event.EXPIRY,
                reference_id=voucher_id,
            )
            for voucher_id, balance_cents in due.items()
            if balance_cents
        ],
        now,
    )
    await repository.change_state(
        work,
        town_id,
        due.keys(),
        state=VoucherState.EXPIRED,
        reason="Gültigkeit abgelaufen",
        now=now,
    )
    return len(due)


def is_sold(row: Row[Any]) -> bool:
    """Tell whether a voucher was ever paid for, or took the place of one that was."""
    return row.batch_id is not None or row.replaces_id is not None


async def find_voucher(work: Work, town_id: TownId, voucher_id: VoucherId) -> Row[Any]:
    """Return a voucher with its balance and terms.

    :raises Refusal: ``voucher.unknown``.
    """
    rows = await repository.list_vouchers(work, town_id, voucher_id=voucher_id)
    if not rows:
        raise Refusal("voucher.unknown")
    return rows[0]


async def _locked(work: Work, town_id: TownId, voucher_id: VoucherId) -> Row[Any]:
    if not await repository.lock_voucher(work, town_id, voucher_id):
        raise Refusal("voucher.unknown")
    return await find_voucher(work, town_id, voucher_id)
