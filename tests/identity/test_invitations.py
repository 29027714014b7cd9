"""Invitations: who may invite to what, and a link that is accepted once."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from uuid import uuid4

import pytest
from api_fixtures import Api, code_of
from identity_stage import PASSWORD, NewPerson, Place
from people_stage import Office, Staff, both, link_in, sets_up_app

from gutschein.db.unit_of_work import Database
from gutschein.identity.totp import code_at
from gutschein.people.invitations import forget_addresses
from gutschein.people.rules import masked
from gutschein.signing.service_keys import ServiceKeys
from gutschein.web.rights import Role
from tests.waiting_mails import mails_to


def new_email() -> str:
    return f"jana.{uuid4().hex}@rathaus.example"


@pytest.fixture
async def adam(office: Office) -> Staff:
    return await office.staff(Role.ADMINISTRATOR, name="Adam Amt")


@pytest.fixture
async def olga(office: Office) -> Staff:
    return await office.staff(Role.OPERATOR, name="Olga Ordnung")


# accepting


async def test_somebody_new_gets_a_password_a_second_factor_and_then_the_role(
    office: Office, adam: Staff, database: Database
) -> None:
    email = new_email()
    link = await office.invite(adam, office.town, email, "clerk")
    shown = await office.new_reader().get(link)
    assert shown.status_code == 200
    assert "Ausgabestelle: Zwönitz" in shown.text
    reader, opened = await office.opens(link, name="Jana Beispiel-Neu", language="en")
    assert opened.headers["location"] == "/anmelden/zweiter-faktor"
    assert (await reader.get("/api/v1/me")).status_code == 401  # the second factor is missing
    secret = await sets_up_app(reader)
    me = (await reader.get("/api/v1/me")).json()
    assert (me["name"], me["language"], me["second_factor"]) == ("Jana Beispiel-Neu", "en", True)
    (role,) = me["roles"]
    assert (role["role"], role["place"]) == ("clerk", "Zwönitz")
    assert role["town_id"] == str(office.place.town_id)

    later = office.new_reader()
    await later.send("/anmelden", email=email, password=PASSWORD)
    later.clock.now += timedelta(seconds=30)
    code = code_at(secret, later.clock.now)
    assert (await later.send("/anmelden/code", code=code)).status_code == 303
    assert (await later.get(f"{office.town}/merchants")).status_code == 200
    assert (await later.get(f"{office.town}/people")).status_code == 403
    assert await office.log(database) == [
        ("role.granted", "Gutschein", "Adam Amt", None, "Verwaltung für Zwönitz"),
        ("invitation.made", "Adam Amt", "Jana Beispiel", None, "Ausgabestelle für Zwönitz"),
        ("role.granted", "Adam Amt", "Jana Beispiel-Neu", None, "Ausgabestelle für Zwönitz"),
        (
            "invitation.accepted",
            "Jana Beispiel-Neu",
            "Jana Beispiel",
            None,
            "Ausgabestelle für Zwönitz",
        ),
    ]


async def test_the_link_is_stored_nowhere_and_the_address_only_while_it_is_open(
    office: Office, adam: Staff
) -> None:
    email = new_email()
    link = await office.invite(adam, office.town, email, "clerk")
    token = link.rpartition("/")[2]
    hashed = hashlib.sha256(token.encode()).digest()
    (row,) = await office.owner(
        "SELECT i.*, l.ends_at - l.made_at AS lasts FROM one_time_link l"
        " JOIN invitation i ON i.id = l.invitation_id WHERE l.token_hash = $1",
        hashed,
    )
    assert row["lasts"] == timedelta(hours=72)
    assert row["sealed_email"]
    values = [each if isinstance(each, bytes) else str(each).encode() for each in row.values()]
    assert not any(secret.encode() in each for secret in (token, email) for each in values)
    await office.opens(link)
    (row,) = await office.owner("SELECT * FROM invitation WHERE id = $1", row["id"])
    assert (row["email_hash"], row["sealed_email"]) == (None, None)
    assert row["accepted_at"]


async def test_who_has_an_account_accepts_signed_in_and_nobody_else_does(
    office: Office, adam: Staff, new_person: NewPerson
) -> None:
    erika, max_ = await new_person(totp=True), await new_person(name="Max Anders", totp=True)
    link = await office.invite(adam, office.town, erika.email.upper(), "auditor")
    reader, refused = await office.opens(link)
    assert refused.status_code == 409
    assert "Bitte anmelden" in refused.text
    assert "sitzung" not in reader.client.cookies
    stranger = office.new_reader()
    await stranger.sign_in(max_)
    assert "andere E-Mail-Adresse" in (await stranger.get(link)).text
    assert (await stranger.send(f"{link}/annehmen")).status_code == 403
    assert "Anmelden und annehmen" in (await reader.get(link)).text
    assert (await reader.send(f"{link}/annehmen")).status_code == 303  # to sign in
    await reader.sign_in(erika)
    before = reader.session
    assert "Annehmen" in (await reader.get(link)).text
    assert (await reader.client.post(f"{link}/annehmen", data={})).status_code == 403  # no proof
    done = await reader.send(f"{link}/annehmen")
    assert done.status_code == 303
    assert reader.session != before
    assert (await reader.get(f"{office.town}/people")).status_code == 200
    assert (await reader.send(f"{link}/annehmen")).status_code == 404


async def test_a_role_that_needs_two_factors_waits_for_them_in_a_session_that_has_one(
    office: Office, adam: Staff, new_person: NewPerson
) -> None:
    erika = await new_person()
    link = await office.invite(adam, office.town, erika.email, "clerk")
    reader = office.new_reader()
    await reader.sign_in(erika)
    done = await reader.send(f"{link}/annehmen")
    assert done.headers["location"] == "/anmelden/zweiter-faktor"
    assert (await reader.get(f"{office.town}/merchants")).status_code in {303, 401}
    await sets_up_app(reader)
    assert (await reader.get(f"{office.town}/merchants")).status_code == 200


async def test_the_inviter_reads_the_same_for_known_and_unknown_addresses(
    office: Office, adam: Staff, new_person: NewPerson
) -> None:
    erika = await new_person()
    known = await office.invited(adam, office.town, erika.email, "clerk")
    unknown = await office.invited(adam, office.town, new_email(), "clerk")
    for each in (known, unknown):
        del each["invitation"]["id"], each["link"]
    assert known == unknown
    addresses = (erika.email, new_email())
    pages = [
        (await office.new_reader().get(await office.invite(adam, office.town, each, "clerk"))).text
        for each in addresses
    ]
    plain = [
        "".join(line for line in page.splitlines() if "/einladung/" not in line).replace(each, "")
        for page, each in zip(pages, addresses, strict=True)
    ]
    assert plain[0] == plain[1]


async def test_of_two_who_open_a_link_at_the_same_moment_one_does(
    office: Office, adam: Staff
) -> None:
    for _ in range(5):
        link = await office.invite(adam, office.town, new_email(), "clerk")
        (_, first), (_, second) = await asyncio.gather(office.opens(link), office.opens(link))
        statuses = sorted([first.status_code, second.status_code])
        assert statuses[0] == 303
        assert statuses[1] in {404, 409}
    (row,) = await office.owner(
        "SELECT count(*) FROM role_grant WHERE town_id = $1 AND role = 'clerk' AND granted_by = $2",
        office.place.town_id,
        adam.somebody.id,
    )
    assert row["count"] == 5


async def test_an_account_accepts_a_link_once_even_twice_at_the_same_moment(
    office: Office, adam: Staff, new_person: NewPerson
) -> None:
    erika = await new_person(totp=True)
    link = await office.invite(adam, office.town, erika.email, "clerk")
    first, second = office.new_reader(), office.new_reader()
    for each in (first, second):
        await each.sign_in(erika)
    statuses = await both(first.send(f"{link}/annehmen"), second.send(f"{link}/annehmen"))
    assert statuses == [303, 404]


async def test_two_towns_that_invite_one_new_person_at_once_make_one_account(
    office: Office, adam: Staff, olga: Staff
) -> None:
    email = new_email()
    links = [
        await office.invite(adam, office.town, email, "clerk"),
        await office.invite(olga, office.region, email, "operator"),
    ]
    opened = await asyncio.gather(*(office.opens(link) for link in links))
    assert sorted(answer.status_code for _, answer in opened) == [303, 409]
    reader = next(reader for reader, answer in opened if answer.status_code == 303)
    other = next(
        link for link, (_, answer) in zip(links, opened, strict=True) if answer.status_code == 409
    )
    await sets_up_app(reader)
    assert (await reader.send(f"{other}/annehmen")).status_code == 303
    assert len((await reader.get("/api/v1/me")).json()["roles"]) == 2


@pytest.mark.parametrize("spoilt", ["used", "late", "altered", "retracted", "invited anew"])
async def test_a_link_that_is_no_longer_good_shows_nothing_and_does_nothing(
    office: Office, adam: Staff, spoilt: str
) -> None:
    email = new_email()
    made = await office.invited(adam, office.town, email, "clerk")
    link = link_in(made["link"])
    if spoilt == "used":
        await office.opens(link)
    elif spoilt == "late":
        adam.reader.clock.now += timedelta(hours=72)
    elif spoilt == "altered":
        link = link[:-1] + ("A" if link[-1] != "A" else "B")
    elif spoilt == "retracted":
        path = f"{office.town}/people/invitations/{made['invitation']['id']}/retraction"
        assert (await adam.post(path)).json()["invitations"] == []
        assert code_of(await adam.post(path)) == "invitation.unknown"
    else:
        await office.invite(adam, office.town, email, "clerk")
    shown = await office.new_reader().get(link)
    assert shown.status_code == 404
    assert "Dieser Link gilt nicht mehr." in shown.text
    assert email not in shown.text
    _, opened = await office.opens(link)
    assert opened.status_code == 404
    assert "sitzung" not in opened.headers.get("set-cookie", "")


async def test_an_invitation_of_somebody_who_may_invite_no_more_is_void(
    office: Office, adam: Staff
) -> None:
    other = await office.staff(Role.ADMINISTRATOR, name="Otto Ohne")
    link = await office.invite(other, office.town, new_email(), "clerk")
    people = (await adam.get(f"{office.town}/people")).json()["people"]
    (grant,) = next(each for each in people if each["name"] == "Otto Ohne")["roles"]
    assert (await adam.post(f"{office.town}/people/roles/{grant['id']}/end")).status_code == 200
    _, opened = await office.opens(link)
    assert opened.status_code == 404


async def test_a_weak_password_is_said_where_it_is_typed_and_the_link_stays_good(
    office: Office, adam: Staff
) -> None:
    link = await office.invite(adam, office.town, new_email(), "clerk")
    for password in ("", "zu-kurz", "Beispiel-Zwönitz-1"):
        _, answer = await office.opens(link, password=password)
        assert answer.status_code == 422
        assert 'id="password-error"' in answer.text
    _, answer = await office.opens(link)
    assert answer.status_code == 303


async def test_another_site_cannot_open_an_account(office: Office, adam: Staff) -> None:
    link = await office.invite(adam, office.town, new_email(), "clerk")
    form = {"name": "Jana", "language": "de", "password": PASSWORD}
    answer = await office.new_reader().client.post(
        link, data=form, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403


async def test_who_wants_no_password_makes_a_passkey_before_any_role(
    office: Office, adam: Staff
) -> None:
    link = await office.invite(adam, office.town, new_email(), "clerk")
    reader, begun = await office.opens(link, password="", way="passkey")
    assert begun.headers["location"] == f"{link}/passkey"
    assert "Passkey einrichten und annehmen" in (await reader.get(f"{link}/passkey")).text
    assert (await reader.get("/api/v1/me")).json()["roles"] == []
    again, opened = await office.opens(link)  # who gives up takes a password after all
    assert opened.headers["location"] == "/anmelden/zweiter-faktor"
    assert (await reader.get(f"{link}/passkey")).status_code == 303  # that session is over
    await sets_up_app(again)
    assert len((await again.get("/api/v1/me")).json()["roles"]) == 1


# who may invite to what


@pytest.mark.parametrize(
    ("role", "path", "roles", "code"),
    [
        (Role.ADMINISTRATOR, "town", ["administrator"], "invitation.needs_approval"),
        (Role.ADMINISTRATOR, "town", ["clerk", "approver"], "invitation.needs_approval"),
        (Role.ADMINISTRATOR, "town", ["owner"], "request.invalid"),
        (Role.ADMINISTRATOR, "town", ["operator"], "request.invalid"),
        (Role.ADMINISTRATOR, "town", ["device"], "request.invalid"),
        (Role.ADMINISTRATOR, "town", [], "request.invalid"),
        (Role.ADMINISTRATOR, "region", ["operator"], "right.missing"),
        (Role.APPROVER, "town", ["clerk"], "right.missing"),
        (Role.AUDITOR, "town", ["clerk"], "right.missing"),
        (Role.CLERK, "merchant", ["cashier"], "right.missing"),
        (Role.OWNER, "town", ["clerk"], "right.missing"),
        (Role.OWNER, "merchant", ["clerk"], "request.invalid"),
        (Role.CASHIER, "merchant", ["cashier"], "right.missing"),
        (Role.OPERATOR, "town", ["clerk"], "right.missing"),
        (Role.OPERATOR, "merchant", ["owner"], "right.missing"),
        (Role.OPERATOR, "region", ["administrator"], "invitation.role"),
    ],
)
async def test_nobody_invites_to_what_they_may_not_give(
    office: Office, role: Role, path: str, roles: list[str], code: str
) -> None:
    inviter = await office.staff(role)
    body = {"name": "Jana", "email": new_email(), "roles": roles}
    answer = await inviter.post(f"{getattr(office, path)}/people", body)
    assert code_of(answer) == code


async def test_an_owner_invites_to_the_own_merchant_alone(office: Office, api: Api) -> None:
    owner = await office.staff(Role.OWNER, name="Kerstin Krämer")
    link = await office.invite(owner, office.merchant, new_email(), "cashier")
    reader, opened = await office.opens(link)
    assert opened.headers["location"] == "/konto"  # a cashier needs no second factor
    (role,) = (await reader.get("/api/v1/me")).json()["roles"]
    assert (role["role"], role["merchant_id"]) == ("cashier", str(office.place.merchant_id))
    other = await api.new_merchant({"id": str(office.place.town_id)})
    body = {"name": "Jana", "email": new_email(), "roles": ["cashier"]}
    path = f"{office.town}/merchants/{other['id']}/people"
    assert code_of(await owner.post(path, body)) == "right.missing"


async def test_a_wrong_address_and_a_flood_are_refused(office: Office, adam: Staff) -> None:
    body = {"name": "Jana", "email": "jana", "roles": ["clerk"]}
    assert code_of(await adam.post(f"{office.town}/people", body)) == "email.invalid"
    answers = [
        await adam.post(f"{office.town}/people", body | {"email": "jana@rathaus.example"})
        for _ in range(41)
    ]
    assert {answer.status_code for answer in answers[:40]} == {201}
    assert code_of(answers[40]) == "limit.rate"


# the first people of a town


async def test_the_operator_invites_the_first_two_and_the_town_all_others(
    office: Office, olga: Staff
) -> None:
    await office.empty_town()
    town = {"town_id": str(office.place.town_id)}
    first = await office.invite(olga, office.region, new_email(), "administrator", **town)
    spare = await office.invite(olga, office.region, new_email(), "administrator", **town)
    late = await office.invite(olga, office.region, new_email(), "approver", **town)
    second = await office.invite(olga, office.region, new_email(), "approver", **town)
    listed = (await olga.get(f"{office.region}/people")).json()["invitations"]
    assert len(listed) == 4

    administrator, opened = await office.opens(first)
    assert opened.status_code == 303
    await sets_up_app(administrator)
    body = {"name": "Jana", "email": new_email(), "roles": ["approver"]}
    alone = Staff(olga.somebody, administrator)
    assert code_of(await alone.post(f"{office.town}/people", body)) == "invitation.first_ones"
    request = {"kind": "role_grant", **body}
    assert code_of(await office.asks(alone, request)) == "invitation.first_ones"

    assert (await office.opens(spare))[1].status_code == 303  # no approver there yet
    assert (await office.opens(second))[1].status_code == 303
    # Now the town has both. What the operator kept in the drawer is void.
    _, refused = await office.opens(late)
    assert refused.status_code == 403
    assert "bestimmt sie selbst" in refused.text
    for role in ("administrator", "approver"):
        answer = await olga.post(f"{office.region}/people", body | town | {"roles": [role]})
        assert code_of(answer) == "invitation.town_decides"
    assert (await olga.get(f"{office.region}/people")).json()["invitations"] == []


async def test_a_town_never_becomes_a_beginner_again(office: Office, olga: Staff) -> None:
    await office.owner(
        "UPDATE role_grant SET revoked_at = granted_at WHERE town_id = $1 AND role = 'approver'",
        office.place.town_id,
    )
    body = {"name": "Jana", "email": new_email(), "roles": ["approver"]}
    town = {"town_id": str(office.place.town_id)}
    answer = await olga.post(f"{office.region}/people", body | town)
    assert code_of(answer) == "invitation.town_decides"


async def test_the_operator_gives_no_other_role_of_a_town_and_none_of_another_region(
    office: Office, olga: Staff, api: Api
) -> None:
    await office.empty_town()
    town = {"town_id": str(office.place.town_id)}
    body = {"name": "Jana", "email": new_email(), "roles": ["operator"]}
    answer = await olga.post(f"{office.region}/people", body | town)
    assert code_of(answer) == "invitation.role"
    stranger = await api.new_town()
    answer = await olga.post(
        f"{office.region}/people", body | {"roles": ["approver"], "town_id": stranger["id"]}
    )
    assert code_of(answer) == "town.unknown"


async def test_operators_invite_operators(office: Office, olga: Staff, place: Place) -> None:
    link = await office.invite(olga, office.region, new_email(), "operator")
    reader, _ = await office.opens(link)
    await sets_up_app(reader)
    assert (await reader.get(f"/api/v1/regions/{place.region_id}")).status_code == 200


# two persons


async def test_an_administrator_asks_an_approver_agrees_and_the_person_accepts(
    office: Office, adam: Staff, database: Database
) -> None:
    bea = await office.staff(Role.APPROVER, name="Bea Bestätigt")
    email = new_email()
    terms = {"kind": "role_grant", "name": "Jana Beispiel", "email": email}
    asked = await office.asks(adam, terms | {"roles": ["approver", "administrator"]})
    assert asked.status_code == 201, asked.text
    request = asked.json()
    assert request["summary"] == (
        f"Jana Beispiel ({masked(email)}) einladen: Verwaltung, Freigabe für Zwönitz."
    )
    assert email not in asked.text
    assert code_of(await office.approves(adam, request)) in {
        "approval.same_person",
        "right.missing",
    }
    approved = await office.approves(bea, request)
    assert approved.status_code == 200, approved.text
    link = link_in(approved.json()["shown_once"])
    reader, _ = await office.opens(link)
    await sets_up_app(reader)
    assert {each["role"] for each in (await reader.get("/api/v1/me")).json()["roles"]} == {
        "administrator",
        "approver",
    }
    (row,) = await office.owner(
        "SELECT invited_by, approved_by FROM invitation WHERE town_id = $1", office.place.town_id
    )
    assert tuple(row) == (adam.somebody.id, bea.somebody.id)
    assert not [line for line in await office.log(database) if email in str(line)]


async def test_who_is_both_cannot_ask_and_approve(office: Office) -> None:
    both_roles = await office.staff(Role.ADMINISTRATOR, Role.APPROVER)
    terms = {"kind": "role_grant", "name": "Jana", "email": new_email(), "roles": ["approver"]}
    request = (await office.asks(both_roles, terms)).json()
    assert code_of(await office.approves(both_roles, request)) == "approval.same_person"


async def test_nobody_approves_a_role_of_their_own(office: Office, adam: Staff) -> None:
    bea = await office.staff(Role.APPROVER)
    terms = {"kind": "role_grant", "name": "Bea", "email": bea.somebody.email}
    request = (await office.asks(adam, terms | {"roles": ["administrator"]})).json()
    assert code_of(await office.approves(bea, request)) == "approval.own_rights"


async def test_addresses_that_nobody_accepted_are_forgotten(
    office: Office, adam: Staff, people: Database
) -> None:
    await office.invite(adam, office.town, new_email(), "clerk")
    clock = adam.reader.clock

    async def kept() -> int:
        (row,) = await office.owner(
            "SELECT count(sealed_email) FROM invitation WHERE town_id = $1", office.place.town_id
        )
        return int(row["count"])

    for days, left in ((9, 1), (11, 0)):
        async with people.unit_of_work() as work:
            await forget_addresses(work, clock.now + timedelta(days=days))
        assert await kept() == left


@pytest.mark.usefixtures("mail_on")
async def test_where_mail_is_on_the_link_goes_to_the_invited_person_alone(
    office: Office,
    adam: Staff,
    new_person: NewPerson,
    jobs: Database,
    keys: ServiceKeys,
) -> None:
    erika = await new_person()
    for email in (new_email(), erika.email):
        made = await office.invited(adam, office.town, email, "clerk")
        assert made["link"] is None
        (mail,) = await mails_to(jobs, keys, email)
        assert "Adam Amt lädt Sie zu Gutschein ein: Ausgabestelle für Zwönitz." in mail.text
        shown = await office.new_reader().get(link_in(mail.text))
        assert shown.status_code == 200
    page = await adam.reader.send(
        f"/stadt/{office.place.town_id}/personen/einladen",
        name="Jana",
        email=new_email(),
        roles="clerk",
    )
    assert page.headers["location"].endswith("?erledigt=eingeladen")
    bea = await office.staff(Role.APPROVER)
    terms = {"kind": "role_grant", "name": "Jana", "email": (email := new_email())}
    request = (await office.asks(adam, terms | {"roles": ["approver"]})).json()
    approved = await office.approves(bea, request)
    assert approved.json()["shown_once"] is None
    (mail,) = await mails_to(jobs, keys, email)
    _, opened = await office.opens(link_in(mail.text))
    assert opened.status_code == 303
