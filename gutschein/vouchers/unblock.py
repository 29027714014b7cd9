"""A blocked voucher becomes good again, when a second person has approved it."""

from __future__ import annotations

from gutschein.approvals.kinds import Case, Described, Done, Kind, Terms
from gutschein.db.unit_of_work import Work
from gutschein.kernel.author import Author
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.ids import VoucherId
from gutschein.kernel.money import format_euro
from gutschein.vouchers import life, repository
from gutschein.vouchers.rules import VoucherState, check_blocked
from gutschein.web.fields import Id
from gutschein.web.rights import Right
from gutschein.web.words import german


class Unblocking(Terms, frozen=True, kw_only=True, tag="unblock"):
    """A blocked voucher that is to be good again."""

    voucher_id: Id


async def _describe(work: Work, case: Case, terms: Unblocking) -> Described:
    voucher = await life.find_voucher(work, case.town_id, VoucherId(terms.voucher_id))
    check_blocked(VoucherState(voucher.state), voucher.valid_until, berlin_day(case.now))
    events = await repository.events_of(work, case.town_id, [VoucherId(terms.voucher_id)])
    left = format_euro(voucher.balance_cents)
    return Described(
        subject_id=terms.voucher_id,
        summary=f"Gutschein Nr. {voucher.serial} ({voucher.programme_name}, Rest {left}) wieder"
        f" freischalten. Gesperrt wurde er mit der Begründung: „{events[-1].reason}“.",
    )


async def _execute(work: Work, case: Case, terms: Unblocking, _approver: Author) -> Done:
    await life.unblock(work, case.town_id, VoucherId(terms.voucher_id), case.reason, case.now)
    return Done(before="gesperrt", after="freigeschaltet")


UNBLOCK = Kind(
    terms=Unblocking,
    title=german("Gesperrten Gutschein freischalten"),
    right=Right.VOUCHER_BLOCK,
    describe=_describe,
    execute=_execute,
)
