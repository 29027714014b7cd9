from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from identity_stage import NOW, Give, NewPerson, Place
from sqlalchemy import text

from gutschein.db.access import IDENTITY
from gutschein.db.unit_of_work import Database
from gutschein.identity.persons import create_person, email_of, find_by_email, get_person
from gutschein.identity.roles import grant_role, grants_of, revoke_role
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import MerchantId, PersonId, RegionId, TownId
from gutschein.signing.service_keys import ServiceKeys
from gutschein.web.rights import TECHNICAL, Role


async def log_of(database: Database, chain_id: RegionId | TownId) -> list[Any]:
    async with database.reading() as work:
        rows = await work.execute(
            text(
                "SELECT action, author_name, subject, before, after FROM log_entry"
                " WHERE chain_id = :id AND action LIKE 'role.%' ORDER BY id"
            ),
            {"id": chain_id},
        )
        return [tuple(row) for row in rows]


async def test_a_person_is_found_by_their_address_however_it_is_written(
    people: Database, keys: ServiceKeys, new_person: NewPerson
) -> None:
    erika = await new_person()
    async with people.reading() as work:
        assert await find_by_email(work, keys, f" {erika.email.upper()} ") == erika.id
        assert await email_of(work, keys, erika.id) == erika.email
        assert (await get_person(work, erika.id)).name == "Erika Muster"
        assert await find_by_email(work, keys, "nobody@rathaus.example") is None


async def test_an_address_belongs_to_one_person(
    people: Database, keys: ServiceKeys, new_person: NewPerson
) -> None:
    erika = await new_person()
    with pytest.raises(Refusal, match=r"person\.exists"):
        async with people.unit_of_work() as work:
            await create_person(
                work, keys, name="Erik", email=erika.email.upper(), password=None, now=NOW
            )


@pytest.mark.parametrize(
    "email",
    ["", "erika", "erika@", "@rathaus.example", "e r@x.example", "a@b", f"{'a' * 250}@b.de"],
)
async def test_what_is_no_address_is_refused(
    people: Database, keys: ServiceKeys, email: str
) -> None:
    with pytest.raises(Refusal, match=r"email\.invalid"):
        async with people.unit_of_work() as work:
            await create_person(work, keys, name="Erik", email=email, password=None, now=NOW)


async def test_the_database_holds_no_address_and_no_password(
    people: Database, new_person: NewPerson
) -> None:
    erika = await new_person(totp=True)
    async with people.reading() as work:
        rows = await work.execute(text("SELECT * FROM person WHERE id = :id"), {"id": erika.id})
        values = [
            value if isinstance(value, bytes) else str(value).encode() for value in rows.one()
        ]
    for secret in (erika.email, erika.password, erika.totp_secret):
        assert secret
        assert not any(secret.encode() in value for value in values)


@pytest.mark.parametrize(
    ("role", "words"),
    [
        (Role.OPERATOR, "Betreiber für Erzgebirge"),
        (Role.APPROVER, "Freigabe für Zwönitz"),
        (Role.OWNER, "Inhaber für Buchladen am Markt, Zwönitz"),
    ],
)
async def test_a_role_given_and_taken_stands_in_the_log_in_plain_words(
    database: Database, new_person: NewPerson, give: Give, role: Role, words: str
) -> None:
    erika, anna = await new_person(), await new_person(name="Anna Amtmann")
    granted = await give(erika, role)
    async with database.acting(IDENTITY).unit_of_work() as work:
        await revoke_role(work, granted.id, by=anna.id, now=NOW)
    lines = await log_of(database, granted.chain_id)
    assert lines[-2:] == [
        ("role.granted", "Gutschein", "Erika Muster", None, words),
        ("role.revoked", "Anna Amtmann", "Erika Muster", words, None),
    ]


async def test_a_role_is_held_once_and_taken_once(
    database: Database, people: Database, new_person: NewPerson, give: Give
) -> None:
    erika = await new_person()
    first, second = await give(erika, Role.CLERK), await give(erika, Role.CLERK)
    assert first == second
    async with people.unit_of_work() as work:
        assert await grants_of(work, erika.id) == [first]
        await revoke_role(work, first.id, by=None, now=NOW)
        assert await grants_of(work, erika.id) == []
    with pytest.raises(Refusal, match=r"role\.unknown"):
        async with people.unit_of_work() as work:
            await revoke_role(work, first.id, by=None, now=NOW)
    assert (await give(erika, Role.CLERK)).id != first.id
    assert len(await log_of(database, first.chain_id)) == 3


async def test_a_role_needs_its_own_kind_of_place(
    people: Database, new_person: NewPerson, place: Place
) -> None:
    erika = await new_person()
    region: dict[str, Any] = {"region_id": place.region_id}
    town: dict[str, Any] = {"town_id": place.town_id}
    merchant = town | {"merchant_id": place.merchant_id}
    wrong = [
        *((Role.OPERATOR, scope) for scope in ({}, town, merchant, region | town)),
        *((Role.CLERK, scope) for scope in ({}, region, merchant)),
        *((Role.OWNER, scope) for scope in ({}, region, town)),
        *((role, scope) for role in TECHNICAL for scope in (region, town, merchant)),
    ]
    for role, scope in wrong:
        with pytest.raises(Refusal, match=r"role\.scope"):
            async with people.unit_of_work() as work:
                await grant_role(work, erika.id, role, by=None, now=NOW, **scope)


async def test_who_or_what_does_not_exist_gets_no_role(
    people: Database, new_person: NewPerson, place: Place
) -> None:
    erika = await new_person()
    unknown = uuid4()
    cases: list[tuple[str, Role, dict[str, Any]]] = [
        ("region.unknown", Role.OPERATOR, {"region_id": RegionId(unknown)}),
        ("town.unknown", Role.CLERK, {"town_id": TownId(unknown)}),
        (
            "merchant.unknown",
            Role.OWNER,
            {"town_id": place.town_id, "merchant_id": MerchantId(unknown)},
        ),
    ]
    for code, role, scope in cases:
        with pytest.raises(Refusal, match=code):
            async with people.unit_of_work() as work:
                await grant_role(work, erika.id, role, by=None, now=NOW, **scope)
    with pytest.raises(Refusal, match=r"person\.unknown"):
        async with people.unit_of_work() as work:
            await grant_role(
                work, PersonId(unknown), Role.CLERK, town_id=place.town_id, by=None, now=NOW
            )
