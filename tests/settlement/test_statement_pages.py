"""What the owner of a shop sees of its statements."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import httpx
import pypdfium2
import pytest
from api_fixtures import code_of
from stage import Stage, Town, new_shop

from gutschein.web.rights import Role
from tests.devices.shop_stage import NewPerson, Person, Shop

HTML = {"accept": "text/html"}
#: As the pages write them: from day to day.
FIRST, SECOND = "01.12.2026 \u2013 05.12.2026", "06.12.2026 \u2013 31.12.2026"


async def shop_of(stage: Stage, town: Town, merchant_id: str | None = None) -> Shop:
    merchant = await stage.api.get(town.path(f"merchants/{merchant_id or town.shop.merchant_id}"))
    return Shop({"id": town.id, "name": town.name}, merchant.json())


def path_of(shop: Shop, rest: str = "") -> str:
    return f"/betrieb/{shop.town_id}/{shop.merchant_id}/abrechnungen{rest}"


@pytest.fixture
async def shop(stage: Stage) -> Shop:
    """The shop of the stage's first town."""
    return await shop_of(stage, stage.zwoenitz)


@pytest.fixture
async def owner(new_person: NewPerson, shop: Shop) -> Person:
    return await new_person(Role.OWNER, shop)


async def seen(person: Person, path: str, **headers: str) -> str:
    """Read a page as its reader does: in one line, without tags."""
    response = await person.api.client.get(path, headers=HTML | headers)
    assert response.status_code == 200, response.text
    main = response.text.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", main))


async def fetched(person: Person, path: str) -> httpx.Response:
    return await person.api.client.get(path)


async def settled(stage: Stage) -> dict[str, Any]:
    """Let 50.00 be redeemed and 10.00 and again 10.00, of which one is taken back; settle, and
    return the shop's statement. Of 60.00 the fee is 3 %, 1.80, and its VAT 19 %, 0.34.
    """
    town = stage.zwoenitz
    await stage.redeemed(await stage.voucher(town), 50_00)
    voucher = await stage.voucher(town)
    await stage.redeemed(voucher, 10_00)
    taken_back = await stage.reverse(await stage.redeemed(voucher, 10_00))
    assert taken_back.status_code == 200
    settlement = await stage.settle(town, "2026-12-01", "2026-12-05")
    return dict(settlement["statements"][0])


async def january(stage: Stage) -> None:
    """Settle the rest of December in January."""
    stage.clock.now = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
    await stage.settle(stage.zwoenitz, "2026-12-06", "2026-12-31")


async def test_an_owner_reads_what_came_of_a_month(stage: Stage, owner: Person, shop: Shop) -> None:
    assert "Noch keine." in await seen(owner, path_of(shop))
    statement = await settled(stage)
    page = await seen(owner, path_of(shop))
    for text in (
        f"{FIRST} unterwegs",
        "Eingelöst 70,00 €",
        "Storniert -10,00 €",
        "Gebühr -1,80 €",
        "Umsatzsteuer auf die Gebühr -0,34 €",
        "Auszahlung 57,86 €",
    ):
        assert text in page
    for text in ("vorigen Abrechnung", "Zurückgekommen", "nächste Abrechnung", "Noch keine"):
        assert text not in page
    english = await seen(owner, path_of(shop), **{"accept-language": "en"})
    assert "Payout 57.86 €" in english

    bank = stage.zwoenitz.path(f"statements/{statement['id']}/payout")
    assert (await stage.api.post(f"{bank}/confirmation")).status_code == 204
    assert f"{FIRST} überwiesen" in await seen(owner, path_of(shop))


async def test_a_payout_that_came_back_says_so_and_comes_again(
    stage: Stage, owner: Person, shop: Shop, new_person: NewPerson
) -> None:
    """57.86 come back, even after they were confirmed; nothing is redeemed after that."""
    statement = await settled(stage)
    bank = stage.zwoenitz.path(f"statements/{statement['id']}/payout")
    assert (await stage.api.post(f"{bank}/confirmation")).status_code == 204
    assert (await stage.api.post(f"{bank}/return", {"reason": "AC04"})).status_code == 204
    page = await seen(owner, path_of(shop))
    assert f"{FIRST} zurückgekommen" in page
    assert "Die Bank hat den Betrag zurückgegeben." in page
    await january(stage)
    owner = await new_person(Role.OWNER, shop)  # after a month, signed in again
    newest, _, older = (await seen(owner, path_of(shop))).partition(FIRST)
    assert SECOND in newest
    assert "Zurückgekommene Auszahlung 57,86 € Auszahlung 57,86 €" in newest
    assert "zurückgekommen" in older


async def test_what_is_too_little_to_be_paid_out_is_carried_on(
    stage: Stage, owner: Person, shop: Shop, new_person: NewPerson
) -> None:
    """5.00 less 0.15 and 0.03 are 4.82; 10.00 is the least that is paid out."""
    voucher = await stage.voucher(stage.zwoenitz)
    await stage.redeemed(voucher, 5_00)
    await stage.settle(stage.zwoenitz, "2026-12-01", "2026-12-05")
    page = await seen(owner, path_of(shop))
    assert "Auszahlung 0,00 € In die nächste Abrechnung 4,82 €" in page
    assert "Ausgezahlt wird ab 10,00 €." in page
    await stage.redeemed(voucher, 20_00)
    await january(stage)
    owner = await new_person(Role.OWNER, shop)  # after a month, signed in again
    newest = (await seen(owner, path_of(shop))).partition(FIRST)[0]
    assert "Aus der vorigen Abrechnung 4,82 € Auszahlung 24,11 €" in newest


