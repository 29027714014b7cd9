"""The embedded PostgreSQL through its life: made, started, shared, killed, stopped."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from embedded_clusters import GUBEN, ask, copy_of, new_place, owner_process, servers_of

from gutschein.db.embedded import DATABASE, MAX_CONNECTIONS, EmbeddedPostgres
from gutschein.db.embedded_errors import EmbeddedInUse


@contextmanager
def moved(folder: Path, target: Path) -> Iterator[Path]:
    """Move a stopped data folder, and back."""
    folder.rename(target)
    try:
        yield target
    finally:
        target.rename(folder)


@pytest.fixture(scope="module")
def running(made: Path) -> Iterator[str]:
    with new_place() as folder, EmbeddedPostgres(copy_of(made, folder / "data")) as server:
        yield server.start()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("wal_compression", "pglz"),
        ("max_wal_size", "2GB"),
        ("server_encoding", "UTF8"),
        ("listen_addresses", ""),
        ("max_connections", str(MAX_CONNECTIONS)),
        ("timezone", "UTC"),
    ],
)
def test_it_runs_with(setting: str, value: str, running: str) -> None:
    assert ask(running, f"SHOW {setting}") == value


def test_words_sort_by_code_point_and_umlauts_have_capitals(running: str) -> None:
    words = "unnest('{ä,b,Z,a}'::text[]) AS word"
    assert ask(running, f"SELECT string_agg(word, '' ORDER BY word) FROM {words}") == "Zabä"
    assert ask(running, "SELECT upper('zwönitz')") == "ZWÖNITZ"


def test_it_starts_in_a_new_folder_and_leaves_nothing_behind_but_its_own(place: Path) -> None:
    folder = place / "not" / "there" / "yet"
    with EmbeddedPostgres(folder) as server:
        url = server.start()
        assert ask(url, "SELECT current_database()") == DATABASE
    assert servers_of(folder) == []
    assert {path.name for path in folder.iterdir()} == {
        "postgres",
        "postgres.lock",
        "postgres.log",
    }


def test_nobody_else_may_read_the_data(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as server:
        server.start()
        assert server.cluster.stat().st_mode & 0o077 == 0
        assert server.log.stat().st_mode & 0o077 == 0


def test_what_was_committed_is_there_after_a_restart(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    for name in ("Forst", "Cottbus"):
        ask(server.start(), f"INSERT INTO town VALUES ('{name}')")
        server.stop()
    both = "SELECT count(*) FROM town WHERE name IN ('Forst', 'Cottbus')"
    assert ask(server.start(), both) == 2
    server.stop()


def test_the_environment_neither_leads_astray_nor_leaks(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "9")
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("PGOPTIONS", "-c fsync=off")
    monkeypatch.setenv("GUTSCHEIN_KEY_ENCRYPTION_KEY", "5ec2e7")
    with EmbeddedPostgres(data_dir) as server:
        url = server.start()
        postmaster = int((server.cluster / "postmaster.pid").read_text().split()[0])
        assert "5ec2e7" not in Path(f"/proc/{postmaster}/environ").read_text()
        monkeypatch.delenv("PGOPTIONS")  # asyncpg itself would read it, as it should
        assert ask(url, GUBEN) == 1


def test_a_second_owner_is_told_who_the_first_is(data_dir: Path) -> None:
    with owner_process(data_dir) as (owner, url):
        with pytest.raises(EmbeddedInUse, match=f"in use by process {owner.pid} "):
            EmbeddedPostgres(data_dir).start()
        assert ask(url, GUBEN) == 1


def test_a_second_start_of_the_same_object_does_not_stop_the_first(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as server:
        url = server.start()
        with pytest.raises(EmbeddedInUse, match=str(os.getpid())):
            server.start()
        assert ask(url, "SELECT 1") == 1


def test_a_command_attaches_and_leaves_the_server_running(data_dir: Path) -> None:
    with owner_process(data_dir) as (_, url):
        with EmbeddedPostgres(data_dir) as attached:
            assert attached.attach_or_start() == url
            assert ask(url, GUBEN) == 1
        assert ask(url, GUBEN) == 1


def test_a_command_alone_starts_the_server_and_stops_it(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as server:
        assert ask(server.attach_or_start(), GUBEN) == 1
    assert servers_of(data_dir) == []


def test_eight_commands_at_once_share_one_server(data_dir: Path) -> None:
    servers = [EmbeddedPostgres(data_dir) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        urls = list(pool.map(EmbeddedPostgres.attach_or_start, servers))
    assert len(set(urls)) == 1
    assert ask(urls[0], GUBEN) == 1
    for server in servers:
        server.stop()
    assert servers_of(data_dir) == []


@pytest.mark.parametrize("name", ["x" * 200, "Bäcker & Söhne", "a,b", "50% 'off'", '$(id) "q" \\'])
def test_it_runs_whatever_the_path(data_dir: Path, place: Path, name: str) -> None:
    with moved(data_dir, place / name) as folder:
        with EmbeddedPostgres(folder) as server, EmbeddedPostgres(folder) as beside:
            url = server.start()
            assert ask(url, GUBEN) == 1
            assert beside.attach_or_start() == url
            socket_dir = server._socket_dir
        assert socket_dir is not None
        assert socket_dir == server.cluster or not socket_dir.exists()


def test_a_set_up_that_was_cut_short_is_begun_again(place: Path) -> None:
    half = place / "data" / "postgres.new-abcdefgh"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(place / "data") as server:
        assert ask(server.start(), "SELECT 1") == 1
    assert not half.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as somebody else")
def test_as_root_it_runs_as_another_account_without_opening_folders(
    data_dir: Path, place: Path
) -> None:
    private = place / "private"
    private.mkdir(mode=0o700)
    with (
        moved(data_dir, private / "data") as folder,
        EmbeddedPostgres(folder) as server,
    ):
        server.start()
        accounts = set()
        for process in servers_of(folder):
            with suppress(psutil.NoSuchProcess):  # PostgreSQL's helpers come and go
                accounts.add(process.uids().real)
    assert accounts
    assert 0 not in accounts
    assert private.stat().st_mode & 0o007 == 0
    (server_account,) = accounts
    assert not may_list(private, server_account)
    assert may_enter(private, server_account)
    assert not may_enter(private, 65534)


def may_enter(folder: Path, uid: int) -> bool:
    return sh_as(uid, 'cd "$1"', folder)


def may_list(folder: Path, uid: int) -> bool:
    return sh_as(uid, 'ls "$1"', folder)


def sh_as(uid: int, script: str, folder: Path) -> bool:
    command = ["/bin/sh", "-c", script, "sh", str(folder)]
    account: dict[str, Any] = {"user": uid, "group": 65534, "extra_groups": []}
    return subprocess.run(command, check=False, capture_output=True, **account).returncode == 0
