"""What the pages of people have in common: whose people, and who reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from gutschein.identity.roles import ROLE_NAMES
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import MerchantId, RegionId, TownId
from gutschein.people.office import AnyRequest, Office, PeopleOffice
from gutschein.people.place import Place
from gutschein.people.rules import MANAGING, By
from gutschein.web.forms import form_again
from gutschein.web.pages import page, see_other
from gutschein.web.rights import OF_TOWN, Right

TOWN_PATH = "/stadt/{town_id:uuid}/personen"
MERCHANT_PATH = "/betrieb/{town_id:uuid}/{merchant_id:uuid}/personen"
REGION_PATH = "/verbund/{region_id:uuid}/personen"

AnyResponse = Response[str] | Redirect

_MANAGING: Mapping[By, Right] = {
    "town": Right.PEOPLE_MANAGE,
    "merchant": Right.MERCHANT_PEOPLE_MANAGE,
    "operator": Right.REGION_PEOPLE_MANAGE,
}


@dataclass(frozen=True, slots=True)
class AtPlace:
    """A reader of the pages of a place's people."""

    request: AnyRequest
    office: PeopleOffice
    place: Place
    by: By

    @property
    def path(self) -> str:
        """The page that all others of these people lead back to."""
        return path_of(self.place)

    @property
    def may_manage(self) -> bool:
        """Whether the reader may invite people here."""
        return any(
            (grant.role in OF_TOWN and grant.town_id == self.place.town_id)
            or (grant.region_id, grant.town_id, grant.merchant_id)
            == (self.place.region_id, self.place.town_id, self.place.merchant_id)
            for grant in self.office.caller.holding(_MANAGING[self.by])
        )

    @property
    def may_recover(self) -> bool:
        """Whether the reader may ask for a way back in for people here."""
        return self.place.town_id in self.office.caller.towns_with(Right.PEOPLE_MANAGE)

    def show(self, template: str, status_code: int = 200, **values: Any) -> Response[str]:
        """Answer with a page."""
        return page(self.request, template, status_code, **self._shared(), **values)

    def show_again(
        self, template: str, refusal: Refusal, form: Struct | None = None, **values: Any
    ) -> Response[str]:
        """Answer with the page of a form, and what was refused."""
        return form_again(self.request, template, refusal, form=form, **self._shared(), **values)

    def done(self, what: str) -> Redirect:
        """Lead back to the first page, which says what was done."""
        return see_other(f"{self.path}?erledigt={what}")

    def _shared(self) -> dict[str, Any]:
        return {
            "town": self.place.town,
            "place": self.place,
            "path": self.path,
            "role_names": ROLE_NAMES,
            "may_manage": self.may_manage,
            "may_recover": self.may_recover,
            "reader_id": self.office.caller.id,
            "managing": MANAGING,
        }


At = NamedDependency[AtPlace]


def path_of(place: Place) -> str:
    """Return the address of the people of a place."""
    if place.merchant_id is not None:
        return f"/betrieb/{place.town_id}/{place.merchant_id}/personen"
    if place.town_id is not None:
        return f"/stadt/{place.town_id}/personen"
    return f"/verbund/{place.region_id}/personen"


def merchant_path(town_id: UUID, merchant_id: UUID) -> str:
    """Return the address of a merchant's people."""
    return f"/betrieb/{town_id}/{merchant_id}/personen"


async def _at_town(request: AnyRequest, town_id: FromPath[TownId], office: Office) -> AtPlace:
    return AtPlace(request, office, await office.town(town_id), "town")


async def _at_merchant(
    request: AnyRequest,
    town_id: FromPath[TownId],
    merchant_id: FromPath[MerchantId],
    office: Office,
) -> AtPlace:
    return AtPlace(request, office, await office.merchant(town_id, merchant_id), "merchant")


async def _at_region(request: AnyRequest, region_id: FromPath[RegionId], office: Office) -> AtPlace:
    return AtPlace(request, office, await office.region(region_id), "operator")


AT_TOWN = {"at": Provide(_at_town)}
AT_MERCHANT = {"at": Provide(_at_merchant)}
AT_REGION = {"at": Provide(_at_region)}
