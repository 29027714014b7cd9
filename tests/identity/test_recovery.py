"""A way back in: two other persons open it, and everything old is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from api_fixtures import code_of
from click.testing import CliRunner, Result
from identity_stage import PASSWORD, NewPerson, Somebody
from people_stage import Office, Staff, both, link_in, sets_up_app

from gutschein.cli import main
from gutschein.db.unit_of_work import Database
from gutschein.identity.totp import code_at
from gutschein.signing.service_keys import ServiceKeys
from gutschein.web.rights import Role
from tests.waiting_mails import mails_to

NEW = "Vorhang-Teelicht-Abfluss"


@pytest.fixture
async def adam(office: Office) -> Staff:
    return await office.staff(Role.ADMINISTRATOR, name="Adam Amt")


@pytest.fixture
async def bea(office: Office) -> Staff:
    return await office.staff(Role.APPROVER, name="Bea Bestätigt")


def of(person: Somebody) -> dict[str, Any]:
    return {"kind": "recovery", "person_id": str(person.id)}


async def link_for(office: Office, adam: Staff, bea: Staff, person: Somebody) -> str:
    """Let Adam ask and Bea approve; return the path of the link."""
    asked = await office.asks(adam, of(person))
    assert asked.status_code == 201, asked.text
    approved = await office.approves(bea, asked.json())
    assert approved.status_code == 200, approved.text
    return link_in(approved.json()["shown_once"])


async def test_everything_old_is_gone_and_a_new_second_factor_is_asked_for(
    office: Office, adam: Staff, bea: Staff, database: Database
) -> None:
    clara = await office.staff(Role.CLERK, name="Clara Schalter")
    person = clara.somebody
    await office.owner(
        "INSERT INTO passkey (id, person_id, credential_id, public_key, sign_count, backed_up,"
        " name, created_at) VALUES (gen_random_uuid(), $1, $2, '', 0, false, 'Handy', $3)",
        person.id,
        person.id.bytes,
        clara.reader.clock.now,
    )
    link = await link_for(office, adam, bea, person)
    assert (await clara.get("/api/v1/me")).status_code == 200  # until the link is used
    reader = office.new_reader()
    assert "Neuer Zugang für Clara Schalter" in (await reader.get(link)).text
    done = await reader.send(link, password=NEW)
    assert done.headers["location"] == "/anmelden/zweiter-faktor"
    assert (await clara.get("/api/v1/me")).status_code == 401
    (row,) = await office.owner(
        "SELECT sealed_totp, (SELECT count(*) FROM passkey WHERE person_id = p.id"
        " AND removed_at IS NULL) AS passkeys FROM person p WHERE id = $1",
        person.id,
    )
    assert tuple(row) == (None, 0)
    assert (await reader.get(f"{office.town}/merchants")).status_code in {303, 401}
    secret = await sets_up_app(reader)
    assert secret != person.totp_secret
    assert (await reader.get(f"{office.town}/merchants")).status_code == 200
    old = await office.new_reader().password(person)
    assert old.status_code == 422
    later = office.new_reader()
    await later.password(person, password=NEW)
    later.clock.now += timedelta(seconds=60)
    code = code_at(secret, later.clock.now)
    assert (await later.send("/anmelden/code", code=code)).status_code == 303
    assert (await office.log(database))[-1] == (
        "recovery.used",
        "Clara Schalter",
        "Clara Schalter",
        None,
        "neues Passwort; App, Passkeys und Anmeldungen entfernt",
    )


async def test_an_approver_and_an_administrator_are_let_in_by_two_others(
    office: Office, adam: Staff, bea: Staff
) -> None:
    boris = await office.staff(Role.APPROVER, name="Boris Billigt")
    request = (await office.asks(adam, of(bea.somebody))).json()
    assert "Bea Bestätigt (Freigabe)" in request["summary"]
    assert code_of(await office.approves(bea, request)) == "approval.own_rights"
    assert (await office.approves(boris, request)).status_code == 200
    assert code_of(await office.asks(adam, of(adam.somebody))) == "approval.own_rights"
    anton = await office.staff(Role.ADMINISTRATOR, Role.APPROVER, name="Anton Auch")
    request = (await office.asks(anton, of(adam.somebody))).json()
    assert code_of(await office.approves(anton, request)) == "approval.same_person"
    assert (await office.approves(bea, request)).status_code == 200


async def test_only_administrators_ask_and_only_approvers_decide(
    office: Office, adam: Staff
) -> None:
    clara = await office.staff(Role.CLERK)
    for role in (Role.CLERK, Role.APPROVER, Role.AUDITOR, Role.OWNER, Role.OPERATOR):
        who = await office.staff(role)
        assert code_of(await office.asks(who, of(clara.somebody))) == "right.missing"
    request = (await office.asks(adam, of(clara.somebody))).json()
    other = await office.staff(Role.ADMINISTRATOR)
    assert code_of(await office.approves(other, request)) == "right.missing"


async def test_owners_and_cashiers_of_the_town_are_let_in_too(
    office: Office, adam: Staff, bea: Staff
) -> None:
    cashier = await office.staff(Role.CASHIER, name="Kai Kasse")
    link = await link_for(office, adam, bea, cashier.somebody)
    reader = office.new_reader()
    done = await reader.send(link, password=NEW)
    assert done.headers["location"] == "/konto"


async def test_who_has_roles_elsewhere_is_not_let_in_by_one_town(
    office: Office, adam: Staff, bea: Staff, give: Any
) -> None:
    olga = await office.staff(Role.CLERK, Role.OPERATOR, name="Olga Ordnung")
    assert code_of(await office.asks(adam, of(olga.somebody))) == "recovery.elsewhere"
    clara = await office.staff(Role.CLERK)
    request = (await office.asks(adam, of(clara.somebody))).json()
    await give(clara.somebody, Role.OPERATOR)
    assert code_of(await office.approves(bea, request)) == "recovery.elsewhere"
    path = f"/stadt/{office.place.town_id}/personen/{olga.somebody.id}/wiederherstellung"
    assert (await adam.reader.get(path)).status_code == 409


async def test_a_role_that_is_accepted_meanwhile_ends_the_link(
    office: Office, adam: Staff, bea: Staff
) -> None:
    clara = await office.staff(Role.CLERK)
    link = await link_for(office, adam, bea, clara.somebody)
    olga = await office.staff(Role.OPERATOR)
    invited = await office.invite(olga, office.region, clara.somebody.email, "operator")
    assert (await clara.reader.send(f"{invited}/annehmen")).status_code == 303
    assert (await office.new_reader().send(link, password=NEW)).status_code == 404


@pytest.mark.parametrize("spoilt", ["used", "late", "altered", "asked for anew", "other purpose"])
async def test_a_link_that_is_no_longer_good_does_nothing(
    office: Office, adam: Staff, bea: Staff, spoilt: str
) -> None:
    clara = await office.staff(Role.CLERK, name="Clara Schalter")
    link = await link_for(office, adam, bea, clara.somebody)
    if spoilt == "used":
        await office.new_reader().send(link, password=NEW)
    elif spoilt == "late":
        adam.reader.clock.now += timedelta(hours=24)
    elif spoilt == "altered":
        link = link[:-1] + ("A" if link[-1] != "A" else "B")
    elif spoilt == "asked for anew":
        await link_for(office, adam, bea, clara.somebody)
    else:
        link = link.replace("wiederherstellung", "einladung")
    reader = office.new_reader()
    shown = await reader.get(link)
    assert shown.status_code == 404
    assert "Clara" not in shown.text
    form = {"password": NEW}
    if spoilt == "other purpose":
        form |= {"name": "Clara", "language": "de"}
    assert (await reader.send(link, **form)).status_code == 404
    assert reader.session is None


async def test_of_two_who_use_a_link_at_the_same_moment_one_does(
    office: Office, adam: Staff, bea: Staff
) -> None:
    for _ in range(5):
        clara = await office.staff(Role.CLERK)
        link = await link_for(office, adam, bea, clara.somebody)
        readers = [office.new_reader() for _ in range(2)]
        assert await both(*(each.send(link, password=NEW) for each in readers)) == [303, 404]


async def test_a_weak_password_leaves_everything_as_it_was(
    office: Office, adam: Staff, bea: Staff
) -> None:
    clara = await office.staff(Role.CLERK, name="Clara Schalter")
    link = await link_for(office, adam, bea, clara.somebody)
    for password in ("", "zu-kurz", "Clara-Schalter-1"):
        answer = await office.new_reader().send(link, password=password)
        assert answer.status_code == 422
        assert 'id="password-error"' in answer.text
    assert (await clara.get("/api/v1/me")).status_code == 200
    foreign = await office.new_reader().client.post(
        link, data={"password": NEW}, headers={"sec-fetch-site": "cross-site"}
    )
    assert foreign.status_code == 403


async def test_the_page_asks_the_second_person(office: Office, adam: Staff) -> None:
    clara = await office.staff(Role.CLERK, name="Clara Schalter")
    path = f"/stadt/{office.place.town_id}/personen/{clara.somebody.id}/wiederherstellung"
    assert path in (await adam.reader.get(f"/stadt/{office.place.town_id}/personen")).text
    assert "Zugang von Clara Schalter" in (await adam.reader.get(path)).text
    assert (await adam.reader.send(path)).status_code == 422
    asked = await adam.reader.send(path, reason="Handy ins Wasser gefallen, war hier")
    assert asked.headers["location"].startswith(f"/stadt/{office.place.town_id}/freigaben/")
    assert "Zugang verloren?" in (await office.new_reader().get("/zugang-verloren")).text


@pytest.mark.usefixtures("mail_on")
async def test_where_mail_is_on_the_link_goes_to_the_person_alone(
    office: Office,
    adam: Staff,
    bea: Staff,
    jobs: Database,
    keys: ServiceKeys,
) -> None:
    clara = await office.staff(Role.CLERK, name="Clara Schalter")
    request = (await office.asks(adam, of(clara.somebody))).json()
    approved = await office.approves(bea, request)
    assert approved.json()["shown_once"] is None
    (mail,) = await mails_to(jobs, keys, clara.somebody.email)
    assert "zwei Personen haben bestätigt" in mail.text
    done = await office.new_reader().send(link_in(mail.text), password=NEW)
    assert done.status_code == 303
    _, told = await mails_to(jobs, keys, clara.somebody.email)
    assert "Ihr Zugang wurde soeben mit einem Link neu eingerichtet" in told.text


# by command


@pytest.fixture
def recover(monkeypatch: pytest.MonkeyPatch, database_url: str) -> Callable[[str], Result]:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("GUTSCHEIN_KEY_ENCRYPTION_KEY", bytes(32).hex())
    monkeypatch.setenv("GUTSCHEIN_PUBLIC_URL", "http://test")
    return lambda email: CliRunner().invoke(main, ("operator", "recover", "--email", email))


async def test_an_operator_is_let_in_by_command(
    office: Office, recover: Callable[[str], Result], database: Database
) -> None:
    olga = await office.staff(Role.OPERATOR, Role.AUDITOR, name="Olga Ordnung")
    result = await asyncio.to_thread(recover, olga.somebody.email)
    assert result.exit_code == 0, result.output
    olga.reader.clock.now = (await office.owner("SELECT now() AT TIME ZONE 'UTC' AS now"))[0][
        "now"
    ].astimezone(olga.reader.clock.now.tzinfo)
    reader = office.new_reader()
    done = await reader.send(link_in(result.stdout), password=NEW)
    assert done.headers["location"] == "/anmelden/zweiter-faktor"
    assert ("recovery.link_made", "Gutschein", "Olga Ordnung") in {
        line[:3] for line in await office.log(database)
    }


async def test_the_command_helps_nobody_whom_two_persons_of_the_town_can(
    office: Office, adam: Staff, bea: Staff, recover: Callable[[str], Result]
) -> None:
    refused = await asyncio.to_thread(recover, bea.somebody.email)
    assert refused.exit_code != 0
    assert "Zwönitz" in refused.output
    await office.owner(
        "UPDATE role_grant SET revoked_at = granted_at WHERE town_id = $1 AND person_id <> ALL($2)",
        office.place.town_id,
        [adam.somebody.id, bea.somebody.id],
    )
    helped = await asyncio.to_thread(recover, bea.somebody.email)
    assert helped.exit_code == 0, helped.output
    nobody = await asyncio.to_thread(recover, "nobody@rathaus.example")
    assert nobody.exit_code != 0


async def test_who_lost_nothing_is_not_touched(
    office: Office, adam: Staff, bea: Staff, new_person: NewPerson
) -> None:
    """A link that nobody opens changes nothing."""
    max_ = await new_person(totp=True)
    clara = await office.staff(Role.CLERK)
    await link_for(office, adam, bea, clara.somebody)
    for person in (max_, clara.somebody):
        reader = office.new_reader()
        assert (await reader.password(person, password=PASSWORD)).status_code == 303
