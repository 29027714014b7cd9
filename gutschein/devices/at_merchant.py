"""What the pages of a merchant's devices have in common: whose they are, and who reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Request, Response
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from gutschein.db.access import Access
from gutschein.db.unit_of_work import Database
from gutschein.kernel.author import Author
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import MerchantId, TownId
from gutschein.merchants.repository import list_merchants
from gutschein.merchants.schemas import Merchant
from gutschein.merchants.service import get_merchant
from gutschein.towns.schemas import TownSummary
from gutschein.towns.service import get_town
from gutschein.web.caller import Caller
from gutschein.web.forms import form_again
from gutschein.web.pages import page, see_other
from gutschein.web.providers import Db, Now, Who
from gutschein.web.rights import OF_TOWN, Right

MERCHANT_PATH = "/betrieb/{town_id:uuid}/{merchant_id:uuid}/geraete"

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class AtMerchant:
    """A reader of a merchant's pages."""

    request: AnyRequest
    database: Database
    caller: Caller
    now: datetime
    town: TownSummary
    merchant: Merchant

    @property
    def town_id(self) -> TownId:
        return TownId(self.town.id)

    @property
    def merchant_id(self) -> MerchantId:
        return MerchantId(self.merchant.id)

    @property
    def author(self) -> Author:
        return self.caller.author

    @property
    def path(self) -> str:
        """The page that all others of the merchant's devices lead back to."""
        return path_of(self.town_id, self.merchant_id)

    def may(self, right: Right) -> bool:
        """Tell whether the reader has a right at this merchant."""
        return any(
            grant.town_id == self.town_id
            and (grant.role in OF_TOWN or grant.merchant_id == self.merchant_id)
            for grant in self.caller.holding(right)
        )

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
            "town": self.town,
            "merchant": self.merchant,
            "path": self.path,
            "may_pair": self.may(Right.DEVICE_MANAGE),
            "may_lock": self.may(Right.DEVICE_LOCK),
            "may_name_cashiers": self.may(Right.CASHIER_MANAGE),
            "may_make_keys": self.may(Right.API_KEY_MANAGE),
            "may_read_statements": self.may(Right.STATEMENT_READ),
        }


At = NamedDependency[AtMerchant]


def path_of(town_id: TownId, merchant_id: MerchantId) -> str:
    """Return the address of a merchant's devices."""
    return f"/betrieb/{town_id}/{merchant_id}/geraete"


async def merchants_with(
    right: Right, database: Database, caller: Caller
) -> list[tuple[str, TownId, MerchantId]]:
    """Return the merchants at which a reader has a right, by town and name: all of a town's
    for its own people.
    """
    grants, town_ids = caller.holding(right), caller.towns_with(right)
    whole = {grant.town_id for grant in grants if grant.role in OF_TOWN}
    own = {grant.merchant_id for grant in grants}
    async with database.acting(Access.town(*town_ids)).reading() as work:
        return [
            (merchant.name, town_id, MerchantId(merchant.id))
            for town_id in sorted(town_ids)
            for merchant in await list_merchants(work, town_id)
            if town_id in whole or merchant.id in own
        ]


async def _at_merchant(
    request: AnyRequest,
    town_id: FromPath[TownId],
    merchant_id: FromPath[MerchantId],
    *,
    database: Db,
    caller: Who,
    now: Now,
) -> AtMerchant:
    async with database.reading() as work:
        town = await get_town(work, town_id)
        merchant = await get_merchant(work, town_id, merchant_id)
    return AtMerchant(request, database, caller, now, town, merchant)


AT_MERCHANT = {"at": Provide(_at_merchant)}
