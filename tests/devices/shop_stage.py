"""A shop in a town of its own, its owner, and tills that sign what they send."""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import pytest
from api_fixtures import Api, Clock, fresh_id
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from litestar import Litestar

from gutschein.db.access import IDENTITY
from gutschein.db.unit_of_work import Database
from gutschein.identity.persons import create_person
from gutschein.identity.roles import grant_role
from gutschein.identity.sessions import csrf_token, start_session
from gutschein.kernel.ids import MerchantId, PersonId, TownId
from gutschein.web.rights import OF_MERCHANT, Role

#: That of the service's public address; the tests reach it under another.
AUTHORITY = "127.0.0.1:8000"
COOKIE = "sitzung"

PrivateKey = EllipticCurvePrivateKey | Ed25519PrivateKey


@dataclass(frozen=True)
class Shop:
    """A merchant with one branch."""

    town: dict[str, Any]
    merchant: dict[str, Any]

    @property
    def town_id(self) -> TownId:
        return TownId(UUID(self.town["id"]))

    @property
    def merchant_id(self) -> MerchantId:
        return MerchantId(UUID(self.merchant["id"]))

    @property
    def branch(self) -> dict[str, Any]:
        return dict(self.merchant["branches"][0])

    def path(self, rest: str) -> str:
        return f"/api/v1/towns/{self.town['id']}/merchants/{self.merchant['id']}/{rest}"

    def page(self, rest: str = "") -> str:
        return f"/betrieb/{self.town['id']}/{self.merchant['id']}/geraete{rest}"

    def names(self) -> dict[str, str]:
        """How a redemption names the shop."""
        return {
            "town_id": self.town["id"],
            "merchant_id": self.merchant["id"],
            "branch_id": self.branch["id"],
        }


@dataclass
class Signing:
    """What a request is signed with; tests change one thing at a time."""

    created: int
    key_id: str
    algorithm: str
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    tag: str = "gutschein"
    authority: str = AUTHORITY
    components: tuple[str, ...] = ("@method", "@authority", "@path", "@query")
    more_parameters: str = ""

    def parameters(self, names: tuple[str, ...]) -> str:
        listed = " ".join(f'"{name}"' for name in names)
        return (
            f'({listed});created={self.created};nonce="{self.nonce}";keyid="{self.key_id}"'
            f';alg="{self.algorithm}";tag="{self.tag}"{self.more_parameters}'
        )


@dataclass
class Till:
    """A device: a key of its own, and the id it was paired under."""

    client: httpx.AsyncClient
    clock: Clock
    key: PrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    id: str = field(default_factory=fresh_id)
    town_id: str = ""

    @property
    def public_key(self) -> str:
        spki = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return b64encode(spki).decode("ascii")

    @property
    def algorithm(self) -> str:
        return "ed25519" if isinstance(self.key, Ed25519PrivateKey) else "ecdsa-p256-sha256"

    def signing(self, **changes: Any) -> Signing:
        key_id = f"{self.town_id}.{self.id}" if self.town_id else self.id
        defaults = {
            "created": int(self.clock.now.timestamp()),
            "key_id": key_id,
            "algorithm": self.algorithm,
        }
        return Signing(**defaults | changes)

    def sign(self, base: str) -> str:
        if isinstance(self.key, Ed25519PrivateKey):
            signature = self.key.sign(base.encode())
        else:
            r, s = decode_dss_signature(self.key.sign(base.encode(), ECDSA(SHA256())))
            signature = r.to_bytes(32) + s.to_bytes(32)
        return b64encode(signature).decode("ascii")

    def headers(
        self, method: str, path: str, body: bytes = b"", signing: Signing | None = None
    ) -> dict[str, str]:
        signing = signing or self.signing()
        url = urlsplit(path)
        names = signing.components + (("content-digest",) if body else ())
        digest = f"sha-256=:{b64encode(hashlib.sha256(body).digest()).decode()}:"
        values = {
            "@method": method,
            "@authority": signing.authority,
            "@path": url.path,
            "@query": f"?{url.query}",
            "content-digest": digest,
        }
        parameters = signing.parameters(names)
        lines = [*(f'"{name}": {values[name]}' for name in names if name in values)]
        base = "\n".join([*lines, f'"@signature-params": {parameters}'])
        headers = {"content-type": "application/json"} if body else {}
        return headers | {
            **({"content-digest": digest} if body else {}),
            "signature-input": f"sig={parameters}",
            "signature": f"sig=:{self.sign(base)}:",
        }

    async def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        signing: Signing | None = None,
        **headers: str,
    ) -> httpx.Response:
        content = b"" if body is None else json.dumps(body).encode()
        signed = self.headers(method, path, content, signing) | headers
        return await self.client.request(method, path, content=content, headers=signed)

    async def pair(self, code: str, **signing: Any) -> httpx.Response:
        body = {"id": self.id, "code": code, "public_key": self.public_key}
        town_id, self.town_id = self.town_id, ""  # not known to a device that pairs
        response = await self.send("POST", "/api/v1/devices", body, signing=self.signing(**signing))
        self.town_id = response.json().get("town_id", town_id)
        return response


