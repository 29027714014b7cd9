"""Two persons who may do everything in every town, together: real sessions, real keys.

Most tests are about something else than rights. Their calls go out with the credential of
whoever may make them: the town hall's, its approver's, or that of the shop's cash register.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import cbor2
import httpx
from sqlalchemy import text

from gutschein.db.access import IDENTITY, Access
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database
from gutschein.devices.api_keys import create_api_key
from gutschein.identity.sessions import csrf_token, start_session
from gutschein.kernel.author import Author
from gutschein.kernel.ids import MerchantId, TownId
from gutschein.web.rights import Right

#: Anna runs the town halls and the region; Bernd approves.
ANNA = UUID("01990000-0000-7000-8000-00000000000a")
BERND = UUID("01990000-0000-7000-8000-00000000000b")
ROLES = {ANNA: ("administrator", "clerk", "auditor"), BERND: ("approver",)}
NAMES = {ANNA: "Anna Amtmann", BERND: "Bernd Bewilliger"}
NO_REGION_YET = UUID("01990000-0000-7000-8000-0000000000aa")

COOKIE = "sitzung"
#: Well within the idle time of a session.
_FRESH = timedelta(minutes=5)
_KEY_LASTS = timedelta(days=365)

_TOWN_ROLES = ", ".join(
    f"('{person}'::uuid, '{role}')" for person, roles in ROLES.items() for role in roles
)

PREPARE_EVERYBODY = (
    *(
        f"INSERT INTO person (id, name, email_hash, sealed_email, language, created_at)"
        f" VALUES ('{person}', '{name}', decode('{hashlib.sha256(name.encode()).hexdigest()}',"
        " 'hex'), '\\x00', 'de', '2026-01-01Z')"
        for person, name in NAMES.items()
    ),
    f"""
    CREATE FUNCTION tests_let_everybody_in() RETURNS trigger SECURITY DEFINER LANGUAGE plpgsql
    AS $$ BEGIN
        IF TG_TABLE_NAME = 'merchant' THEN
            INSERT INTO role_grant (id, person_id, role, town_id, merchant_id, granted_at)
            VALUES (gen_random_uuid(), '{ANNA}', 'owner', NEW.town_id, NEW.id, now());
        ELSIF TG_TABLE_NAME = 'region' THEN
            INSERT INTO role_grant (id, person_id, role, region_id, granted_at)
            VALUES (gen_random_uuid(), '{ANNA}', 'operator', NEW.id, now());
        ELSE
            INSERT INTO role_grant (id, person_id, role, town_id, granted_at)
            SELECT gen_random_uuid(), person_id, role, NEW.id, now()
            FROM (VALUES {_TOWN_ROLES}) AS those(person_id, role);
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER tests_let_everybody_in AFTER INSERT ON region
    FOR EACH ROW EXECUTE FUNCTION tests_let_everybody_in()
    """,
    """
    CREATE TRIGGER tests_let_everybody_in AFTER INSERT ON town
    FOR EACH ROW EXECUTE FUNCTION tests_let_everybody_in()
    """,
    """
    CREATE TRIGGER tests_let_everybody_in AFTER INSERT ON merchant
    FOR EACH ROW EXECUTE FUNCTION tests_let_everybody_in()
    """,
    # An operator of no region yet, so that the first region can be opened.
    f"INSERT INTO region (id, name, created_at) VALUES ('{NO_REGION_YET}', 'Leer', '2026-01-01Z')",
)

_FORGET = text(
    f"DELETE FROM role_grant WHERE person_id IN ('{ANNA}', '{BERND}') AND region_id IS DISTINCT"
    f" FROM '{NO_REGION_YET}'"
)
_NEWEST_SHOP = text("SELECT town_id, id FROM merchant ORDER BY id DESC LIMIT 1")
_TILL = re.compile(r"/api/v1/(?:redemptions|sales|vouchers)\b.*")
_DECISION = re.compile(r".*/approvals/[^/]+/(?:approval|rejection)")


class Clock(Protocol):
    def __call__(self) -> datetime: ...


class Everybody(httpx.Auth):
    """Sends each request as whoever may make it. A credential of its own has precedence."""

    def __init__(self, database_url: str, clock: Clock) -> None:
        self._clock = clock
        self._engine = create_engine(database_url, role=None, pool_size=8)
        self._sessions: dict[UUID, tuple[str, datetime]] = {}
        self._lock = asyncio.Lock()
        self._keys: dict[tuple[UUID, UUID], tuple[str, datetime]] = {}

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        path = request.url.path
        if "authorization" in request.headers or "cookie" in request.headers:
            pass
        elif _TILL.fullmatch(path):
            await request.aread()
            key = await self.key_of(await self._shop(request.content))
            request.headers["authorization"] = f"Bearer {key}"
        else:
            token = await self.session_of(BERND if _DECISION.fullmatch(path) else ANNA)
            request.headers["cookie"] = f"{COOKIE}={token}"
            request.headers["x-csrf-token"] = csrf_token(token)
        yield request

    async def session_of(self, person_id: UUID) -> str:
        """Return the cookie of a person's session, a new one when time has moved on."""
        token, since = self._sessions.get(person_id, ("", None))
        now = self._clock()
        if since is None or not since <= now < since + _FRESH:
            async with self._database(IDENTITY).unit_of_work() as work:
                token = await start_session(
                    work, person_id, second_factor=True, browser="Tests", now=now
                )
            self._sessions[person_id] = token, now
        return token

    async def key_of(self, shop: tuple[UUID, UUID] | None) -> str:
        """Return the API key of a shop's cash register."""
        if shop is None:
            return "none"
        async with self._lock:  # many may ask at once, and one key will do
            return await self._living_key(shop)

    async def _living_key(self, shop: tuple[UUID, UUID]) -> str:
        token, since = self._keys.get(shop, ("", None))
        now = self._clock()
        if since is None or not since <= now < since + _KEY_LASTS / 2:
            town_id, merchant_id = TownId(shop[0]), MerchantId(shop[1])
            async with self._database(Access.town(town_id)).unit_of_work() as work:
                _, token = await create_api_key(
                    work,
                    town_id,
                    merchant_id,
                    name="Kasse",
                    rights=[Right.TILL_REDEEM, Right.TILL_BALANCE, Right.REDEMPTION_READ],
                    ends_at=now + _KEY_LASTS,
                    by=Author(ANNA, NAMES[ANNA]),
                    now=now,
                )
            self._keys[shop] = token, now
        return token

    async def forget(self) -> None:
        """Take away what both were given in the towns that there are: those of earlier tests.

        Each request reads all roles of whoever sends it. After a few hundred tests that would
        be most of its work.
        """
        async with self._database(Access("none")).unit_of_work() as work:  # type: ignore[arg-type]
            await work.execute(_FORGET)

    async def close(self) -> None:
        await self._engine.dispose()

    async def _shop(self, content: bytes) -> tuple[UUID, UUID] | None:
        """Return the shop that a body names where there is one, else the newest."""
        named = _named_shop(content)
        if named in self._keys:
            return named
        async with self._database(Access("none")).reading() as work:  # type: ignore[arg-type]
            if named:
                found = await work.execute(
                    text("SELECT town_id, id FROM merchant WHERE town_id = :town AND id = :id"),
                    {"town": named[0], "id": named[1]},
                )
                if row := found.one_or_none():
                    return row.town_id, row.id
            row = (await work.execute(_NEWEST_SHOP)).one_or_none()
            return None if row is None else (row.town_id, row.id)

    def _database(self, access: Access) -> Database:
        return Database(self._engine, access)


def _named_shop(content: bytes) -> tuple[UUID, UUID] | None:
    try:
        body: Any = _read(content)
        if "items" in body and "town_id" not in body:
            body = body["items"][0]
        return UUID(body["town_id"]), UUID(body["merchant_id"])
    except (
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        RecursionError,
        cbor2.CBORDecodeError,
    ):
        return None


def _read(content: bytes) -> Any:
    try:
        return json.loads(content)
    except UnicodeDecodeError:
        plain = cbor2.loads(content)
        return json.loads(json.dumps(plain, default=str))
