from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import pytest
from identity_stage import NOW, Give, NewPerson, Somebody
from sqlalchemy import text

from gutschein.db.unit_of_work import Database
from gutschein.identity.roles import revoke_role
from gutschein.identity.sessions import (
    Session,
    browser_name,
    csrf_token,
    end_session,
    end_sessions,
    find_session,
    list_sessions,
    note_seen,
    purge_sessions,
    replace_session,
    start_session,
)
from gutschein.kernel.errors import Refusal
from gutschein.web.rights import TECHNICAL, TWO_FACTOR, Role

TOWN_HALL = (Role.OPERATOR, Role.ADMINISTRATOR, Role.APPROVER, Role.CLERK, Role.AUDITOR)


async def begin(
    people: Database, somebody: Somebody, *, second_factor: bool = True, now: datetime = NOW
) -> str:
    async with people.unit_of_work() as work:
        return await start_session(
            work, somebody.id, second_factor=second_factor, browser="Firefox, Windows", now=now
        )


async def look(people: Database, token: str, now: datetime = NOW) -> Session | None:
    async with people.unit_of_work() as work:
        return await find_session(work, token, now)


async def use_until(people: Database, token: str, end: datetime, every: timedelta) -> None:
    """Use a session again and again."""
    now = NOW
    while now < end:
        now = min(now + every, end)
        async with people.unit_of_work() as work:
            session = await find_session(work, token, now)
            assert session is not None, now
            await note_seen(work, session, now)


async def test_the_database_knows_a_session_by_its_hash_alone(
    people: Database, new_person: NewPerson
) -> None:
    token = await begin(people, await new_person())
    assert len(token) == 43  # 256 bits in base64
    async with people.reading() as work:
        stored = (
            await work.execute(
                text("SELECT * FROM session WHERE token_hash = :hash"),
                {"hash": hashlib.sha256(token.encode()).digest()},
            )
        ).one()
    assert token not in str(stored)
    assert csrf_token(token) not in str(stored)


async def test_a_session_knows_its_person_and_every_role(
    people: Database, new_person: NewPerson, give: Give
) -> None:
    erika = await new_person(totp=True)
    for role in (Role.CLERK, Role.OWNER):
        await give(erika, role)
    session = await look(people, await begin(people, erika))
    assert session is not None
    assert (session.person_id, session.name, session.language) == (erika.id, "Erika Muster", "de")
    assert [grant.role for grant in session.grants] == [Role.CLERK, Role.OWNER]
    assert (session.has_password, session.has_totp, session.has_passkey) == (True, True, False)


async def test_a_made_up_token_opens_nothing(people: Database) -> None:
    for token in ("", "x", "\x00", "ü" * 43, "A" * 43):
        assert await look(people, token) is None


@pytest.mark.parametrize("role", TOWN_HALL)
async def test_whoever_works_for_town_or_region_is_signed_out_after_half_an_hour_idle(
    people: Database, new_person: NewPerson, give: Give, role: Role
) -> None:
    erika = await new_person()
    await give(erika, role)
    token = await begin(people, erika)
    assert await look(people, token, NOW + timedelta(minutes=29, seconds=59))
    assert await look(people, token, NOW + timedelta(minutes=30)) is None


@pytest.mark.parametrize("role", TOWN_HALL)
async def test_and_after_twelve_hours_in_any_case(
    people: Database, new_person: NewPerson, give: Give, role: Role
) -> None:
    erika = await new_person()
    await give(erika, role)
    token = await begin(people, erika)
    end = NOW + timedelta(hours=12)
    await use_until(people, token, end - timedelta(seconds=1), timedelta(minutes=20))
    assert await look(people, token, end) is None


@pytest.mark.parametrize("role", [Role.OWNER, Role.CASHIER])
async def test_shops_stay_signed_in_for_a_day_idle_and_a_week_in_all(
    people: Database, new_person: NewPerson, give: Give, role: Role
) -> None:
    erika = await new_person()
    await give(erika, role)
    token = await begin(people, erika)
    assert await look(people, token, NOW + timedelta(hours=23, minutes=59))
    assert await look(people, token, NOW + timedelta(hours=24)) is None
    token = await begin(people, erika)
    end = NOW + timedelta(days=7)
    await use_until(people, token, end - timedelta(seconds=1), timedelta(hours=20))
    assert await look(people, token, end) is None


async def test_an_owner_who_becomes_a_clerk_has_a_clerks_session_at_once(
    people: Database, new_person: NewPerson, give: Give
) -> None:
    erika = await new_person()
    await give(erika, Role.OWNER)
    token = await begin(people, erika)
    later = NOW + timedelta(hours=1)
    assert await look(people, token, later)
    granted = await give(erika, Role.CLERK)
    assert await look(people, token, later) is None
    async with people.unit_of_work() as work:
        await revoke_role(work, granted.id, by=None, now=NOW)
    assert await look(people, token, later)


