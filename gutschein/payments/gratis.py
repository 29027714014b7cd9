"""What the town gives itself: a subsidy is booked only when a second person has approved it."""

from __future__ import annotations

from gutschein.approvals.kinds import Case, Described, Done, Kind, Terms
from gutschein.db.unit_of_work import Work
from gutschein.kernel.author import Author
from gutschein.kernel.money import format_euro
from gutschein.payments import service
from gutschein.payments.schemas import NewPayment, Reference
from gutschein.towns.service import get_town
from gutschein.web.fields import AmountCents
from gutschein.web.rights import Right
from gutschein.web.words import german


class GratisIssue(Terms, frozen=True, kw_only=True, tag="gratis_issue"):
    """Vouchers that the town gives away: a subsidy they can be issued against.

    Once approved it is a payment under the id of the request.
    """

    amount_cents: AmountCents
    reference: Reference


async def _describe(work: Work, case: Case, terms: GratisIssue) -> Described:
    town = await get_town(work, case.town_id)
    amount = format_euro(terms.amount_cents)
    return Described(
        subject_id=case.id,
        summary=f"{town.name} gibt {amount} für Gutscheine, die niemand bezahlt:"
        f" „{terms.reference}“.",
    )


async def _execute(work: Work, case: Case, terms: GratisIssue, _approver: Author) -> Done:
    new = NewPayment(
        id=case.id,
        method="subsidy",
        amount_cents=terms.amount_cents,
        reference=terms.reference,
    )
    await service.book(work, case.town_id, new, case.now)
    return Done(after=f"Zuschuss über {format_euro(terms.amount_cents)} gebucht")


GRATIS_ISSUE = Kind(
    terms=GratisIssue,
    title=german("Gutscheine auf Kosten der Stadt"),
    right=Right.PAYMENT_BOOK,
    describe=_describe,
    execute=_execute,
)
