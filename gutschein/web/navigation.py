"""Where pages lead: the one table of the menu.

To add an entry, add a line. It is shown to those who have its right, and only if the
service knows its address.
"""

from __future__ import annotations

from typing import Any

from litestar import Litestar
from litestar.connection import ASGIConnection
from msgspec import Struct

from gutschein.web.caller import Caller
from gutschein.web.rights import RIGHTS, Right, Scope
from gutschein.web.words import german, words


class Entry(Struct, frozen=True):
    """One entry of the menu. Without a right it is for everybody who is signed in."""

    text: str
    path: str
    right: Right | None = None


class Link(Struct, frozen=True):
    """An entry as one reader sees it."""

    text: str
    path: str
    current: bool


NAVIGATION = (
    Entry(german("Übersicht"), "/uebersicht"),
    Entry(german("Ausgabestelle"), "/ausgabe", Right.COUNTER_READ),
    Entry(german("Geräte und Kassen"), "/geraete", Right.DEVICE_READ),
    Entry(german("Geldeingänge"), "/geldeingaenge", Right.DEPOSIT_READ),
    Entry(german("Widerrufe"), "/widerrufe", Right.WITHDRAWAL_READ),
    Entry(german("Abrechnungen"), "/abrechnungen", Right.STATEMENT_READ),
    Entry(german("Ohne Netz"), "/offline", Right.TOWN_READ),
    Entry(german("Freigaben"), "/freigaben", Right.APPROVAL_READ),
    Entry(german("Personen"), "/personen", Right.PEOPLE_FIND),
    Entry(german("Protokoll"), "/protokoll", Right.LOG_READ),
    Entry(german("Mein Konto"), "/konto", Right.ACCOUNT_OWN),
)


def navigation(connection: ASGIConnection[Any, Any, Any, Any]) -> list[Link]:
    """Return the menu of whoever is signed in; nobody else has one."""
    caller: Caller | None = connection.state.get("caller")
    if caller is None:
        return []
    _, here = words(connection), connection.url.path
    return [
        Link(_(entry.text), entry.path, current=_covers(entry.path, here))
        for entry in NAVIGATION
        if is_routed(connection.app, entry.path) and _may(caller, entry.right)
    ]


def is_routed(app: Litestar, path: str) -> bool:
    """Tell whether the service answers at *path*, so that no link leads nowhere."""
    return any(route.path == path for route in app.routes)


def _may(caller: Caller, right: Right | None) -> bool:
    if right is None:
        return True
    anybody = RIGHTS[right].scope is Scope.SELF and not RIGHTS[right].roles
    return caller.kind == "person" and (anybody or bool(caller.holding(right)))


def _covers(path: str, here: str) -> bool:
    return here == path or here.startswith(f"{path}/")
