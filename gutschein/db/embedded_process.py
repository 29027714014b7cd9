"""The running processes of the embedded PostgreSQL: which they are, and how they end.

A process is known to serve a cluster by its working folder, which PostgreSQL sets to the
cluster it serves. A process number out of a file proves nothing: after a crash, or in a
restarted container, the number belongs to somebody else.
"""

from __future__ import annotations

import fcntl
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil

from gutschein.db.embedded_errors import EmbeddedError

PORT = 5432
"""No port is opened; the number is in the name of the socket."""

_PID_FILE = "postmaster.pid"
_POLL_S = 0.02
_ORPHANS_S = 10
_LET_GO_S = 3  # a dead process lets go of its files a moment after it leaves the list


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What ``postmaster.pid`` says."""

    pid: int
    socket_dir: Path
    ready: bool


def environment() -> dict[str, str]:
    """Return what PostgreSQL's programs see of ours: no PG* variable, and no secret."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"LC_ALL": "C"}


def url(socket_dir: Path, role: str, database: str) -> str:
    """Return the SQLAlchemy URL of *database* on the server that listens in *socket_dir*."""
    host = quote(os.fsencode(socket_dir), safe="/")
    return f"postgresql+asyncpg://{role}@/{database}?host={host}&port={PORT}"


def read_postmaster(cluster: Path) -> Postmaster | None:
    """Read ``postmaster.pid``, or return ``None`` when it is missing or only half written."""
    try:
        lines = (cluster / _PID_FILE).read_text(errors="surrogateescape").splitlines()
    except FileNotFoundError:
        return None
    if len(lines) < 5 or not lines[0].strip().isdigit():
        return None
    ready = len(lines) > 7 and lines[7].strip() == "ready"
    return Postmaster(int(lines[0]), Path(lines[4]), ready)


def take_over(cluster: Path, timeout_s: float) -> int:
    """End what a killed owner left running on *cluster*, and return a lock on the folder.

    The lock is an open file. The server is to inherit it, so that it lasts as long as any
    of its processes, also when that runs in another container on the same folder, where
    no list of processes here shows it.

    :raises EmbeddedError: when a process does not end in time, or cannot be seen.
    """
    _end_leftovers(cluster, timeout_s)
    folder = os.open(cluster, os.O_RDONLY)
    try:
        _lock(folder, cluster)
        for name in (_PID_FILE, f".s.PGSQL.{PORT}.lock"):
            _forget_stranger(cluster / name)
    except BaseException:
        os.close(folder)
        raise
    return folder


def _end_leftovers(cluster: Path, timeout_s: float) -> None:
    running = _processes_of(cluster)
    recorded = read_postmaster(cluster)
    if recorded is not None and recorded.pid in running:
        os.kill(recorded.pid, signal.SIGINT)
    elif running:  # without their postmaster they end by themselves, PostgreSQL sees to it
        timeout_s = _ORPHANS_S
    deadline = time.monotonic() + timeout_s
    while running := _processes_of(cluster):
        if time.monotonic() > deadline:
            raise EmbeddedError(f"PostgreSQL still runs in {cluster}: processes {sorted(running)}")
        time.sleep(_POLL_S)


def _lock(folder: int, cluster: Path) -> None:
    deadline = time.monotonic() + _LET_GO_S
    while True:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"a server that is not to be seen from here still runs in {cluster}"
                ) from None
            time.sleep(_POLL_S)
        else:
            return


def _forget_stranger(pid_file: Path) -> None:
    """Remove a file whose number went to another process, or to one that is dead but unburied.

    PostgreSQL would take that process for a server of its own and not start. Where the
    number is free, it removes the file itself.
    """
    if pid_file.exists():
        number = pid_file.read_text(errors="replace").partition("\n")[0].strip()
        if number.isdigit() and psutil.pid_exists(int(number)):
            pid_file.unlink()


def _processes_of(cluster: Path) -> set[int]:
    return {
        process.pid
        for process in psutil.process_iter(["name", "cwd"])
        if process.info["name"] == "postgres" and process.info["cwd"] == str(cluster)
    }
