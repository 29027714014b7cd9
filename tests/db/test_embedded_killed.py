"""The embedded PostgreSQL when processes are signalled, killed or mistaken for others."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from embedded_clusters import GUBEN, OWNER, ask, copy_of, owner_process, servers_of

from gutschein.db import embedded_process
from gutschein.db.embedded import EmbeddedPostgres
from gutschein.db.embedded_errors import EmbeddedError


def test_a_server_left_by_a_killed_owner_is_replaced(data_dir: Path) -> None:
    with owner_process(data_dir) as (owner, url):
        ask(url, "INSERT INTO town VALUES ('Zwönitz')")
        owner.kill()
        owner.wait()
    left = {process.pid for process in servers_of(data_dir)}
    assert left
    with EmbeddedPostgres(data_dir) as server:
        assert ask(server.start(), "SELECT count(*) FROM town WHERE name = 'Zwönitz'") == 1
        assert not left & {process.pid for process in servers_of(data_dir)}


def test_it_recovers_when_everything_was_killed(data_dir: Path) -> None:
    with owner_process(data_dir) as (owner, url):
        ask(url, "INSERT INTO town VALUES ('Marienberg')")
        for process in [*servers_of(data_dir), owner]:
            process.kill()
    assert (data_dir / "postgres" / "postmaster.pid").exists()
    with EmbeddedPostgres(data_dir) as server:
        assert ask(server.start(), "SELECT count(*) FROM town WHERE name = 'Marienberg'") == 1


def test_it_waits_for_the_children_of_a_killed_postmaster(data_dir: Path) -> None:
    with owner_process(data_dir) as (owner, _):
        postmaster = int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGKILL)
        owner.kill()
        owner.wait()
        with EmbeddedPostgres(data_dir) as server:
            assert ask(server.start(), GUBEN) == 1


def test_a_process_that_got_the_old_number_is_left_alone(data_dir: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        socket_dir = data_dir / "postgres"
        (data_dir / "postgres" / "postmaster.pid").write_text(
            f"{stranger.pid}\n{socket_dir}\n1760000000\n5432\n{socket_dir}\n\n  1  2\nready\n"
        )
        with EmbeddedPostgres(data_dir) as server:
            assert ask(server.start(), GUBEN) == 1
        assert stranger.poll() is None
        stranger.kill()


def test_a_folder_with_a_like_name_keeps_its_server(data_dir: Path, place: Path) -> None:
    neighbour = copy_of(data_dir, place / "data-2")
    with EmbeddedPostgres(neighbour) as other:
        url = other.start()
        with owner_process(data_dir):
            pass  # killed: its server is left behind
        with EmbeddedPostgres(data_dir) as server:
            server.start()
            assert ask(url, GUBEN) == 1
        assert ask(url, GUBEN) == 1


def test_a_server_that_cannot_be_seen_keeps_its_folder(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in another container: no process to be found here, but the server's lock is held."""
    with EmbeddedPostgres(data_dir) as server:
        server.start()
        held = os.open(server.cluster, os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        server.stop()
    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    monkeypatch.setattr(embedded_process, "_LET_GO_S", 0.2)
    with pytest.raises(EmbeddedError, match="not to be seen from here"):
        EmbeddedPostgres(data_dir).start()
    os.close(held)


def test_a_child_made_by_fork_does_not_stop_the_server(data_dir: Path) -> None:
    script = f"""
import os
{OWNER.replace("    time.sleep(600)", "    child = os.fork()")}
    if child:
        os.waitpid(child, 0)
        assert server._server.poll() is None, "the child stopped it"
"""
    done = subprocess.run([sys.executable, "-c", script, str(data_dir)], check=False)
    assert done.returncode == 0
    assert servers_of(data_dir) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_owner_stops_the_server_cleanly(
    data_dir: Path, number: signal.Signals
) -> None:
    as_exception = "import signal; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))"
    script = OWNER.replace("import sys, time", f"import sys, time\n{as_exception}")
    with subprocess.Popen(
        [sys.executable, "-c", script, str(data_dir)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as owner:
        assert owner.stdout is not None
        owner.stdout.readline()
        owner.send_signal(number)
        owner.wait(20)
    assert servers_of(data_dir) == []
    assert (data_dir / "postgres.log").read_text().endswith("database system is shut down\n")


def test_a_stop_does_not_wait_for_open_transactions(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as server, ThreadPoolExecutor(1) as pool:
        sleeping = pool.submit(ask, server.start(), "SELECT pg_sleep(60)")
        while not any("SELECT" in " ".join(p.cmdline()) for p in servers_of(data_dir)):
            time.sleep(0.02)
        started = time.monotonic()
        server.stop()
        assert time.monotonic() - started < 10
        assert sleeping.exception() is not None


def test_a_server_shows_the_name_and_folder_by_which_leftovers_are_found(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as server:
        server.start()
        assert server._server is not None
        postmaster = psutil.Process(server._server.pid)
        assert (postmaster.name(), postmaster.cwd()) == ("postgres", str(server.cluster))
