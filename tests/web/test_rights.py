"""Every route, called as every role: at home, next door, and by nobody.

What must come out stands in the table of rights; a new route is tested by being there.
"""

from __future__ import annotations

from uuid import UUID

import httpx
import pytest
from api_fixtures import Api, Clock, code_of, fresh_id
from everybody import COOKIE
from furniture import furnish
from litestar import Litestar
from litestar.routes import HTTPRoute
from route_table import PUBLIC
from sqlalchemy import text

from gutschein.db.access import IDENTITY, Access
from gutschein.db.unit_of_work import Database
from gutschein.devices.api_keys import create_api_key
from gutschein.identity.persons import create_person
from gutschein.identity.sessions import csrf_token, start_session
from gutschein.kernel.author import Author
from gutschein.kernel.ids import MerchantId, TownId, new_id
from gutschein.web.rights import (
    OF_MERCHANT,
    OF_REGION,
    OF_TOWN,
    RIGHTS,
    TWO_FACTOR,
    Right,
    Role,
    Rule,
    Scope,
)
from tests.conftest import ConnectAs

PERSONS = [role for role in Role if role in OF_REGION | OF_TOWN | OF_MERCHANT]

Route = tuple[str, str, Rule]


def routes(app: Litestar) -> list[tuple[str, str, Right]]:
    """Method, path and right of every route that is not public."""
    return [
        (str(method), _template(route.path_format), Right(handler.opt["right"]))
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
        if method != "OPTIONS" and not handler.opt.get("public")
    ]


def _template(path: str) -> str:
    return "/".join(
        "{" + part[1:-1].partition(":")[0] + "}" if part.startswith("{") else part
        for part in path.split("/")
    )


def test_every_route_names_a_right_or_is_public(app: Litestar) -> None:
    for route in app.routes:
        assert isinstance(route, HTTPRoute)
        for handler in route.route_handlers:
            if handler.http_methods == {"OPTIONS"}:
                continue
            public = bool(handler.opt.get("public"))
            assert public is not ("right" in handler.opt), route.path


def test_every_right_is_asked_for_somewhere(app: Litestar) -> None:
    of_kinds = {kind.right for kind in app.state.approval_kinds.values()}
    assert {right for _, _, right in routes(app)} | of_kinds == set(Right)


class People:
    """Persons with one role each in one place, their sessions, and what they call."""

    def __init__(
        self, app: Litestar, caller: httpx.AsyncClient, database: Database, clock: Clock
    ) -> None:
        self._app, self._caller, self._database, self._clock = app, caller, database, clock

    async def call(
        self, things: dict[str, str], headers: dict[str, str]
    ) -> dict[tuple[str, str, Right], httpx.Response]:
        """Call everything that needs a right, without a body: the guard comes first.

        What is one's own comes last, since signing out is part of it.
        """
        self._caller.auth = None
        return {
            (method, path, right): await self._caller.request(
                method, path.format_map(Known(things)), headers=headers
            )
            for method, path, right in sorted(routes(self._app), key=_is_own)
        }

    async def headers(
        self, role: Role | None, things: dict[str, str], *, second_factor: bool = True
    ) -> dict[str, str]:
        """Sign in somebody who is *role* in the region, town or merchant of *things*."""
        place = {
            "region_id": things["region_id"] if role in OF_REGION else None,
            "town_id": things["town_id"] if role in OF_TOWN | OF_MERCHANT else None,
            "merchant_id": things["merchant_id"] if role in OF_MERCHANT else None,
        }
        async with self._database.acting(IDENTITY).unit_of_work() as work:
            person_id = await create_person(
                work,
                self._app.state.service_keys,
                name="Jemand",
                email=f"{new_id()}@example.org",
                password=None,
                now=self._clock.now,
            )
            if role is not None:
                await work.execute(
                    text(
                        "INSERT INTO role_grant (id, person_id, role, region_id, town_id,"
                        " merchant_id, granted_at) VALUES (:id, :person_id, :role, :region_id,"
                        " :town_id, :merchant_id, :now)"
                    ),
                    {"id": new_id(), "person_id": person_id, "role": role, "now": self._clock.now}
                    | place,
                )
            token = await start_session(
                work, person_id, second_factor=second_factor, browser="Test", now=self._clock.now
            )
        return {"cookie": f"{COOKIE}={token}", "x-csrf-token": csrf_token(token)}

    async def register(self, things: dict[str, str]) -> dict[str, str]:
        """The credential of a cash register of the merchant of *things*."""
        town_id = TownId(UUID(things["town_id"]))
        async with self._database.acting(Access.town(town_id)).unit_of_work() as work:
            _, token = await create_api_key(
                work,
                town_id,
                MerchantId(UUID(things["merchant_id"])),
                name="Kasse",
                rights=[right for right, rule in RIGHTS.items() if Role.REGISTER in rule.roles],
                ends_at=self._clock.now.replace(year=self._clock.now.year + 1),
                by=Author(None, "Test"),
                now=self._clock.now,
            )
        return {"authorization": f"Bearer {token}"}


@pytest.fixture
async def people(
    app: Litestar, caller: httpx.AsyncClient, connect: ConnectAs, database_url: str, clock: Clock
) -> People:
    return People(app, caller, await connect(database_url, "gutschein_identity"), clock)


@pytest.fixture
def caller(anonymous: httpx.AsyncClient) -> httpx.AsyncClient:
    """Somebody whose credentials are in the headers of each call."""
    return anonymous


