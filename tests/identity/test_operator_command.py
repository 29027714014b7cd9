"""``gutschein operator invite``: how the first person gets in."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from click.testing import CliRunner, Result

from gutschein.cli import main

Invite = Callable[..., Result]


@pytest.fixture
def invite(monkeypatch: pytest.MonkeyPatch, fresh_database_url: str) -> Invite:
    monkeypatch.setenv("DATABASE_URL", fresh_database_url)
    monkeypatch.setenv("GUTSCHEIN_KEY_ENCRYPTION_KEY", bytes(32).hex())
    monkeypatch.setenv("GUTSCHEIN_PUBLIC_URL", "https://gutschein.example")

    def run(*options: str, email: str = "ute@verbund.example") -> Result:
        person = ("--name", "Ute Uhlig", "--email", email)
        return CliRunner().invoke(main, ("operator", "invite", *person, *options))

    return run


@pytest.fixture
def rows(fresh_database_url: str) -> Callable[[str], list[Any]]:
    def fetch(query: str) -> list[Any]:
        async def run() -> list[Any]:
            connection = await asyncpg.connect(fresh_database_url)
            try:
                return list(await connection.fetch(query))
            finally:
                await connection.close()

        return asyncio.run(run())

    return fetch


def test_the_first_operator_of_a_new_region_gets_a_link_that_is_stored_nowhere(
    invite: Invite, rows: Callable[[str], list[Any]]
) -> None:
    invited = invite("--new-region", "Erzgebirge")
    assert invited.exit_code == 0, invited.output
    assert "Ute Uhlig is operator of Erzgebirge" in invited.stdout
    link = re.search(r"https://gutschein\.example/einladung/([\w-]{43})$", invited.stdout, re.M)
    assert link
    (stored,) = rows("SELECT * FROM one_time_link")
    assert stored["token_hash"] == hashlib.sha256(link[1].encode()).digest()
    assert (stored["ends_at"] - stored["made_at"]).total_seconds() == 72 * 3600
    (granted,) = rows(
        "SELECT g.role, r.name, p.password_hash FROM role_grant g JOIN person p ON p.id = person_id"
        " JOIN region r ON r.id = region_id WHERE p.name = 'Ute Uhlig'"
    )
    assert tuple(granted) == ("operator", "Erzgebirge", None)
    (logged,) = rows("SELECT action, author_name, subject, after FROM log_entry")
    assert tuple(logged) == (
        "role.granted",
        "Gutschein",
        "Ute Uhlig",
        "Betreiber für Erzgebirge",
    )


def test_inviting_the_same_person_again_ends_the_first_link(
    invite: Invite, rows: Callable[[str], list[Any]]
) -> None:
    first = invite("--new-region", "Erzgebirge")
    region_id = re.search(r"\(([0-9a-f-]{36})\)", first.stdout)
    assert region_id
    second = invite("--region", region_id[1], email="Ute@Verbund.example")
    assert second.exit_code == 0, second.output
    assert len(rows("SELECT FROM person WHERE name = 'Ute Uhlig'")) == 1
    assert len(rows("SELECT FROM role_grant WHERE role = 'operator' AND granted_by IS NULL")) >= 1
    unused = rows("SELECT token_hash FROM one_time_link WHERE used_at IS NULL")
    token = second.stdout.rsplit("/", 1)[1].strip()
    assert [row["token_hash"] for row in unused] == [hashlib.sha256(token.encode()).digest()]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "--new-region"),
        (("--region", str(uuid4()), "--new-region", "Erzgebirge"), "--new-region"),
    ],
)
def test_one_region_has_to_be_named(invite: Invite, options: tuple[str, ...], said: str) -> None:
    refused = invite(*options)
    assert refused.exit_code == 2
    assert said in refused.output


def test_a_region_that_does_not_exist_and_an_address_that_is_none_are_refused(
    invite: Invite, rows: Callable[[str], list[Any]]
) -> None:
    assert "(region.unknown)" in invite("--region", str(uuid4())).output
    assert "(email.invalid)" in invite("--new-region", "Erzgebirge", email="ute").output
    assert rows("SELECT FROM person WHERE name = 'Ute Uhlig'") == []
    assert rows("SELECT FROM region WHERE name = 'Erzgebirge'") == []