@pytest.mark.parametrize("role", sorted(set(Role) - TECHNICAL))
async def test_a_password_alone_opens_nothing_for_roles_with_two_factors(
    people: Database, new_person: NewPerson, give: Give, role: Role
) -> None:
    erika = await new_person()
    await give(erika, role)
    with_password = await look(people, await begin(people, erika, second_factor=False))
    assert with_password is not None
    assert with_password.waiting is (role in TWO_FACTOR)
    with_both = await look(people, await begin(people, erika))
    assert with_both is not None
    assert not with_both.waiting


async def test_whoever_has_set_up_a_second_factor_is_asked_for_it_whatever_their_role(
    people: Database, new_person: NewPerson, give: Give
) -> None:
    erika = await new_person(totp=True)
    await give(erika, Role.CASHIER)
    session = await look(people, await begin(people, erika, second_factor=False))
    assert session is not None
    assert session.waiting


async def test_waiting_for_the_second_factor_ends_after_half_an_hour(
    people: Database, new_person: NewPerson
) -> None:
    erika = await new_person(totp=True)
    token = await begin(people, erika, second_factor=False)
    assert await look(people, token, NOW + timedelta(minutes=29))
    assert await look(people, token, NOW + timedelta(minutes=30)) is None


async def test_use_is_noted_once_a_minute(people: Database, new_person: NewPerson) -> None:
    token = await begin(people, await new_person())
    for seconds, seen in ((59, 0), (60, 60), (119, 60), (120, 120)):
        now = NOW + timedelta(seconds=seconds)
        async with people.unit_of_work() as work:
            session = await find_session(work, token, now)
            assert session is not None
            await note_seen(work, session, now)
        found = await look(people, token, now)
        assert found is not None
        assert found.seen_at == NOW + timedelta(seconds=seen)


async def test_a_replaced_session_has_another_token_and_the_old_one_opens_nothing(
    people: Database, new_person: NewPerson
) -> None:
    erika = await new_person(totp=True)
    old = await begin(people, erika, second_factor=False)
    async with people.unit_of_work() as work:
        session = await find_session(work, old, NOW)
        assert session is not None
        new = await replace_session(work, session, second_factor=True, now=NOW)
    assert await look(people, old) is None
    found = await look(people, new)
    assert found is not None
    assert found.second_factor
    assert found.csrf_token != csrf_token(old)


async def test_a_session_that_was_ended_meanwhile_is_not_gone_on_with(
    people: Database, new_person: NewPerson
) -> None:
    erika = await new_person(totp=True)
    session = await look(people, await begin(people, erika, second_factor=False))
    assert session is not None
    async with people.unit_of_work() as work:
        await end_sessions(work, erika.id, NOW)
    with pytest.raises(Refusal, match=r"session\.ended"):
        async with people.unit_of_work() as work:
            await replace_session(work, session, second_factor=True, now=NOW)


async def test_signing_out_ends_one_all_others_or_all(
    people: Database, new_person: NewPerson
) -> None:
    erika, other = await new_person(), await new_person()
    tokens = [await begin(people, erika) for _ in range(4)]
    others = await begin(people, other)
    found = [session.id for token in tokens if (session := await look(people, token))]
    async with people.unit_of_work() as work:
        assert {line.id for line in await list_sessions(work, erika.id, NOW)} == set(found)
        assert not await end_session(work, other.id, found[0], NOW)
        assert await end_session(work, erika.id, found[0], NOW)
        assert not await end_session(work, erika.id, found[0], NOW)
        assert await end_sessions(work, erika.id, NOW, but=found[1]) == 2
        assert [line.id for line in await list_sessions(work, erika.id, NOW)] == [found[1]]
        assert await end_sessions(work, erika.id, NOW) == 1
    for token in tokens:
        assert await look(people, token) is None
    assert await look(people, others)


async def test_who_may_not_sign_in_any_more_is_out_at_once(
    people: Database, new_person: NewPerson
) -> None:
    erika = await new_person()
    token = await begin(people, erika)
    async with people.unit_of_work() as work:
        await work.execute(
            text("UPDATE person SET disabled_at = :now WHERE id = :id"),
            {"now": NOW, "id": erika.id},
        )
    assert await look(people, token) is None


async def test_sessions_that_are_over_are_cleared_away_after_a_month(
    people: Database, new_person: NewPerson
) -> None:
    erika = await new_person()
    long_ago = NOW - timedelta(days=3650)
    await begin(people, erika, now=long_ago)
    async with people.unit_of_work() as work:
        assert await purge_sessions(work, long_ago + timedelta(days=30, hours=11)) == 0
        assert await purge_sessions(work, long_ago + timedelta(days=30, hours=13)) == 1


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
         "Firefox, Windows"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
         "Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, "
         "like Gecko) Version/18.0 Mobile/15E148 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
         "Chrome/142.0.0.0 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8.0", "?"),
        ("", "?"),
    ],
)  # fmt: skip
def test_a_browser_is_named_as_its_owner_knows_it(user_agent: str, name: str) -> None:
    assert browser_name(user_agent) == name
