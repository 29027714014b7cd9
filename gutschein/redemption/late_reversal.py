"""A redemption is taken back after its day, when a second person has approved it.

The money goes back as in any reversal. What the merchant was paid for the redemption, and
the fee on it, goes off its next statement, which takes in every reversal that no statement
has had.
"""

from __future__ import annotations

from gutschein.approvals.kinds import Case, Described, Done, Kind, Terms
from gutschein.db.access import CLEARING
from gutschein.db.unit_of_work import Work
from gutschein.kernel.author import Author
from gutschein.kernel.clock import BERLIN
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import RedemptionId, ReversalId
from gutschein.kernel.money import format_euro
from gutschein.redemption import repository, voucher_repository
from gutschein.redemption.reverse import reverse
from gutschein.redemption.rules import Redemption
from gutschein.web.fields import Id
from gutschein.web.rights import Right
from gutschein.web.words import german


class LateReversal(Terms, frozen=True, kw_only=True, tag="late_reversal"):
    """A redemption in one of the town's shops that is to be taken back whole.

    The reversal takes the id of the request.
    """

    redemption_id: Id


async def _describe(work: Work, case: Case, terms: LateReversal) -> Described:
    redemption = await _redemption(work, case, terms)
    if await repository.find_reversal(work, case.town_id, redemption.id):
        raise Refusal("reversal.already")
    voucher_key = (redemption.issuing_town_id, redemption.voucher_id)
    voucher = (await voucher_repository.views(work, [voucher_key]))[voucher_key]
    at = redemption.redeemed_at.astimezone(BERLIN)
    return Described(
        subject_id=redemption.id,
        summary=f"Storno der Einlösung vom {at:%d.%m.%Y} um {at:%H:%M} Uhr über"
        f" {format_euro(redemption.amount_cents)} bei"
        f" {await repository.shop_name(work, redemption.shop)}. Der Betrag geht zurück auf den"
        f" Gutschein ({voucher.programme_name}, {voucher.town_name}) und von der nächsten"
        " Abrechnung ab.",
    )


async def _execute(work: Work, case: Case, terms: LateReversal, _approver: Author) -> Done:
    redemption = await _redemption(work, case, terms)
    done = await reverse(
        work, redemption.shop, ReversalId(case.id), redemption.id, now=case.now, any_day=True
    )
    return Done(before="eingelöst", after=f"{format_euro(done.amount_cents)} storniert")


async def _redemption(work: Work, case: Case, terms: LateReversal) -> Redemption:
    redemption_id = RedemptionId(terms.redemption_id)
    found = await repository.stored_redemptions(work, case.town_id, [redemption_id])
    if redemption_id not in found:
        raise Refusal("redemption.unknown")
    return found[redemption_id]


LATE_REVERSAL = Kind(
    terms=LateReversal,
    title=german("Storno nach dem Tag der Einlösung"),
    right=Right.APPROVAL_REQUEST,
    describe=_describe,
    execute=_execute,
    access=CLEARING,
)
