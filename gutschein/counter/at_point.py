"""What the pages of an issuing point have in common: which one it is, and who stands there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from gutschein.db.unit_of_work import Database
from gutschein.identity.cookies import cookie, site_of
from gutschein.kernel.author import Author
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.kernel.money import read_euros
from gutschein.merchants.schemas import IssuingPoint
from gutschein.merchants.service import get_issuing_point
from gutschein.towns.schemas import TownSummary
from gutschein.towns.service import get_town
from gutschein.web.caller import Caller
from gutschein.web.forms import Fault, FormRefusal, filled_with, form_again
from gutschein.web.pages import page, see_other
from gutschein.web.providers import Db, Now, Who
from gutschein.web.rights import Right
from gutschein.web.words import german

POINT_PATH = "/ausgabe/{town_id:uuid}/{point_id:uuid}"

#: Where this browser stands, so that nobody has to choose each morning.
_PLACE_COOKIE = "ausgabestelle"
_REMEMBERED = timedelta(days=365)

_NO_AMOUNT = german("Bitte einen Betrag eingeben, zum Beispiel 12,50.")

AnyRequest = Request[Any, Any, Any]
AnyResponse = Response[str] | Redirect


@dataclass(frozen=True, slots=True)
class AtPoint:
    """A reader of an issuing point's pages."""

    request: AnyRequest
    database: Database
    caller: Caller
    now: datetime
    town: TownSummary
    point: IssuingPoint

    @property
    def town_id(self) -> TownId:
        return TownId(self.town.id)

    @property
    def author(self) -> Author:
        return self.caller.author

    @property
    def path(self) -> str:
        """The page that all others of the issuing point lead back to."""
        return path_of(self.town.id, self.point.id)

    def may(self, right: Right) -> bool:
        """Tell whether the reader has a right in this town."""
        return self.town_id in self.caller.towns_with(right)

    def show(self, template: str, status_code: int = 200, **values: Any) -> Response[str]:
        """Answer with a page."""
        return page(self.request, template, status_code, **self._shared(), **values)

    def show_again(
        self, template: str, refusal: Refusal, form: Struct | None = None, **values: Any
    ) -> Response[str]:
        """Answer with the page of a form, and what was refused."""
        return form_again(self.request, template, refusal, form=form, **self._shared(), **values)

    def done(self, rest: str) -> Redirect:
        """Lead to another page of the issuing point."""
        return see_other(f"{self.path}{rest}")

    def _shared(self) -> dict[str, Any]:
        return {
            "town": self.town,
            "point": self.point,
            "path": self.path,
            "may_sell": self.may(Right.COUNTER_SELL),
            "may_close": self.may(Right.COUNTER_CLOSE),
            "may_order": self.may(Right.STOCK_ORDER),
        }


At = NamedDependency[AtPoint]


def path_of(town_id: UUID, point_id: UUID) -> str:
    """Return the address of an issuing point's first page."""
    return f"/ausgabe/{town_id}/{point_id}"


def remembering(at: AtPoint) -> Cookie:
    """Return the cookie by which a browser remembers where it stands."""
    return cookie(at.request, _PLACE_COOKIE, f"{at.town.id}.{at.point.id}", _REMEMBERED)


def remembered(request: AnyRequest) -> tuple[TownId, UUID] | None:
    """Return the town and the issuing point where a browser stood last."""
    value = request.cookies.get(site_of(request).cookie_name(_PLACE_COOKIE), "")
    town, _, point = value.partition(".")
    try:
        return TownId(UUID(town)), UUID(point)
    except ValueError:
        return None


def cents_in(form: Struct, field: str) -> int:
    """Return the cents of a form's field in which somebody has written an amount.

    :raises FormRefusal: ``request.invalid`` when it is none.
    """
    cents = read_euros(getattr(form, field))
    if cents is None:
        raise FormRefusal({field: Fault("No amount", _NO_AMOUNT)}, filled_with(form))
    return cents


async def _at_point(
    request: AnyRequest,
    town_id: FromPath[TownId],
    point_id: FromPath[UUID],
    *,
    database: Db,
    caller: Who,
    now: Now,
) -> AtPoint:
    async with database.reading() as work:
        town = await get_town(work, town_id)
        point = await get_issuing_point(work, town_id, point_id)
    return AtPoint(request, database, caller, now, town, point)


AT_POINT = {"at": Provide(_at_point)}