async def test_a_statement_is_a_letter_and_a_table(stage: Stage, owner: Person, shop: Shop) -> None:
    statement = await settled(stage)
    page = (await owner.api.client.get(path_of(shop), headers=HTML)).text
    letter, table = (path_of(shop, f"/{statement['id']}/{form}") for form in ("pdf", "csv"))
    assert f'href="{letter}"' in page
    assert f'href="{table}"' in page
    fetched_letter = await fetched(owner, letter)
    name = f'attachment; filename="abrechnung-{statement["number"]}.pdf"'
    assert fetched_letter.headers["content-disposition"] == name
    with pypdfium2.PdfDocument(fetched_letter.content) as document:
        assert "57,86" in document[0].get_textpage().get_text_bounded()
    rows = (await fetched(owner, table)).content.decode("utf-8-sig").splitlines()
    assert len(rows) == 1 + 4 + 4
    assert rows[-1] == "Summe;;;;;;;60,00"


async def test_what_the_town_has_not_approved_is_not_there(
    stage: Stage, owner: Person, shop: Shop
) -> None:
    await stage.redeemed(await stage.voucher(stage.zwoenitz), 50_00)
    settlement = await stage.close(stage.zwoenitz, "2026-12-01", "2026-12-05")
    assert "Noch keine." in await seen(owner, path_of(shop))
    [statement] = settlement["statements"]
    paths = [path_of(shop, f"/{statement['id']}/{form}") for form in ("pdf", "csv")]
    for path in paths:
        assert code_of(await fetched(owner, path)) == "statement.unknown"
    await stage.approve(stage.zwoenitz, settlement)
    for path in paths:
        assert (await fetched(owner, path)).status_code == 200


async def test_another_merchants_statement_is_none_of_yours(
    stage: Stage, owner: Person, shop: Shop, new_person: NewPerson
) -> None:
    """Neither at its own address, nor at yours; nor for a reader of the town at the wrong one."""
    rival = await new_shop(stage.api, stage.zwoenitz.id, name="Eisdiele")
    await stage.redeemed(await stage.voucher(stage.zwoenitz), 40_00, rival)
    await settled(stage)
    found = await stage.api.get(stage.zwoenitz.path("settlements"))
    settlement_id = found.json()["settlements"][0]["id"]
    settlement = await stage.api.get(stage.zwoenitz.path(f"settlements/{settlement_id}"))
    statements = {each["merchant_id"]: each for each in settlement.json()["statements"]}
    theirs = statements[rival.merchant_id]["id"]
    there = await shop_of(stage, stage.zwoenitz, rival.merchant_id)
    assert "40,00" not in await seen(owner, path_of(shop))
    assert code_of(await fetched(owner, path_of(there))) == "right.missing"
    auditor = await new_person(Role.AUDITOR, shop, "Paula Prüferin")
    for form in ("pdf", "csv"):
        assert code_of(await fetched(owner, path_of(there, f"/{theirs}/{form}"))) == (
            "right.missing"
        )
        for reader in (owner, auditor):
            wrong = await fetched(reader, path_of(shop, f"/{theirs}/{form}"))
            assert (wrong.status_code, code_of(wrong)) == (404, "statement.unknown")
        assert (await fetched(auditor, path_of(there, f"/{theirs}/{form}"))).status_code == 200


async def test_another_town_is_closed(stage: Stage, owner: Person, shop: Shop) -> None:
    there = await shop_of(stage, stage.schneeberg)
    assert code_of(await fetched(owner, path_of(there))) == "right.missing"
    mixed = f"/betrieb/{stage.schneeberg.id}/{shop.merchant_id}/abrechnungen"
    assert code_of(await fetched(owner, mixed)) == "right.missing"


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.OWNER, True),
        (Role.ADMINISTRATOR, True),
        (Role.APPROVER, True),
        (Role.AUDITOR, True),
        (Role.CLERK, False),
        (Role.CASHIER, False),
    ],
)
async def test_the_menu_leads_to_them(
    new_person: NewPerson, shop: Shop, role: Role, *, may: bool
) -> None:
    reader = await new_person(role, shop)
    account = (await reader.api.client.get("/konto", headers=HTML)).text
    assert ('href="/abrechnungen"' in account) is may
    led = await reader.api.client.get("/abrechnungen", headers=HTML)
    if may:
        assert (led.status_code, led.headers["location"]) == (303, path_of(shop))
    else:
        assert "Hier ist noch kein Betrieb" in led.text


async def test_the_town_hall_chooses_a_merchant(
    stage: Stage, shop: Shop, new_person: NewPerson
) -> None:
    rival = await new_shop(stage.api, stage.zwoenitz.id, name="Eisdiele")
    there = await shop_of(stage, stage.zwoenitz, rival.merchant_id)
    administrator = await new_person(Role.ADMINISTRATOR, shop)
    page = (await administrator.api.client.get("/abrechnungen", headers=HTML)).text
    assert page.index(path_of(shop)) < page.index(path_of(there))
    assert "Schneeberg" not in page


async def test_the_devices_of_a_shop_lead_to_its_statements(owner: Person, shop: Shop) -> None:
    devices = (await owner.api.client.get(shop.page(), headers=HTML)).text
    assert f'href="{path_of(shop)}"' in devices
