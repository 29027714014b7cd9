"""A PostgreSQL of the system's own, for the tests that must hold on one that is not embedded.

It is the server that an operator would install, in a cluster that is made for the tests
and thrown away. As root it runs as another account, since PostgreSQL refuses root.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

OLDEST = 15
ENVIRONMENT = {"PATH": os.environ["PATH"], "LC_ALL": "C"}


def find_binaries() -> Path | None:
    """Return the folder of the newest installed server that is new enough."""
    folders = set(Path("/usr/lib/postgresql").glob("*/bin"))
    if on_path := shutil.which("postgres"):
        folders.add(Path(on_path).resolve().parent)
    newest = max(folders, key=_major, default=None)
    return newest if newest is not None and _major(newest) >= OLDEST else None


def require_binaries() -> Path:
    """Return the server's folder; without one skip the test, or fail it where CI is set."""
    found = find_binaries()
    if found is not None:
        return found
    reason = f"no PostgreSQL {OLDEST} or newer is installed"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def separate_postgres(binaries: Path) -> Iterator[str]:
    """Run a cluster of its own, fsync on; yield its superuser's URL."""
    account = _account()
    with tempfile.TemporaryDirectory(prefix="gutschein-pg-", dir="/tmp") as folder:
        data = Path(folder) / "data"
        if account:
            os.chown(folder, account["user"], account["group"])
        log = Path(folder) / "log"
        _run(
            [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"],
            account,
        )
        options = ["-h", "", "-k", folder, "-c", "fsync=on", "-c", "max_connections=200"]
        with log.open("wb") as output:
            server = subprocess.Popen(
                [binaries / "postgres", "-D", data, *options],
                stdout=output,
                stderr=output,
                cwd="/",
                env=ENVIRONMENT,
                start_new_session=True,
                **account,
            )
        try:
            _wait_until_ready(server, data, log)
            yield f"postgresql+asyncpg://postgres@/postgres?host={folder}&port=5432"
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(60)


def _major(binaries: Path) -> int:
    said = subprocess.run(
        [binaries / "postgres", "--version"], capture_output=True, text=True, check=False
    ).stdout
    number = re.search(r"\d+", said)
    return int(number.group()) if number else 0


def _account() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    raise AssertionError("root needs an account »postgres« or »nobody« to run PostgreSQL as")


def _run(command: list[str | Path], account: dict[str, Any]) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd="/", env=ENVIRONMENT, **account
    )
    assert done.returncode == 0, done.stderr


def _wait_until_ready(server: subprocess.Popen[bytes], data: Path, log: Path) -> None:
    deadline = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < deadline:
        pid_file = data / "postmaster.pid"
        if pid_file.exists() and pid_file.read_text().rstrip().endswith("ready"):
            return
        time.sleep(0.05)
    raise AssertionError(f"PostgreSQL did not start: {log.read_text()}")
