"""What needs a second person, as pages: what waits, a request as it stands, a decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from gutschein.approvals import repository, service
from gutschein.approvals.api import AtDesk
from gutschein.approvals.kinds import Desk
from gutschein.approvals.overview import Overview, Shown
from gutschein.approvals.schemas import Fingerprint, Rejecting
from gutschein.db.access import Access
from gutschein.db.unit_of_work import Database
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.web.caller import Caller
from gutschein.web.entered import Entered
from gutschein.web.fields import known_as
from gutschein.web.forms import form_again, read_form
from gutschein.web.pages import page, see_other
from gutschein.web.providers import Db, Now, Who
from gutschein.web.rights import Right, needs
from gutschein.web.words import words

#: How many requests a town's page shows.
MOST_SHOWN = 200

_REQUEST = "approvals/request.html"
_REJECTION = "approvals/rejection.html"
_ALL = "/stadt/{town_id:uuid}/freigaben"
_ONE = _ALL + "/{request_id:uuid}"

AnyRequest = Request[Any, Any, Any]


class Approving(Struct, frozen=True):
    """The form of an approval: what was shown, and that it was looked at."""

    fingerprint: Fingerprint
    seen: Annotated[bool, known_as("Whether the box was ticked.", example=True)] = False


class Rejection(Struct, frozen=True):
    """The form of a rejection."""

    reason: Rejecting


@dataclass(frozen=True, slots=True)
class Opened:
    """One request that somebody has opened, to see it or to decide it."""

    http: AnyRequest
    database: Database
    desk: Desk
    town_id: TownId
    id: UUID
    reader: Caller
    now: datetime

    @property
    def path(self) -> str:
        return path_of(self.town_id, self.id)

    async def show(self, template: str = _REQUEST, **values: Any) -> Response[str]:
        """Answer with a page of the request as it stands now."""
        return page(self.http, template, **await self._values(), **values)

    async def show_again(
        self, template: str, refusal: Refusal, form: Struct | None = None
    ) -> Response[str]:
        """Answer with the page, and what was refused."""
        return form_again(self.http, template, refusal, form=form, **await self._values())

    async def _values(self) -> dict[str, Any]:
        async with self.database.reading() as work:
            request = await service.get_request(work, self.town_id, self.id)
            details = await service.details_of(work, self.desk, request)
            [town] = await repository.towns_with_open(work, [self.town_id], self.now)
        shown = Shown.of(request, self.desk.kinds, self.reader, self.now)
        return {
            "town": town,
            "shown": shown,
            "details": details,
            "path": self.path,
            "list_path": path_of(self.town_id),
        }


AtRequest = NamedDependency[Opened]


@get("/freigaben", opt=needs(Right.ACCOUNT_OWN))
async def choose_town(
    request: AnyRequest, database: Db, caller: Who, now: Now
) -> Response[str] | Redirect:
    """Lead to the requests of the reader's town, or show the towns."""
    town_ids = sorted(caller.towns_with(Right.APPROVAL_READ))
    if len(town_ids) == 1:
        return see_other(path_of(town_ids[0]))
    async with database.acting(Access.town(*town_ids)).reading() as work:
        towns = await repository.towns_with_open(work, town_ids, now)
    return page(request, "approvals/towns.html", towns=towns, path_of=path_of)


@get(_ALL, opt=needs(Right.APPROVAL_READ))
async def show_requests(
    request: AnyRequest,
    town_id: FromPath[TownId],
    *,
    database: Db,
    caller: Who,
    desk: AtDesk,
    now: Now,
) -> Response[str]:
    """Show what waits for the reader, what they asked for, and what is over."""
    async with database.reading() as work:
        [town] = await repository.towns_with_open(work, [town_id], now)
        found = await repository.list_requests(work, town_id, now, limit=MOST_SHOWN)
    overview = Overview.of([Shown.of(each, desk.kinds, caller, now) for each in found])
    return page(request, "approvals/requests.html", town=town, overview=overview, path_of=path_of)


@get(_ONE, opt=needs(Right.APPROVAL_READ))
async def show_request(opened: AtRequest) -> Response[str]:
    """Show a request with all that is known, and what the reader can do about it."""
    return await opened.show()


@post(_ONE + "/freigeben", status_code=200, opt=needs(Right.APPROVAL_DECIDE))
async def approve(opened: AtRequest) -> Response[str] | Redirect:
    """Approve what another person asked for, after a second look."""
    try:
        form = await read_form(opened.http, Approving)
        if not form.seen:
            _ = words(opened.http)
            errors = {"seen": _("Bitte bestätigen, dass Sie die Angaben geprüft haben.")}
            return await opened.show(entered=Entered({}, errors), status_code=422)
        async with opened.database.unit_of_work() as work:
            _request, done = await service.approve(
                work,
                opened.desk,
                opened.town_id,
                opened.id,
                fingerprint=form.fingerprint,
                caller=opened.reader,
                now=opened.now,
            )
    except Refusal as refusal:
        return await opened.show_again(_REQUEST, refusal)
    if done.shown_once is None:
        return see_other(opened.path)
    return await opened.show(shown_once=done.shown_once)


@get(_ONE + "/ablehnen", opt=needs(Right.APPROVAL_DECIDE))
async def show_rejection(opened: AtRequest) -> Response[str]:
    """Ask why a request is rejected."""
    return await opened.show(_REJECTION)


@post(_ONE + "/ablehnen", status_code=200, opt=needs(Right.APPROVAL_DECIDE))
async def reject(opened: AtRequest) -> Response[str] | Redirect:
    """Reject what another person asked for."""
    form: Rejection | None = None
    try:
        form = await read_form(opened.http, Rejection)
        async with opened.database.unit_of_work() as work:
            await service.reject(
                work,
                opened.town_id,
                opened.id,
                reason=form.reason,
                caller=opened.reader,
                now=opened.now,
            )
    except Refusal as refusal:
        return await opened.show_again(_REJECTION, refusal, form)
    return see_other(opened.path)


@post(_ONE + "/zurueckziehen", status_code=200, opt=needs(Right.APPROVAL_REQUEST))
async def retract(opened: AtRequest) -> Response[str] | Redirect:
    """Take one's own request back."""
    try:
        async with opened.database.unit_of_work() as work:
            await service.retract(
                work, opened.town_id, opened.id, caller=opened.reader, now=opened.now
            )
    except Refusal as refusal:
        return await opened.show_again(_REQUEST, refusal)
    return see_other(opened.path)


def path_of(town_id: UUID, request_id: UUID | None = None) -> str:
    """Return the path of a town's requests, or of one of them."""
    path = f"/stadt/{town_id}/freigaben"
    return path if request_id is None else f"{path}/{request_id}"


def _opened(
    request: AnyRequest,
    town_id: FromPath[TownId],
    request_id: FromPath[UUID],
    *,
    database: Db,
    caller: Who,
    desk: AtDesk,
    now: Now,
) -> Opened:
    return Opened(request, database, desk, town_id, request_id, caller, now)


router = Router(
    "/",
    route_handlers=[
        choose_town,
        show_requests,
        show_request,
        approve,
        show_rejection,
        reject,
        retract,
    ],
    dependencies={"opened": Provide(_opened, sync_to_thread=False)},
    include_in_schema=False,
)