@dataclass
class Person:
    """Somebody who is signed in, with a browser of their own."""

    id: PersonId
    name: str
    api: Api


NewPerson = Callable[..., Awaitable[Person]]


@pytest.fixture
async def shop(api: Api) -> Shop:
    town = await api.new_town()
    return Shop(town, await api.new_merchant(town))


@pytest.fixture
async def other_shop(api: Api, shop: Shop) -> Shop:
    """Another merchant of the same town."""
    return Shop(shop.town, await api.new_merchant(shop.town, name="Eisdiele"))


@pytest.fixture
async def new_client(anonymous: httpx.AsyncClient, app: Litestar) -> AsyncIterator[Any]:  # noqa: ARG001 - the service runs
    """Make callers of the running service that carry no credential, from an address that is
    the test's own: what one test tries counts for no other.
    """
    opened: list[httpx.AsyncClient] = []
    address = str(IPv4Address(0x0A00_0000 + secrets.randbelow(1 << 24)))

    def make() -> httpx.AsyncClient:
        transport = httpx.ASGITransport(
            app=app, raise_app_exceptions=False, client=(address, 50_000)
        )
        opened.append(httpx.AsyncClient(transport=transport, base_url="http://test"))
        return opened[-1]

    yield make
    for client in opened:
        await client.aclose()


@pytest.fixture
def new_person(app: Litestar, database: Database, clock: Clock, new_client: Any) -> NewPerson:
    """Make a person with one role in a shop or its town, and sign them in."""

    async def make(role: Role, shop: Shop, name: str = "Kerstin Beispiel") -> Person:
        async with database.acting(IDENTITY).unit_of_work() as work:
            person_id = await create_person(
                work,
                app.state.service_keys,
                name=name,
                email=f"{uuid4().hex}@laden.example",
                password=None,
                totp_secret=None,
                now=clock.now,
            )
            await grant_role(
                work,
                person_id,
                role,
                region_id=None,
                town_id=shop.town_id,
                merchant_id=shop.merchant_id if role in OF_MERCHANT else None,
                by=None,
                now=clock.now,
            )
            token = await start_session(
                work, person_id, second_factor=True, browser="Tests", now=clock.now
            )
        client = new_client()
        client.headers.update({"cookie": f"{COOKIE}={token}", "x-csrf-token": csrf_token(token)})
        return Person(person_id, name, Api(client))

    return make


@pytest.fixture
async def owner(new_person: NewPerson, shop: Shop) -> Person:
    return await new_person(Role.OWNER, shop)


@pytest.fixture
async def administrator(new_person: NewPerson, shop: Shop) -> Person:
    return await new_person(Role.ADMINISTRATOR, shop, "Anton Amtmann")


@pytest.fixture
def new_till(new_client: Any, clock: Clock) -> Callable[..., Till]:
    """Make a till that is not paired yet."""

    def make(key: PrivateKey | None = None) -> Till:
        till = Till(new_client(), clock)
        if key is not None:
            till.key = key
        return till

    return make


@pytest.fixture
async def till(new_till: Callable[..., Till], owner: Person, shop: Shop) -> Till:
    """A till of the shop, paired."""
    paired = new_till()
    response = await paired.pair(await new_code(owner, shop))
    assert response.status_code == 201, response.text
    return paired


async def new_code(owner: Person, shop: Shop, name: str = "Kasse 1") -> str:
    """Have the owner show a pairing code."""
    body = {"branch_id": shop.branch["id"], "name": name}
    made = await owner.api.made(shop.path("pairing-codes"), body)
    return str(made["code"])


async def logged(database: Database, town_id: UUID) -> list[tuple[str, str, str]]:
    """The business log of a town: action, author, subject."""
    from sqlalchemy import text

    async with database.reading() as work:
        rows = await work.execute(
            text(
                "SELECT action, author_name, subject FROM log_entry WHERE chain_id = :town_id"
                " ORDER BY happened_at, id"
            ),
            {"town_id": town_id},
        )
        return [tuple(row) for row in rows]
