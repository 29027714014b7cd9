"""The pages of a cash closing: count, compare, and see what was counted before."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath
from msgspec import Struct

from gutschein.counter import closing, repository
from gutschein.counter.at_point import AT_POINT, POINT_PATH, AnyResponse, At, AtPoint, cents_in
from gutschein.counter.schemas import NewCashClosing, Reason
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import new_id
from gutschein.web.fields import known_as
from gutschein.web.forms import read_form
from gutschein.web.rights import Right, needs

_COUNT = "counter/count.html"

_FIELDS = {"closing.difference": "counted", "closing.banked": "banked"}


class CountForm(Struct, frozen=True):
    """The form of a count. Its id is made with the page: a double click closes once."""

    id: UUID
    counted: str
    banked: str = ""
    reason: Annotated[Reason | None, known_as("Why it differs.", "Wechselgeldfehler")] = None


@get(POINT_PATH + "/abschluss", opt=needs(Right.COUNTER_READ))
async def show_count(at: At) -> Response[str]:
    """Ask for what was counted. What should be there is said afterwards."""
    return at.show(_COUNT, closing_id=new_id(), **await _told(at))


@post(POINT_PATH + "/abschluss", status_code=303, opt=needs(Right.COUNTER_CLOSE))
async def close_cash(at: At) -> AnyResponse:
    """Close the cash, and lead to the closing."""
    form = None
    try:
        form = await read_form(at.request, CountForm)
        new = NewCashClosing(
            id=form.id,
            counted_cents=cents_in(form, "counted"),
            banked_cents=cents_in(form, "banked") if form.banked else 0,
            reason=form.reason,
        )
        async with at.database.unit_of_work() as work:
            closed, _made = await closing.close_cash(
                work, at.town_id, at.point.id, new, by=at.author, now=at.now
            )
    except Refusal as refusal:
        closing_id = new_id() if form is None else form.id
        return at.show_again(
            _COUNT,
            refusal,
            form,
            field=_FIELDS.get(refusal.code, ""),
            closing_id=closing_id,
            **await _told(at),
        )
    return at.done(f"/abschluesse/{closed.id}")


@get(POINT_PATH + "/abschluesse/{closing_id:uuid}", opt=needs(Right.COUNTER_READ))
async def show_closing(at: At, closing_id: FromPath[UUID]) -> Response[str]:
    """Show a cash closing, ready to be printed."""
    async with at.database.reading() as work:
        closed = await closing.get_closing(work, at.town_id, at.point.id, closing_id)
    return at.show("counter/closing.html", closing=closed)


async def _told(at: AtPoint) -> dict[str, Any]:
    async with at.database.reading() as work:
        closings = await repository.list_closings(work, at.town_id, at.point.id, limit=31)
        taken = await repository.taken_since(work, at.town_id, at.point.id)
    return {"closings": closings, "card_cents": taken.card_cents}


router = Router(
    "/",
    route_handlers=[show_count, close_cash, show_closing],
    dependencies=AT_POINT,
    include_in_schema=False,
)
