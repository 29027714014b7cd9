"""Keys from the command line: what an operator types when one is due, lost or leaked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner, Result
from towns_with_keys import KEK, KEY, OTHER_KEK, OTHER_KEY, new_region, new_town

from gutschein.cli import main
from gutschein.db.access import NOTHING
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database
from gutschein.kernel.ids import RegionId, TownId, new_id

Command = Callable[..., Result]
PASSPHRASE = "sechs Wörter aus dem Würfelbuch"


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, fresh_database_url: str, tmp_path: Path) -> Command:
    """Run commands on a database of one's own, in a folder of one's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", fresh_database_url)
    monkeypatch.setenv("GUTSCHEIN_KEY_ENCRYPTION_KEY", KEY.hex())
    return lambda *arguments, **how: CliRunner().invoke(
        main, ["keys", *arguments], catch_exceptions=False, **how
    )


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run commands on a machine that has no database and no settings."""

    def run(*arguments: str, **how: str) -> Result:
        with monkeypatch.context() as bare:
            bare.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/nothing")
            bare.setenv("GUTSCHEIN_KEY_ENCRYPTION_KEY", "no key at all")
            return CliRunner().invoke(main, ["keys", *arguments], catch_exceptions=False, **how)

    return run


@pytest.fixture
def region(fresh_database_url: str) -> tuple[RegionId, list[TownId]]:
    """A region with two towns."""

    async def make() -> tuple[RegionId, list[TownId]]:
        database = Database(create_engine(fresh_database_url, pool_size=1), NOTHING)
        region_id = await new_region(database)
        towns = [await new_town(database, region_id) for _ in range(2)]
        await database.close()
        return region_id, towns

    return asyncio.run(make())


def asked(url: str, query: str) -> list[str]:
    async def run() -> list[str]:
        connection = await asyncpg.connect(url)
        try:
            return [" | ".join(map(str, row)) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    return asyncio.run(run())


def told(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(result: Result, code: str) -> str:
    assert result.exit_code == 1, result.output
    assert "gutschein: " in result.stderr
    assert code in result.stderr
    assert "Traceback" not in result.output
    return result.stderr


def kid_in(line: str) -> str:
    return line.split(maxsplit=1)[0]


def test_a_renewed_key_is_listed_beside_the_old_one(
    command: Command, region: tuple[RegionId, list[TownId]]
) -> None:
    town_id = str(region[1][0])
    before = told(command("list")).splitlines()
    renewed = told(command("renew", "--town", town_id))
    after = told(command("list")).splitlines()
    assert len(after) == len(before) + 1 == 3
    kid = renewed.split("key ")[1].split()[0]
    [new] = [line for line in after if line.startswith(kid)]
    assert "Zwönitz" in new
    assert new.endswith(f"sealed under {KEK.id}")
    refused(command("renew", "--town", str(new_id())), "town.unknown")


def test_the_key_encryption_key_is_changed(
    command: Command,
    region: tuple[RegionId, list[TownId]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told(command("list"))
    monkeypatch.setenv("GUTSCHEIN_KEY_ENCRYPTION_KEY", OTHER_KEY.hex())
    for arguments in (["list"], ["rotate"], ["renew", "--town", str(region[1][0])]):
        said = refused(command(*arguments), KEK.id)
        assert OTHER_KEK.id in said
        assert KEY.hex() not in said
    monkeypatch.setenv("GUTSCHEIN_KEY_ENCRYPTION_KEY_PREVIOUS", KEY.hex())
    lines = told(command("rotate")).splitlines()
    assert lines == [
        "12 keys are still sealed under another key-encryption key.",
        "10 keys are still sealed under another key-encryption key.",
        "4 keys are still sealed under another key-encryption key.",
        f"All keys are sealed under the key-encryption key {OTHER_KEK.id}.",
    ]
    assert told(command("rotate")).splitlines() == lines[-1:]
    monkeypatch.delenv("GUTSCHEIN_KEY_ENCRYPTION_KEY_PREVIOUS")
    assert told(command("list")).count(OTHER_KEK.id) == 2


@pytest.mark.usefixtures("region")
def test_the_service_itself_refuses_to_start_with_another_key(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(command("list"))
    monkeypatch.setenv("GUTSCHEIN_KEY_ENCRYPTION_KEY", OTHER_KEY.hex())
    refused(CliRunner().invoke(main, ["serve"], catch_exceptions=False), KEK.id)


@pytest.mark.usefixtures("region")
def test_the_audit_needs_no_sealed_key(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    told(command("list"))
    monkeypatch.setenv("GUTSCHEIN_KEY_ENCRYPTION_KEY", OTHER_KEY.hex())
    audited = CliRunner().invoke(main, ["audit"], catch_exceptions=False)
    assert "covered to the cent" in audited.stdout


def test_a_leaked_key_is_revoked_renewed_and_taken_from_the_vouchers(
    command: Command, region: tuple[RegionId, list[TownId]], fresh_database_url: str
) -> None:
    town_id = str(region[1][0])
    kid = kid_in(next(line for line in told(command("list")).splitlines() if town_id in line))
    key = ["--town", town_id, "--kid", kid]
    refused(command("reissue", *key), "key.not_revoked")
    said = told(command("revoke", *key, "--reason", "Laptop verloren"))
    assert f"gutschein keys reissue --town {town_id} --kid {kid}" in said
    assert "had been revoked before" in told(command("revoke", *key, "--reason", "noch einmal"))
    [line] = [each for each in told(command("list")).splitlines() if each.startswith(kid)]
    assert "Laptop verloren" in line
    refused(command("reissue", *key), "key.none")
    new = told(command("renew", "--town", town_id)).split("key ")[1].split()[0]
    assert "No voucher needs the key" in told(command("reissue", *key))
    wrong = command("revoke", "--town", town_id, "--kid", "xyz", "--reason", "x")
    assert (wrong.exit_code, "eight hexadecimal digits" in wrong.stderr) == (2, True)
    refused(
        command("revoke", "--town", town_id, "--kid", "00000000", "--reason", "x"), "key.unknown"
    )
    logged = asked(
        fresh_database_url,
        "SELECT action, author_name, after, reason FROM log_entry ORDER BY happened_at, id",
    )
    assert logged == [
        "key.revoked | Gutschein | zurückgezogen | Laptop verloren",
        f"key.renewed | Gutschein | {new} | None",
    ]


def test_the_master_key_stays_on_its_machine(
    command: Command,
    offline: Command,
    region: tuple[RegionId, list[TownId]],
    fresh_database_url: str,
) -> None:
    region_id, (town_id, _) = str(region[0]), region[1]
    Path("passphrase").write_text(f"{PASSPHRASE}\n")
    words = ("--passphrase-file", "passphrase")
    made = told(offline("master", "--out", "master.pem", *words))
    public = made.split("Public key: ")[1].split()[0]
    assert Path("master.pem").stat().st_mode & 0o777 == 0o600
    of_region = ("--region", region_id)
    trust = ("trust", *of_region, "--public-key", public)
    refused(command(*trust), "key.endorse_first")
    told(command("request", *of_region, "--out", "request.json"))
    sign = ("sign", "--master-key", "master.pem", "request.json")
    shown = offline(*sign, "--out", "no.json", *words, input="n\n")
    assert shown.exit_code == 1
    assert not Path("no.json").exists()
    for each in json.loads(Path("request.json").read_text())["keys"]:
        for fact in ("kid", "town", "town_id", "public_key"):
            assert each[fact] in shown.stdout
    told(offline(*sign, "--out", "answer.json", *words, input="y\n"))
    told(command(*trust, "--endorsements", "answer.json"))
    assert told(command("list")).count("endorsed on") == 2
    renewed = told(command("renew", "--town", str(town_id)))
    assert "as soon as the region's master key has endorsed it" in renewed
    assert told(command("list")).count("not endorsed: not used") == 1
    assert told(command("request", *of_region, "--out", "next.json")).startswith("1 keys")
    sign_next = ("sign", "--master-key", "master.pem", "next.json", "--yes")
    told(offline(*sign_next, *words, "--out", "a.json"))
    assert told(command("accept", "a.json")).startswith("1 keys are endorsed")
    assert told(command("list")).count("endorsed on") == 3
    logged = asked(fresh_database_url, "SELECT action, after FROM log_entry ORDER BY id")
    assert logged[0] == f"master_key.trusted | {public}"
    assert [line.split(" | ")[0] for line in logged[1:]] == ["key.renewed", "key.endorsed"]


@pytest.mark.usefixtures("command")
def test_a_master_key_by_a_prompt(offline: Command) -> None:
    twice = f"{PASSPHRASE}\n{PASSPHRASE}\n"
    told(offline("master", "--out", "master.pem", input=twice))
    assert b"ENCRYPTED" in Path("master.pem").read_bytes()
    Path("request.json").write_text(
        json.dumps({"format": "gutschein key request 1", "region_id": str(new_id()), "keys": []})
    )
    sign = ("sign", "--master-key", "master.pem", "request.json", "--yes", "--out", "answer.json")
    wrong = offline(*sign, input="etwas ganz anderes\n")
    assert PASSPHRASE not in refused(wrong, "passphrase is wrong")
    told(offline(*sign, input=f"{PASSPHRASE}\n"))
    short = offline("master", "--out", "short.pem", input="kurz\nkurz\n")
    refused(short, "12 characters")
    assert not Path("short.pem").exists()
    told(offline("master", "--out", "open.pem", "--no-passphrase"))
    assert b"ENCRYPTED" not in Path("open.pem").read_bytes()


def test_no_file_is_written_over_and_none_is_taken_for_another(
    command: Command, offline: Command
) -> None:
    told(offline("master", "--out", "master.pem", "--no-passphrase"))
    kept = Path("master.pem").read_bytes()
    refused(offline("master", "--out", "master.pem", "--no-passphrase"), "is there already")
    Path("request.json").write_text("{}")
    sign = ("sign", "--master-key", "master.pem")
    refused(offline(*sign, "request.json", "--out", "master.pem"), "gutschein key request 1")
    refused(offline(*sign, "nowhere.json", "--out", "a.json"), "cannot be read")
    refused(command("accept", "request.json"), "gutschein endorsements 1")
    request = {"format": "gutschein key request 1", "region_id": str(new_id()), "keys": []}
    Path("request.json").write_text(json.dumps(request))
    refused(offline(*sign, "request.json", "--yes", "--out", "master.pem"), "is there already")
    for other in ("request.json", "nowhere.pem"):
        refused(
            offline("sign", "--master-key", other, "request.json", "--yes", "--out", "a.json"), ""
        )
    assert Path("master.pem").read_bytes() == kept
    wrong = command("trust", "--region", str(new_id()), "--public-key", "00" * 31)
    assert (wrong.exit_code, "64 hexadecimal digits" in wrong.stderr) == (2, True)


def test_a_name_in_a_request_cannot_steer_the_terminal(offline: Command, tmp_path: Path) -> None:
    told(offline("master", "--out", str(tmp_path / "master.pem"), "--no-passphrase"))
    key = {
        "town": "\x1b[2KZwönitz\r\n00000000  Schneeberg",
        "town_id": str(new_id()),
        "kid": "a1b2c3d4",
        "public_key": "00" * 32,
        "not_before": "2026-01-01T00:00:00Z",
        "not_after": "2031-01-01T00:00:00Z",
    }
    request = {"format": "gutschein key request 1", "region_id": str(new_id()), "keys": [key]}
    path = tmp_path / "request.json"
    path.write_text(json.dumps(request))
    shown = offline(
        *("sign", "--master-key", str(tmp_path / "master.pem"), str(path), "--out", "never"),
        input="n\n",
    )
    assert "?[2KZwönitz??00000000  Schneeberg" in shown.stdout
    assert "\x1b" not in shown.stdout
