"""The page of what a town allows without a net, as a browser without script gets it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx
import pytest
from claim_stage import Outage
from sqlalchemy import text

from gutschein.web.guard import CSRF_FIELD
from gutschein.web.rights import Role
from tests.devices.shop_stage import NewPerson, Person, logged

FORM = {
    "enabled": "true",
    "voucher": "12,50",
    "device": "40",
    "outage_minutes": "60",
    "bearer": "merchant",
}


def path_of(outage: Outage) -> str:
    return f"/stadt/{outage.stage.zwoenitz.id}/offline"


def said(answer: httpx.Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


async def send(who: Person, path: str, **fields: str) -> httpx.Response:
    """Send a form as a browser does: with the token of the session as a field."""
    client = who.api.client
    form = {CSRF_FIELD: client.headers["x-csrf-token"]} | fields
    headers = {"cookie": client.headers["cookie"], "x-csrf-token": ""}
    return await client.post(path, data=form, headers=headers)


@pytest.fixture
async def administrator(new_person: NewPerson, outage: Outage) -> Person:
    return await new_person(Role.ADMINISTRATOR, outage.place)


async def terms_of(outage: Outage) -> dict[str, Any]:
    listed = await outage.stage.api.get(outage.stage.zwoenitz.path("offline-terms"))
    return dict(listed.json()["terms"][0])


async def test_the_form_sets_the_terms(outage: Outage, administrator: Person) -> None:
    page = await administrator.api.get(path_of(outage))
    assert "20,00 €" in said(page)
    done = await send(administrator, path_of(outage), **FORM)
    assert (done.status_code, done.headers["location"]) == (303, path_of(outage))
    terms = await terms_of(outage)
    assert (terms["voucher_cents"], terms["device_cents"]) == (12_50, 40_00)
    assert (terms["outage_minutes"], terms["bearer"]) == (60, "merchant")
    assert terms["enabled"] is True


async def test_without_the_box_nothing_may_be_taken(outage: Outage, administrator: Person) -> None:
    form = {name: value for name, value in FORM.items() if name != "enabled"}
    assert (await send(administrator, path_of(outage), **form)).status_code == 303
    assert (await terms_of(outage))["enabled"] is False
    page = await administrator.api.get(path_of(outage))
    assert "Ohne Netz nehmen die Geschäfte keine Gutscheine an." in said(page)


async def test_what_does_not_fit_is_said_and_changes_nothing(
    outage: Outage, administrator: Person
) -> None:
    before = await terms_of(outage)
    for field, value, words in (
        ("voucher", "40,01", "mindestens so viel"),
        ("voucher", "0", "zwischen 0,01 €"),
        ("device", "100000,01", "zwischen 0,01 €"),
        ("voucher", "zwanzig", "Diese Angabe passt nicht"),
        ("voucher", "-5", "Diese Angabe passt nicht"),
        ("device", "", "Bitte ausfüllen"),
        ("outage_minutes", "0", "Diese Angabe passt nicht"),
        ("bearer", "citizen", "Diese Angabe passt nicht"),
    ):
        answer = await send(administrator, path_of(outage), **FORM | {field: value})
        assert (answer.status_code, field) == (422, field)
        assert words in said(answer)
    assert await terms_of(outage) == before


async def test_others_of_the_town_hall_only_read(outage: Outage, new_person: NewPerson) -> None:
    for role in (Role.CLERK, Role.APPROVER, Role.AUDITOR):
        somebody = await new_person(role, outage.place)
        page = await somebody.api.get(path_of(outage))
        assert page.status_code == 200
        assert "Regel ändern" not in said(page)
        assert (await send(somebody, path_of(outage), **FORM)).status_code == 403


async def test_an_owner_does_not_see_it(outage: Outage, keeper: Person) -> None:
    assert (await keeper.api.get(path_of(outage))).status_code == 403


async def disputed(outage: Outage, cents: int = 10_00) -> dict[str, Any]:
    voucher = await outage.stage.voucher(outage.stage.zwoenitz, cents)
    await outage.stage.redeemed(voucher, cents)
    return await outage.disputed(outage.claim(voucher, cents), "voucher.empty")


async def test_what_the_town_bears_is_open_until_it_is_made_good(
    outage: Outage, administrator: Person
) -> None:
    claim = await disputed(outage)
    path = f"{path_of(outage)}/{claim['id']}"
    page = await administrator.api.get(path_of(outage))
    assert "10,00 € bei Buchladen Zwönitz" in said(page)
    assert path in page.text
    assert (await send(administrator, path, how="")).status_code == 422
    done = await send(administrator, path, how="Überwiesen am 5. Dezember")
    assert (done.status_code, done.headers["location"]) == (303, path_of(outage))
    page = await administrator.api.get(path_of(outage))
    assert "Überwiesen am 5. Dezember (Kerstin Beispiel" in said(page)
    assert path not in page.text
    lines = await logged(outage.stage.database, outage.place.town_id)
    assert lines[-1][0] == "claim.resolved"
    again = await send(administrator, path, how="Noch einmal überwiesen")
    assert again.status_code == 409
    assert "schon erledigt" in said(again)
    assert await outage.sent(outage.claim_of(claim["id"])) == claim
    await outage.stage.audit()


async def test_what_the_shop_bears_is_closed_by_itself(
    outage: Outage, administrator: Person
) -> None:
    await outage.set_terms_before(bearer="merchant")
    claim = await disputed(outage)
    path = f"{path_of(outage)}/{claim['id']}"
    page = await administrator.api.get(path_of(outage))
    assert path not in page.text
    assert (await send(administrator, path, how="Überwiesen")).status_code == 409


async def test_only_what_is_disputed_can_be_made_good(
    outage: Outage, administrator: Person
) -> None:
    voucher = await outage.stage.voucher(outage.stage.zwoenitz)
    claim = outage.claim(voucher)
    await outage.accepted(claim)
    path = f"{path_of(outage)}/{claim['id']}"
    assert (await administrator.api.get(path)).status_code == 404
    answer = await send(administrator, path, how="Überwiesen")
    assert answer.status_code == 404


async def test_an_approver_notes_nothing(outage: Outage, new_person: NewPerson) -> None:
    claim = await disputed(outage)
    somebody = await new_person(Role.APPROVER, outage.place)
    path = f"{path_of(outage)}/{claim['id']}"
    assert (await send(somebody, path, how="Überwiesen")).status_code == 403
    async with outage.stage.database.reading() as work:
        rows = await work.execute(
            text("SELECT 1 FROM claim_resolution WHERE claim_id = :id"), claim
        )
        assert not rows.all()