@pytest.fixture
async def home(api: Api, clock: Clock) -> dict[str, str]:
    return await furnish(api, clock)


@pytest.fixture
async def abroad(api: Api, clock: Clock) -> dict[str, str]:
    return await furnish(api, clock)


def refused(response: httpx.Response) -> bool:
    """Whether the guard let nobody in. A page that shows its form again has been reached."""
    if response.status_code not in {401, 403} or "html" in response.headers["content-type"]:
        return False
    return code_of(response) in {"right.missing", "auth.required"}


def _is_own(route: tuple[str, str, Right]) -> bool:
    return route[2] is Right.ACCOUNT_OWN


class Known(dict[str, str]):
    """The ids of things by their names in paths; of what was not furnished, any id."""

    def __missing__(self, key: str) -> str:
        return fresh_id()


@pytest.mark.parametrize("role", PERSONS)
async def test_at_home_a_role_may_what_the_table_says(
    people: People,
    home: dict[str, str],
    role: Role,
) -> None:
    headers = await people.headers(role, home)
    for (method, path, right), response in (await people.call(home, headers)).items():
        rule = RIGHTS[right]
        may = role in rule.roles or (rule.scope is Scope.SELF and not rule.roles)
        assert refused(response) is not may, (role, method, path, response.text)


@pytest.mark.parametrize("role", PERSONS)
async def test_next_door_a_role_may_nothing(
    people: People,
    home: dict[str, str],
    abroad: dict[str, str],
    role: Role,
) -> None:
    headers = await people.headers(role, abroad)
    for (method, path, right), response in (await people.call(home, headers)).items():
        if RIGHTS[right].scope is not Scope.SELF:
            assert refused(response), (role, method, path, response.text)
        assert home["town_id"] not in response.text, (role, method, path)
        assert home["region_id"] not in response.text, (role, method, path)


async def test_another_merchant_of_the_town_may_nothing(
    people: People, api: Api, home: dict[str, str]
) -> None:
    other = await api.new_merchant({"id": home["town_id"]})
    for role in OF_MERCHANT:
        headers = await people.headers(role, home | {"merchant_id": other["id"]})
        for (method, path, right), response in (await people.call(home, headers)).items():
            if RIGHTS[right].scope is not Scope.SELF:
                assert refused(response), (role, method, path, response.text)


async def test_a_cash_register_may_what_the_table_says_and_only_for_its_shop(
    people: People,
    home: dict[str, str],
    abroad: dict[str, str],
) -> None:
    headers = await people.register(home)
    for (method, path, right), response in (await people.call(home, headers)).items():
        may = Role.REGISTER in RIGHTS[right].roles
        assert refused(response) is not may, (method, path, response.text)
    for (method, path, right), response in (await people.call(abroad, headers)).items():
        if RIGHTS[right].scope is Scope.TOWN:
            assert refused(response), (method, path, response.text)


@pytest.mark.parametrize("role", sorted(TWO_FACTOR))
async def test_with_one_factor_a_role_that_moves_money_may_nothing(
    people: People,
    home: dict[str, str],
    role: Role,
) -> None:
    headers = await people.headers(role, home, second_factor=False)
    for (method, path, right), response in (await people.call(home, headers)).items():
        if RIGHTS[right].scope is not Scope.SELF or RIGHTS[right].roles:
            assert refused(response), (role, method, path, response.text)


async def test_without_any_role_there_is_only_oneself(people: People, home: dict[str, str]) -> None:
    headers = await people.headers(None, home)
    for (method, path, right), response in (await people.call(home, headers)).items():
        own = RIGHTS[right].scope is Scope.SELF and not RIGHTS[right].roles
        assert refused(response) is not own, (method, path, response.text)


async def test_nobody_signed_in_may_nothing(people: People, home: dict[str, str]) -> None:
    for (method, path, _), response in (await people.call(home, {})).items():
        assert response.status_code in {401, 303}, (method, path, response.text)


async def test_an_unknown_town_is_refused_like_a_foreign_one(
    caller: httpx.AsyncClient, people: People, home: dict[str, str], abroad: dict[str, str]
) -> None:
    caller.auth = None
    headers = await people.headers(Role.ADMINISTRATOR, home)
    answers = [
        await caller.get(f"/api/v1/towns/{town_id}", headers=headers)
        for town_id in (abroad["town_id"], fresh_id())
    ]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert answers[0].content == answers[1].content


async def test_a_request_of_another_site_is_refused(
    caller: httpx.AsyncClient, people: People, home: dict[str, str]
) -> None:
    caller.auth = None
    path = f"/api/v1/towns/{home['town_id']}/expiries"
    good = await people.headers(Role.ADMINISTRATOR, home)
    assert (await caller.post(path, headers=good)).status_code == 200
    for wrong in (
        {"x-csrf-token": ""},
        {"x-csrf-token": "0" * 64},
        {"x-csrf-token": "ä".encode()},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ):
        response = await caller.post(path, headers={**good, **wrong})
        assert (response.status_code, code_of(response)) == (403, "session.csrf"), wrong


def test_the_public_routes_are_those_we_mean(app: Litestar) -> None:
    """Whoever makes a route public says so here too."""
    public = {
        _template(route.path_format) or "/"
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if handler.opt.get("public")
    }
    assert public == PUBLIC
