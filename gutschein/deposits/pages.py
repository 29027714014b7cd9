"""Money that came in, as a page: bank statements handed in, what waits to be assigned, history."""

from __future__ import annotations

from asyncio import to_thread
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from gutschein.bank.rf_reference import format_reference
from gutschein.bank.statement_file import MOST_BYTES, read_statements
from gutschein.db.access import NOTHING
from gutschein.deposits import request_repository, statement_repository
from gutschein.deposits.api import Kek, Told
from gutschein.deposits.assigning import assign
from gutschein.deposits.importing import import_statements, missing_statements
from gutschein.deposits.schemas import Imported, NewAssignment
from gutschein.deposits.tasks import MOST_SHOWN, open_deposits, request_named
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.towns.service import get_town
from gutschein.web.caller import Caller
from gutschein.web.forms import Fault, FormRefusal, form_again, read_form
from gutschein.web.pages import page, reason, see_other
from gutschein.web.providers import Db, Now, Who
from gutschein.web.refusal_log import log_refusal
from gutschein.web.rights import Right, needs
from gutschein.web.uploads import parts_of
from gutschein.web.words import german, words

AnyRequest = Request[Any, Any, Any]
AnyResponse = Response[str] | Redirect

_TEMPLATE = "deposits/deposits.html"
_PATH = "/stadt/{town_id:uuid}/geldeingaenge"
_CHOICE = "/geldeingaenge"

#: What the form brings besides the file.
_FORM_BYTES = 64 * 1024

_NO_FILE = german("Bitte eine Datei auswählen.")
_NO_REFERENCE = german("Bitte die Referenz eingeben, zum Beispiel RF34 0000 0042.")

#: Why something of a deposit is left, in words.
REASONS = {
    "excess": german("Es wurde mehr überwiesen als verlangt. Der Rest ist zurückzuzahlen."),
    "paid": german("Die Bestellung mit dieser Referenz ist schon bezahlt."),
    "closed": german("Auf diese Zahlung wird nicht mehr gewartet."),
    "unknown": german("Unter dieser Referenz ist nichts verlangt worden."),
    "no_reference": german("Im Verwendungszweck steht keine gültige Referenz."),
    "returned": german("Eine Zahlung der Stadt ist zurückgekommen."),
    "lump": german("Die Bank hat mehrere Zahlungen in einer Summe gebucht."),
}

#: What speaks for a suggestion, in words.
HINTS = {
    "misspelt": german("Die Referenz ist fast dieselbe."),
    "number": german("Die Nummer kommt im Verwendungszweck vor."),
    "same_payer": german("Vom selben Konto kam schon ein Teil, und es fehlt genau dieser Betrag."),
    "amount": german("Nur der Betrag passt. Bitte nachfragen."),
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """An assignment that was refused: of which deposit, what was typed, and why."""

    deposit_id: UUID
    typed: str
    text: str


@get(_CHOICE, opt=needs(Right.ACCOUNT_OWN))
async def choose_town(request: AnyRequest, database: Db, caller: Who) -> AnyResponse:
    """Lead to the page of the reader's town, or show the towns."""
    town_ids = sorted(caller.towns_with(Right.DEPOSIT_READ))
    if len(town_ids) == 1:
        return see_other(path_of(town_ids[0]))
    async with database.acting(NOTHING).reading() as work:
        towns = [await get_town(work, town_id) for town_id in town_ids]
    places = sorted((town.name, path_of(TownId(town.id))) for town in towns)
    return page(request, "deposits/choose.html", places=places)


@get(_PATH, opt=needs(Right.DEPOSIT_READ))
async def show_deposits(
    request: AnyRequest, town_id: FromPath[TownId], *, database: Db, kek: Kek, caller: Who
) -> Response[str]:
    """Show what waits to be assigned, and the statements that were read."""
    return page(request, _TEMPLATE, **await _values(town_id, database, kek, caller))


@post(
    _PATH + "/auszuege",
    status_code=200,
    request_max_body_size=MOST_BYTES + _FORM_BYTES,
    opt=needs(Right.BANK_IMPORT),
)
async def hand_in(
    request: AnyRequest,
    town_id: FromPath[TownId],
    *,
    database: Db,
    kek: Kek,
    paid: Told,
    caller: Who,
    now: Now,
) -> Response[str]:
    """Read in a file of bank statements, and show what it brought. Sent again it brings nothing."""
    try:
        file = await _file(request)
        statements = await to_thread(read_statements, file)
        async with database.unit_of_work() as work:
            imported = await import_statements(
                work, town_id, statements, by=caller.author, kek=kek, paid=paid, now=now
            )
    except Refusal as refusal:
        values = await _values(town_id, database, kek, caller)
        return form_again(request, _TEMPLATE, refusal, field="file", **values)
    return page(request, _TEMPLATE, **await _values(town_id, database, kek, caller, imported))


@post(_PATH + "/{deposit_id:uuid}/zuordnung", status_code=303, opt=needs(Right.DEPOSIT_ASSIGN))
async def assign_deposit(
    request: AnyRequest,
    town_id: FromPath[TownId],
    deposit_id: FromPath[UUID],
    *,
    database: Db,
    kek: Kek,
    paid: Told,
    caller: Who,
    now: Now,
) -> AnyResponse:
    """Assign a deposit to the payment request of a reference."""
    typed = ""
    try:
        form = await read_form(request, NewAssignment)
        typed = form.reference
        async with database.unit_of_work() as work:
            asked = await request_named(work, town_id, form.reference)
            await assign(
                work, town_id, deposit_id, asked.id, by=caller.author, kek=kek, paid=paid, now=now
            )
    except Refusal as refusal:
        log_refusal(request, refusal)
        values = await _values(town_id, database, kek, caller)
        text = reason(request, refusal) if typed else words(request)(_NO_REFERENCE)
        values["wrong"] = Wrong(deposit_id, typed, text)
        return page(request, _TEMPLATE, refusal.status, **values)
    return see_other(path_of(town_id))


def path_of(town_id: TownId) -> str:
    """Return the path of a town's page."""
    return f"/stadt/{town_id}/geldeingaenge"


async def _file(request: AnyRequest) -> bytes:
    parts = parts_of(await request.body(), request.headers.get("content-type", ""))
    file = parts.get("file", b"")
    if not file:
        raise FormRefusal({"file": Fault("Missing", _NO_FILE)}, {})
    return file


async def _values(
    town_id: TownId, database: Db, kek: Kek, caller: Caller, imported: Imported | None = None
) -> dict[str, Any]:
    """Return what the page shows."""
    async with database.reading() as work:
        town = await get_town(work, town_id)
        deposits = await open_deposits(work, town_id, kek)
        waiting = await request_repository.open_requests(work, town_id)
        statements = await statement_repository.list_statements(work, town_id)
        missing = await missing_statements(work, town_id)
    return {
        "town": town,
        "path": path_of(town_id),
        "deposits": deposits,
        "parts": [each for each in waiting if each.assigned_cents],
        "statements": statements[:100],
        "gaps": missing,
        "imported": imported,
        "wrong": None,
        "most_shown": MOST_SHOWN,
        "written": format_reference,
        "reasons": REASONS,
        "hints": HINTS,
        "may_import": town_id in caller.towns_with(Right.BANK_IMPORT),
        "may_assign": town_id in caller.towns_with(Right.DEPOSIT_ASSIGN),
    }


router = Router(
    "/",
    route_handlers=[choose_town, show_deposits, hand_in, assign_deposit],
    include_in_schema=False,
)
