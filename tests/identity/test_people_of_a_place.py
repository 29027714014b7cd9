"""The people of a place: who sees them, and taking a role away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from api_fixtures import Api, code_of, fresh_id
from identity_stage import NewPerson, Place
from people_stage import Office, Staff, both

from gutschein.db.unit_of_work import Database
from gutschein.kernel.ids import MerchantId, RegionId, TownId
from gutschein.people.rules import has_two_others
from gutschein.web.rights import Role


@pytest.fixture
async def adam(office: Office) -> Staff:
    return await office.staff(Role.ADMINISTRATOR, name="Adam Amt")


@pytest.fixture
async def abroad(api: Api) -> Place:
    """A place in another region."""
    town = await api.new_town()
    merchant = await api.new_merchant(town)
    return Place(
        RegionId(UUID(town["region_id"])),
        TownId(UUID(town["id"])),
        MerchantId(UUID(merchant["id"])),
    )


async def people(who: Staff, path: str) -> dict[str, dict[str, Any]]:
    """The people of a place by their names."""
    answer = await who.get(f"{path}/people")
    assert answer.status_code == 200, answer.text
    return {each["name"]: each for each in answer.json()["people"]}


async def grant_of(who: Staff, path: str, name: str, role: Role) -> str:
    roles = (await people(who, path))[name]["roles"]
    (found,) = (each["id"] for each in roles if each["role"] == role)
    return str(found)


async def ends(who: Staff, path: str, grant_id: str) -> Any:
    return await who.post(f"{path}/people/roles/{grant_id}/end")


# seeing


async def test_a_list_says_who_holds_what_since_when_and_how_they_sign_in(
    office: Office, adam: Staff, new_person: NewPerson, give: Any
) -> None:
    max_ = await new_person(name="Max Neuling")
    await give(max_, Role.CLERK)
    await give(max_, Role.AUDITOR, max_and_later := adam.reader.clock.now + timedelta(days=1))
    found = await people(adam, office.town)
    assert (found["Adam Amt"]["has_second_factor"], found["Max Neuling"]["has_second_factor"]) == (
        True,
        False,
    )
    assert found["Adam Amt"]["signed_in_at"] == "2026-12-05T09:00:00Z"
    assert found["Max Neuling"]["signed_in_at"] is None
    assert [(each["role"], each["since"]) for each in found["Max Neuling"]["roles"]] == [
        ("clerk", "2026-12-05T09:00:00Z"),
        ("auditor", f"{max_and_later:%Y-%m-%dT%H:%M:%SZ}"),
    ]


async def test_a_password_alone_is_no_sign_in_where_two_factors_are_asked_for(
    office: Office, adam: Staff, new_person: NewPerson, give: Any
) -> None:
    erika = await new_person(name="Erika Halb", totp=True)
    await give(erika, Role.AUDITOR)
    await office.new_reader().password(erika)
    assert (await people(adam, office.town))["Erika Halb"]["signed_in_at"] is None


async def test_nobody_of_another_town_is_shown_or_changed(
    office: Office, adam: Staff, abroad: Place
) -> None:
    roles = (Role.ADMINISTRATOR, Role.APPROVER, Role.OWNER, Role.OPERATOR)
    eve = await office.staff(*roles, name="Eve Fremd", at=abroad)
    away = {
        "town": f"/api/v1/towns/{abroad.town_id}",
        "merchant": f"/api/v1/towns/{abroad.town_id}/merchants/{abroad.merchant_id}",
        "region": f"/api/v1/regions/{abroad.region_id}",
    }
    olga = await office.staff(Role.OPERATOR, name="Olga Ordnung")
    made = await office.invited(eve, away["town"], "x@fremd.example", "clerk")
    for path in (office.town, office.merchant):
        assert "Eve Fremd" not in await people(adam, path)
    assert "Eve Fremd" not in await people(olga, office.region)
    for path in away.values():
        for who in (adam, olga):
            assert code_of(await who.get(f"{path}/people")) == "right.missing"
    held = {
        path: (await people(eve, path))["Eve Fremd"]["roles"][0]["id"] for path in away.values()
    }
    invitation = made["invitation"]["id"]
    for who, path in ((adam, office.town), (adam, office.merchant), (olga, office.region)):
        for grant_id in held.values():
            assert code_of(await ends(who, path, grant_id)) == "role.unknown"
        answer = await who.post(f"{path}/people/invitations/{invitation}/retraction")
        assert code_of(answer) == "invitation.unknown"
    mixed = f"{office.town}/merchants/{abroad.merchant_id}/people"
    assert code_of(await adam.get(mixed)) == "merchant.unknown"
    terms = {"kind": "recovery", "person_id": str(eve.somebody.id)}
    assert code_of(await office.asks(adam, terms)) == "person.unknown"


async def test_a_merchants_people_are_not_the_towns(office: Office, adam: Staff) -> None:
    await office.staff(Role.OWNER, name="Kerstin Krämer")
    assert "Kerstin Krämer" not in await people(adam, office.town)
    assert "Adam Amt" not in await people(adam, office.merchant)
    grant_id = await grant_of(adam, office.merchant, "Kerstin Krämer", Role.OWNER)
    assert code_of(await ends(adam, office.town, grant_id)) == "role.unknown"


@pytest.mark.parametrize(
    ("role", "town", "merchant", "region"),
    [
        (Role.ADMINISTRATOR, 200, 200, 403),
        (Role.APPROVER, 200, 200, 403),
        (Role.AUDITOR, 200, 200, 403),
        (Role.CLERK, 403, 403, 403),
        (Role.OWNER, 403, 200, 403),
        (Role.CASHIER, 403, 403, 403),
        (Role.OPERATOR, 403, 403, 200),
    ],
)
async def test_who_may_see_whom(
    office: Office, role: Role, town: int, merchant: int, region: int
) -> None:
    reader = await office.staff(role)
    paths = (office.town, office.merchant, office.region)
    answers = [await reader.get(f"{path}/people") for path in paths]
    assert [answer.status_code for answer in answers] == [town, merchant, region]


# taking away


async def test_a_role_is_gone_with_the_very_next_request(
    office: Office, adam: Staff, database: Database
) -> None:
    clerk = await office.staff(Role.CLERK, name="Clara Schalter")
    assert (await clerk.get(f"{office.town}/merchants")).status_code == 200
    grant_id = await grant_of(adam, office.town, "Clara Schalter", Role.CLERK)
    left = await ends(adam, office.town, grant_id)
    assert "Clara Schalter" not in {each["name"] for each in left.json()["people"]}
    assert code_of(await clerk.get(f"{office.town}/merchants")) == "right.missing"
    assert (await clerk.get("/api/v1/me")).json()["roles"] == []
    assert code_of(await ends(adam, office.town, grant_id)) == "role.unknown"
    assert (await office.log(database))[-1] == (
        "role.revoked",
        "Adam Amt",
        "Clara Schalter",
        "Ausgabestelle für Zwönitz",
        None,
    )


async def test_nobody_takes_from_themselves_what_they_manage_people_with(
    office: Office, adam: Staff
) -> None:
    await office.staff(Role.ADMINISTRATOR, name="Anton Auch")
    owner = await office.staff(Role.OWNER, name="Kerstin Krämer")
    olga = await office.staff(Role.OPERATOR, name="Olga Ordnung")
    for who, path, name, role in (
        (adam, office.town, "Adam Amt", Role.ADMINISTRATOR),
        (owner, office.merchant, "Kerstin Krämer", Role.OWNER),
        (olga, office.region, "Olga Ordnung", Role.OPERATOR),
    ):
        assert code_of(await ends(who, path, await grant_of(who, path, name, role))) == "role.own"


async def test_the_last_administrator_and_the_last_approver_stay(
    office: Office, adam: Staff
) -> None:
    await office.owner(
        "UPDATE role_grant SET revoked_at = granted_at WHERE town_id = $1 AND person_id <> $2",
        office.place.town_id,
        adam.somebody.id,
    )
    bea = await office.staff(Role.APPROVER, name="Bea Bestätigt")
    last = await grant_of(adam, office.town, "Bea Bestätigt", Role.APPROVER)
    assert code_of(await ends(adam, office.town, last)) == "role.last"
    await office.staff(Role.APPROVER, name="Boris Billigt")
    assert (await ends(adam, office.town, last)).status_code == 200
    assert code_of(await bea.get(f"{office.town}/people")) == "right.missing"


async def test_two_administrators_who_take_one_anothers_role_leave_one(office: Office) -> None:
    await office.empty_town()
    for _ in range(5):
        one = await office.staff(Role.ADMINISTRATOR, name="Eins")
        two = await office.staff(Role.ADMINISTRATOR, name="Zwei")
        of_one = await grant_of(two, office.town, "Eins", Role.ADMINISTRATOR)
        of_two = await grant_of(one, office.town, "Zwei", Role.ADMINISTRATOR)
        statuses = await both(ends(one, office.town, of_two), ends(two, office.town, of_one))
        assert statuses[0] == 200
        assert statuses[1] in {403, 409}
        (row,) = await office.owner(
            "SELECT count(*) FROM role_grant WHERE town_id = $1 AND revoked_at IS NULL",
            office.place.town_id,
        )
        assert row["count"] == 1
        await office.empty_town()


async def test_what_does_not_exist_cannot_be_taken(office: Office, adam: Staff) -> None:
    assert code_of(await ends(adam, office.town, fresh_id())) == "role.unknown"
    path = f"{office.town}/people/invitations/{fresh_id()}/retraction"
    assert code_of(await adam.post(path)) == "invitation.unknown"


# pages


async def test_the_page_shows_each_reader_what_they_may(office: Office, adam: Staff) -> None:
    await office.invited(adam, office.town, "jana@rathaus.example", "clerk")
    auditor = await office.staff(Role.AUDITOR, name="Paula Prüft")
    path = f"/stadt/{office.place.town_id}/personen"
    manager, reader = await adam.reader.get(path), await auditor.reader.get(path)
    for each in (manager, reader):
        assert "Adam Amt" in each.text
        assert "Eingeladen von Adam Amt" in each.text
    for words in ("jana@rathaus.example", "Person einladen", "Wegnehmen", "Zurückziehen"):
        assert words in manager.text
        assert words not in reader.text
    clerk = await office.staff(Role.CLERK)
    assert (await clerk.reader.get(path)).status_code == 403


async def test_forms_invite_retract_and_take_away(office: Office, adam: Staff) -> None:
    path = f"/stadt/{office.place.town_id}/personen"
    send = adam.reader.send
    wrong = await send(f"{path}/einladen", name="Jana", email="jana@rathaus.example")
    assert wrong.status_code == 422
    assert "mindestens eine Aufgabe" in wrong.text
    wrong = await send(f"{path}/einladen", name="Jana", email="jana", roles="clerk")
    assert 'id="email-error"' in wrong.text
    shown = await send(f"{path}/einladen", name="Jana", email="j@rathaus.example", roles="clerk")
    assert "nur dieses eine Mal" in shown.text
    (invitation,) = (await adam.get(f"{office.town}/people")).json()["invitations"]
    done = await send(f"{path}/einladungen/{invitation['id']}/zurueckziehen")
    assert done.headers["location"] == f"{path}?erledigt=zurueckgezogen"
    await office.staff(Role.CLERK, name="Clara Schalter")
    grant_id = await grant_of(adam, office.town, "Clara Schalter", Role.CLERK)
    asked = await adam.reader.get(f"{path}/aufgaben/{grant_id}/nehmen")
    assert "„Ausgabestelle“ wegnehmen: Clara Schalter" in asked.text
    done = await send(f"{path}/aufgaben/{grant_id}/nehmen")
    assert done.headers["location"] == f"{path}?erledigt=genommen"
    own = await grant_of(adam, office.town, "Adam Amt", Role.ADMINISTRATOR)
    assert (await send(f"{path}/aufgaben/{own}/nehmen")).status_code == 409


async def test_the_form_asks_the_second_person_where_one_is_needed(
    office: Office, adam: Staff
) -> None:
    path = f"/stadt/{office.place.town_id}/personen/einladen"
    form = {"name": "Jana", "email": "jana@rathaus.example", "roles": "approver"}
    wrong = await adam.reader.send(path, **form)
    assert wrong.status_code == 422
    assert 'id="reason-error"' in wrong.text
    asked = await adam.reader.send(path, **form, reason="Bea geht in Rente")
    assert asked.status_code == 303
    request = await adam.reader.get(asked.headers["location"])
    assert "Jana (j…@rathaus.example) einladen: Freigabe für Zwönitz." in request.text
    assert (await adam.get(f"{office.town}/people")).json()["invitations"] == []


async def test_the_operators_page_leads_to_towns_at_their_beginning(office: Office) -> None:
    olga = await office.staff(Role.OPERATOR, name="Olga Ordnung")
    path = f"/verbund/{office.place.region_id}/personen"
    assert "Städte am Anfang" not in (await olga.reader.get(path)).text
    await office.empty_town()
    assert f"{path}/einladen?stadt={office.place.town_id}" in (await olga.reader.get(path)).text
    asked = await olga.reader.get(f"{path}/einladen?stadt={office.place.town_id}")
    assert "Erste Person für Zwönitz einladen" in asked.text
    form = {"name": "Jana", "email": "jana@rathaus.example", "town_id": str(office.place.town_id)}
    shown = await olga.reader.send(f"{path}/einladen", **form, roles="administrator")
    assert "nur dieses eine Mal" in shown.text
    assert (await olga.reader.get(f"{path}/einladen?stadt={fresh_id()}")).status_code == 404


async def test_the_menu_leads_to_ones_own_place(office: Office, adam: Staff) -> None:
    shown = await adam.reader.get("/personen")
    assert shown.headers["location"] == f"/stadt/{office.place.town_id}/personen"
    owner = await office.staff(Role.OWNER)
    place = office.place
    shown = await owner.reader.get("/personen")
    assert shown.headers["location"] == f"/betrieb/{place.town_id}/{place.merchant_id}/personen"
    several = await office.staff(Role.OWNER, Role.OPERATOR, Role.AUDITOR)
    shown = await several.reader.get("/personen")
    for words in ("Erzgebirge", "Zwönitz", "Buchladen am Markt, Zwönitz"):
        assert words in shown.text
    clerk = await office.staff(Role.CLERK)
    assert (await clerk.reader.get("/personen")).status_code == 403


async def test_a_script_of_ones_own_session_can_call_the_api(office: Office, adam: Staff) -> None:
    me = (await adam.get("/api/v1/me")).json()
    assert me["name"] == "Adam Amt"
    assert [(each["role"], each["place"]) for each in me["roles"]] == [("administrator", "Zwönitz")]
    body = {"name": "Jana", "email": "jana@rathaus.example", "roles": ["clerk"]}
    client = adam.reader.client
    json = {"accept": "application/json"}
    refused = await client.post(f"{office.town}/people", json=body, headers=json)
    assert code_of(refused) == "session.csrf"
    headers = json | {"x-csrf-token": me["csrf_token"]}
    taken = await client.post(f"{office.town}/people", json=body, headers=headers)
    assert taken.status_code == 201


def test_two_others_are_two_persons() -> None:
    one, two, three = (UUID(fresh_id()) for _ in range(3))
    administrator, approver = Role.ADMINISTRATOR, Role.APPROVER
    assert has_two_others([(one, administrator), (two, approver)], three)
    assert not has_two_others([(one, administrator), (one, approver)], three)
    assert not has_two_others([(one, administrator), (two, approver)], two)
    assert has_two_others([(one, administrator), (one, approver), (two, approver)], three)
    assert not has_two_others([(one, administrator), (two, Role.CLERK)], three)
