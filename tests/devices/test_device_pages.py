"""The pages of devices, cashiers and API keys, for owners and for the town hall."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from api_fixtures import Clock, fresh_id
from shop_stage import NewPerson, Person, Shop, Till, new_code

from gutschein.web.rights import Role

HTML = {"accept": "text/html"}


async def seen(person: Person, path: str) -> str:
    response = await person.api.client.get(path, headers=HTML)
    assert response.status_code == 200, response.text
    return response.text


async def sent(person: Person, path: str, **fields: Any) -> httpx.Response:
    return await person.api.client.post(path, data=fields, headers=HTML)


async def done(person: Person, path: str, **fields: Any) -> str:
    """Send a form and read the page it leads to."""
    response = await sent(person, path, **fields)
    assert response.status_code == 303, response.text
    return await seen(person, response.headers["location"])


async def test_the_menu_leads_an_owner_to_their_shop(owner: Person, shop: Shop) -> None:
    response = await owner.api.client.get("/geraete")
    assert (response.status_code, response.headers["location"]) == (303, shop.page())
    assert 'href="/geraete"' in await seen(owner, shop.page())


async def test_the_town_hall_chooses_a_shop(
    administrator: Person, shop: Shop, other_shop: Shop
) -> None:
    page = await seen(administrator, "/geraete")
    assert shop.page() in page
    assert other_shop.page() in page


async def test_an_owner_pairs_a_device(
    owner: Person, shop: Shop, new_till: Callable[..., Till]
) -> None:
    form = await seen(owner, shop.page("/koppeln"))
    assert shop.branch["id"] in form  # of one branch nobody has to be asked
    waiting = await sent(
        owner, shop.page("/koppeln"), branch_id=shop.branch["id"], name="Handy <Petra>"
    )
    page = await seen(owner, waiting.headers["location"])
    found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}(?=</p>)", page)
    assert found, page
    assert "data:image/svg+xml;base64," in page
    assert await seen(owner, waiting.headers["location"]) == page  # it can be shown again
    assert (await new_till().pair(found[0])).status_code == 201
    after = await seen(owner, waiting.headers["location"])
    assert "Handy &lt;Petra&gt; ist gekoppelt" in after
    assert found[0] not in after
    assert "Handy &lt;Petra&gt;" in await seen(owner, shop.page())


async def test_a_code_that_is_over_is_not_shown(owner: Person, shop: Shop, clock: Clock) -> None:
    waiting = await sent(owner, shop.page("/koppeln"), branch_id=shop.branch["id"], name="Kasse")
    clock.now += timedelta(minutes=5)
    page = await seen(owner, waiting.headers["location"])
    assert "Der Code ist abgelaufen" in page
    assert "data:image" not in page


async def test_what_is_missing_in_a_form_is_named(owner: Person, shop: Shop) -> None:
    for path, fields in (
        ("/koppeln", {"branch_id": shop.branch["id"], "name": ""}),
        ("/kassenkraefte/neu", {"name": "", "pin": "7391"}),
        ("/api-schluessel/neu", {"name": "Kasse"}),
    ):
        response = await sent(owner, shop.page(path), **fields)
        assert response.status_code == 422
        assert "Das hat noch nicht geklappt" in response.text


async def test_a_device_is_locked_with_a_reason_and_released(
    owner: Person, shop: Shop, till: Till
) -> None:
    lock = shop.page(f"/{till.id}/sperren")
    assert "Kasse 1 sperren" in await seen(owner, lock)
    assert (await sent(owner, lock, reason="")).status_code == 422
    page = await done(owner, lock, reason="Verloren")
    assert "Das Gerät ist gesperrt" in page
    assert "Verloren" in page
    assert (await till.send("GET", "/api/v1/device")).status_code == 403
    page = await done(owner, shop.page(f"/{till.id}/freigeben"))
    assert "wieder freigegeben" in page
    assert (await till.send("GET", "/api/v1/device")).status_code == 200


async def test_what_the_town_has_locked_says_so(
    owner: Person, administrator: Person, shop: Shop, till: Till
) -> None:
    page = await done(administrator, shop.page(f"/{till.id}/sperren"), reason="Verdacht")
    assert f"/{till.id}/freigeben" in page
    page = await seen(owner, shop.page())
    assert "Von der Stadt gesperrt" in page
    assert f"/{till.id}/freigeben" not in page


async def test_cashiers_come_change_and_go(owner: Person, shop: Shop) -> None:
    new = shop.page("/kassenkraefte/neu")
    refused = await sent(owner, new, name="Petra M.", pin="1234")
    assert refused.status_code == 422
    assert "errät jeder" in refused.text
    assert 'value="Petra M."' in refused.text
    assert "1234" not in refused.text.replace("Reihe wie 1234", "")
    page = await done(owner, new, name="Petra M.", pin="7391")
    found = re.search(r"/kassenkraefte/([0-9a-f-]{36})", page)
    assert found
    cashier = shop.page(found[0])
    assert "Petra K." in await done(owner, cashier, name="Petra K.")
    assert "Neue PIN gespeichert" in await done(owner, f"{cashier}/pin", pin="8264")
    assert (await sent(owner, f"{cashier}/pin", pin="0000")).status_code == 422
    assert "Petra K." not in await done(owner, f"{cashier}/ende")
    gone = await owner.api.client.get(cashier, headers=HTML)
    assert gone.status_code == 404


async def test_a_key_is_shown_once_replaced_and_revoked(
    owner: Person, shop: Shop, new_client: Any
) -> None:
    made = await sent(
        owner, shop.page("/api-schluessel/neu"), name="Kasse", rights=["till.balance"]
    )
    token = re.search(r"gsk_[a-z2-7_]+", made.text)
    assert token
    response = await new_client().get(
        "/api/v1/vouchers/0000-0000-0000-0000-0",
        headers={"authorization": f"Bearer {token[0]}"},
    )
    assert response.status_code == 404
    page = await seen(owner, shop.page())
    assert "gsk_" not in page
    found = re.search(r"/api-schluessel/([0-9a-f-]{36})", page)
    assert found
    key = shop.page(found[0])
    assert "Guthaben abfragen" in await seen(owner, key)
    replaced = await sent(owner, f"{key}/ersetzen", grace_hours="24")
    assert "gsk_" in replaced.text
    assert token[0] not in replaced.text
    again = await sent(owner, f"{key}/ersetzen", grace_hours="24")
    assert again.status_code == 409
    assert "schon ersetzt" in again.text
    assert "gilt nicht mehr" in await done(owner, f"{key}/widerrufen")
    assert "widerrufen" in await seen(owner, key)


async def test_who_may_only_look_sees_no_buttons(
    shop: Shop, till: Till, new_person: NewPerson
) -> None:
    assert till.town_id
    auditor = await new_person(Role.AUDITOR, shop)
    page = await seen(auditor, shop.page())
    assert "Kasse 1" in page
    for path in ("/koppeln", "/sperren", "/neu"):
        assert path not in page


@pytest.mark.parametrize("path", ["", "/koppeln", "/kassenkraefte/neu", "/api-schluessel/neu"])
async def test_strangers_see_nothing(
    shop: Shop, other_shop: Shop, new_person: NewPerson, path: str
) -> None:
    stranger = await new_person(Role.OWNER, other_shop)
    response = await stranger.api.client.get(shop.page(path), headers=HTML)
    assert response.status_code == 403
    assert shop.merchant["name"] not in response.text


async def test_a_form_from_elsewhere_changes_nothing(owner: Person, shop: Shop, till: Till) -> None:
    del owner.api.client.headers["x-csrf-token"]
    response = await sent(owner, shop.page(f"/{till.id}/sperren"), reason="Streich")
    assert response.status_code == 403
    assert (await till.send("GET", "/api/v1/device")).status_code == 200


async def test_the_pairing_page_is_for_everybody(anonymous: httpx.AsyncClient) -> None:
    there = {"host": "127.0.0.1:8000"}
    page = await anonymous.get("/kasse/koppeln", headers=HTML | there)
    assert page.status_code == 200
    assert "data-pairing" in page.text
    elsewhere = await anonymous.get("/kasse/koppeln", headers=HTML)
    assert "http://127.0.0.1:8000/kasse/koppeln" in elsewhere.text
    assert "data-pairing" not in elsewhere.text


async def test_the_pages_speak_english(owner: Person, shop: Shop, till: Till) -> None:
    await new_code(owner, shop)
    key = await sent(owner, shop.page("/api-schluessel/neu"), name="K", rights=["till.redeem"])
    assert key.status_code == 200
    assert till.id
    for path in ("", "/koppeln", f"/{till.id}/sperren", "/kassenkraefte/neu"):
        page = await seen(owner, shop.page(path) + "?sprache=en")
        assert 'lang="en"' in page
        assert not re.search(r"\b(Geräte?|Kassenkraft|Sperren)\b", page), path


async def test_no_other_device_is_there(owner: Person, shop: Shop) -> None:
    for path in (
        f"/{fresh_id()}/sperren",
        f"/koppeln/{fresh_id()}",
        f"/api-schluessel/{fresh_id()}",
    ):
        response = await owner.api.client.get(shop.page(path), headers=HTML)
        assert response.status_code == 404
