"""The withdrawal function (paragraph 356a BGB): two steps without sign-in or script, a receipt.

Nothing that is shown tells whether there is such an order.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery
from msgspec import Meta, Struct

from gutschein.bank.rf_reference import compacted, format_reference, is_reference
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import new_id
from gutschein.limits.rules import WITHDRAWAL_DECLARED, WITHDRAWAL_MAILED
from gutschein.shop import withdrawal_repository
from gutschein.shop.at_shop import AT_SHOP, AnyResponse, At, AtShop
from gutschein.shop.order_link import link_of, order_of
from gutschein.shop.wish_form import EmailText, address_fault, is_address
from gutschein.shop.withdrawal_rules import Declaration
from gutschein.shop.withdrawal_service import declare, get_withdrawal, withdrawal_id_of
from gutschein.web.entered import Entered
from gutschein.web.fields import known_as, line
from gutschein.web.forms import FormRefusal, filled_with, read_form
from gutschein.web.guard import PUBLIC
from gutschein.web.pages import see_other

_PATH = "/widerruf"
_FORM = "shop/withdraw.html"

MOST_NAME = 100
MOST_NUMBER = 60
MOST_REMARKS = 500


class WithdrawalForm(Struct, frozen=True, kw_only=True):
    """A declaration, and which step comes next: look at it, change it, or confirm it."""

    id: Annotated[UUID, known_as("Made with the page.", None)]
    name: Annotated[str, line(MOST_NAME, "Who declares.", "Erika Beispiel")]
    number: Annotated[str, line(MOST_NUMBER, "Of the order.", "RF34 0000 0042")]
    email: EmailText
    remarks: Annotated[str, Meta(max_length=MOST_REMARKS)] = ""
    step: Annotated[
        Literal["check", "change", "confirm"], known_as("What to do next.", "check")
    ] = "check"

    @property
    def declaration(self) -> Declaration:
        return Declaration(
            name=self.name, number=self.number, email=self.email, remarks=self.remarks
        )


@get(_PATH)
async def ask(at: At, nummer: FromQuery[str | None] = None) -> Response[str]:
    """Show the form; from the page of an order, its number stands there already."""
    number = compacted(nummer or "")
    known = format_reference(number) if is_reference(number) else ""
    return _form(at, Entered({"number": known}))


@post(_PATH, status_code=200)
async def send(at: At) -> AnyResponse:
    """Show the declaration once more; confirmed, keep it and lead to its receipt."""
    form: WithdrawalForm | None = None
    try:
        form = await read_form(at.request, WithdrawalForm)
        if not is_address(form.email):
            raise FormRefusal({"email": address_fault()}, filled_with(form))
        if form.step == "confirm":
            return await _confirmed(at, form)
    except Refusal as refusal:
        return at.show_again(_FORM, refusal, form, **_values())
    if form.step == "change":
        return _form(at, Entered(filled_with(form)))
    return at.show("shop/withdraw_check.html", form=form)


@get(_PATH + "/{link:str}")
async def show_receipt(at: At, link: FromPath[str]) -> Response[str]:
    """Show that a declaration came in, when, and what it says."""
    try:
        withdrawal_id = order_of(at.keys, at.town_id, link)
    except Refusal:
        raise Refusal("withdrawal.unknown") from None
    async with at.reading() as work:
        withdrawal = await get_withdrawal(work, at.town_id, withdrawal_id, at.kek)
    return at.show("shop/withdraw_received.html", withdrawal=withdrawal)


async def _confirmed(at: AtShop, form: WithdrawalForm) -> AnyResponse:
    withdrawal_id = withdrawal_id_of(form.id, form.declaration)
    async with at.reading() as work:
        known = await withdrawal_repository.is_known(work, at.town_id, withdrawal_id)
    if not known:
        await at.take(WITHDRAWAL_DECLARED)
        await at.take(WITHDRAWAL_MAILED, form.email.casefold())
        async with at.unit_of_work() as work:
            await declare(
                work,
                at.town_id,
                withdrawal_id,
                form.declaration,
                language=at.language,
                kek=at.kek,
                keys=at.keys,
                stationery=await at.stationery(work),
                now=at.now,
            )
    return see_other(f"{at.town.path}{_PATH}/{link_of(at.keys, at.town_id, withdrawal_id)}")


def _form(at: AtShop, entered: Entered) -> Response[str]:
    return at.show(_FORM, entered=entered, **_values())


def _values() -> dict[str, Any]:
    """Return what the form shows besides what was entered."""
    return {
        "form_id": new_id(),
        "most_name": MOST_NAME,
        "most_number": MOST_NUMBER,
        "most_remarks": MOST_REMARKS,
    }


router = Router(
    "/{slug:str}",
    route_handlers=[ask, send, show_receipt],
    dependencies=AT_SHOP,
    include_in_schema=False,
    opt=dict(PUBLIC),
)
