"""Every route of the service, with something of each kind to call it on.

A new route joins by itself: its request comes from the example in the API's description.
A new name in a path wants an entry in :func:`furniture.furnish`, a field that must name
something that exists one in :func:`example_body`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from api_fixtures import Api, fresh_id
from litestar import Litestar
from litestar.routes import HTTPRoute

#: Routes that anyone may call.
PUBLIC = {
    "/health/live",
    "/health/ready",
    "/api/v1/errors",
    "/api/v1/errors/{code}",
    "/schema",
    "/schema/openapi.json",
    "/schema/{path}",
    "/.well-known/gutschein/keys.json",
    "/.well-known/gutschein/keys.cbor",
    "/.well-known/gutschein/status/{town_id}",
    # pairing a device takes the code that is shown for it
    "/api/v1/devices",
    # what everybody may look at
    "/",
    "/V/{token}",
    "/guthaben",
    "/favicon.svg",
    "/robots.txt",
    # towns, as everybody may see them
    "/sitemap.xml",
    "/{slug}",
    "/{slug}/akzeptanzstellen",
    "/{slug}/impressum",
    "/{slug}/datenschutz",
    "/{slug}/agb",
    "/{slug}/widerrufsbelehrung",
    "/{slug}/barrierefreiheit",
    "/{slug}/wappen.svg",
    "/{slug}/vorschau.png",
    "/{slug}/motive/{key}",
    "/{slug}/widerruf",
    "/{slug}/widerruf/{link}",
    # the shop: an order is opened by its secret link
    "/{slug}/kaufen",
    "/{slug}/bestellung/{link}",
    "/{slug}/bestellung/{link}/weiterer",
    "/{slug}/bestellung/{link}/gutschein/{position}",
    "/{slug}/bestellung/{link}/gutschein/{position}/entfernen",
    "/{slug}/bestellung/{link}/gutschein/{position}/pdf",
    "/{slug}/bestellung/{link}/gutschein/{position}/senden",
    "/{slug}/bestellung/{link}/gutschein/{position}/verloren",
    "/static/{name}",
    "/farbe/{name}",
    # the till: the same for everybody, what it shows it asks for itself
    "/kasse",
    "/kasse/worker.js",
    "/kasse/app.webmanifest",
    "/kasse/anleitung",
    # ways in: they end in a session, or take the secret of a link
    "/anmelden",
    "/anmelden/code",
    "/anmelden/passkey",
    "/anmelden/passkey/aufgabe",
    "/anmelden/zweiter-faktor",
    "/anmelden/zweiter-faktor/passkey",
    "/anmelden/zweiter-faktor/passkey/aufgabe",
    "/anmelden/zweiter-faktor/qr.svg",
    "/abmelden",
    "/einladung/{token}",
    "/kasse/koppeln",
    "/wiederherstellung/{token}",
    "/zugang-verloren",
}

#: Ends of the paths whose documented example needs a world of its own: a voucher's code, an
#: open period, a claim between towns. What they do is told by the tests of their packages.
STAGED = (
    "/redemptions",
    "/redemptions/batch",
    "/sales",
    "/reversal",
    "/settlements",
    "/nettings",
    "/payout/return",
    "/payout-account-requests",
    "/approvals",
    "/approval",
    "/lock",
    "/release",
    "/look-ups",
    "/stock",
    "/assignments",
)


@dataclass(frozen=True)
class Operation:
    """One method of one path, and what its description says."""

    method: str
    path: str
    description: dict[str, Any]
    schemas: dict[str, Any]

    @property
    def names(self) -> set[str]:
        """The names in the path."""
        return set(re.findall(r"\{(\w+)\}", self.path))

    @property
    def staged(self) -> bool:
        """Whether the example needs more than is furnished."""
        return self.path.endswith(STAGED)

    @property
    def signed(self) -> bool:
        """Whether a device signs the request: told by the tests of devices."""
        return self.path.startswith(("/api/v1/device", "/api/v1/claims"))

    @property
    def example(self) -> dict[str, Any] | None:
        """The documented example of the request's body."""
        if "requestBody" not in self.description:
            return None
        schema = self.description["requestBody"]["content"]["application/json"]["schema"]
        found: dict[str, Any] = self.schemas[schema["$ref"].rpartition("/")[2]]["examples"][0]
        return found

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def routed(app: Litestar) -> Iterator[tuple[str, str]]:
    """Yield method and path of everything the router knows."""
    for route in app.routes:
        assert isinstance(route, HTTPRoute)
        for method in route.methods:
            yield str(method), re.sub(r":\w+\}", "}", route.path_format or "/")


async def operations(api: Api) -> list[Operation]:
    """Read the API's description."""
    document = (await api.get("/schema/openapi.json")).json()
    return [
        Operation(method.upper(), path, description, document["components"]["schemas"])
        for path, methods in document["paths"].items()
        for method, description in methods.items()
    ]


async def example_body(api: Api, operation: Operation, things: dict[str, str]) -> Any:
    """Return the documented example with ids of its own and of things that exist."""
    example = operation.example
    if example is None:
        return None
    replaced: dict[str, Callable[[], str]] = {
        "id": fresh_id,
        "ags": lambda: f"145{uuid4().int % 100_000:05}",
        "slug": lambda: f"stadt-{uuid4().hex[:12]}",
        "programme_id": lambda: things["programme_id"],
        "branch_id": lambda: things["branch_id"],
    }
    if operation.path.endswith("/acceptances"):
        partner = await api.new_town(things["region_id"])
        replaced["accepting_town_id"] = lambda: str(partner["id"])
    if operation.path.endswith("/batches"):
        payment = await api.new_payment({"id": things["town_id"]}, amount_cents=100_000)
        replaced["payment_id"] = lambda: str(payment["id"])

    def renewed(part: Any) -> Any:
        if isinstance(part, list):
            return [renewed(each) for each in part]
        if isinstance(part, dict):
            return {
                name: replaced[name]() if name in replaced else renewed(each)
                for name, each in part.items()
            }
        return part

    return renewed(example)


def leaves(part: Any, *path: str | int) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield every value in a JSON document that holds no others, with its path."""
    if isinstance(part, dict):
        for name, each in part.items():
            yield from leaves(each, *path, name)
    elif isinstance(part, list):
        for index, each in enumerate(part):
            yield from leaves(each, *path, index)
    else:
        yield path, part


def written(path: tuple[str | int, ...]) -> str:
    """Write a path as problems do: ``items[0].amount_cents``."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")


def changed(part: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """Return a JSON document with the value at *path* replaced."""
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(part, dict):
        return {n: changed(each, rest, value) if n == first else each for n, each in part.items()}
    return [changed(each, rest, value) if n == first else each for n, each in enumerate(part)]
