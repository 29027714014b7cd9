"""A PostgreSQL of a test's own, in a folder, that can be killed, frozen and started again."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

import psutil
from separate_postgres import ENVIRONMENT, _account, _run, _wait_until_ready

DATABASE = "gutschein"
#: Small files of the write-ahead log: they are made, filled and recycled while a test runs.
WAL_SEGMENT_MB = 1
SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "max_connections": "200",
    "min_wal_size": "4MB",
    "max_wal_size": "32MB",
}


class Cluster:
    """A cluster of the binaries of an installed server, as an account of its own where we are
    root. It listens on a Unix socket in *folder*.

    :param data: its data folder, ``data`` in *folder* unless it lives elsewhere.
    """

    def __init__(self, binaries: Path, folder: Path, data: Path | None = None) -> None:
        self._binaries = binaries
        self.folder = folder
        self.data = data or folder / "data"
        self._log = folder / "log"
        self._postmaster: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The database, as its superuser."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}&port=5432"

    @property
    def socket(self) -> str:
        return str(self.folder / ".s.PGSQL.5432")

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    @property
    def is_running(self) -> bool:
        return self._postmaster is not None and self._postmaster.poll() is None

    def initialise(self) -> None:
        """Make the data folder, with nothing in it."""
        access = ["-U", "postgres", "-A", "trust", "-E", "UTF8"]
        sizes = ["--no-sync", f"--wal-segsize={WAL_SEGMENT_MB}"]
        _run([self._binaries / "initdb", "-D", self.data, *access, *sizes], _account())

    def copy_from(self, other: Cluster) -> None:
        """Take over what is in a cluster that does not run."""
        _run(["cp", "-a", other.data, self.data], {})

    async def start(self) -> None:
        """Start it; after a crash it recovers first. Returns when it can be asked."""
        await asyncio.to_thread(self._start)

    def _start(self) -> None:
        # Whoever starts a server after a crash makes sure that nothing of the old one is left.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        settings = [part for item in SETTINGS.items() for part in ("-c", "=".join(item))]
        where = ["-D", str(self.data), "-h", "", "-k", str(self.folder)]
        account: dict[str, Any] = _account()
        with self._log.open("ab") as output:
            self._postmaster = subprocess.Popen(
                [self._binaries / "postgres", *where, *settings],
                stdout=output,
                stderr=output,
                cwd="/",
                env=ENVIRONMENT,
                start_new_session=True,
                **account,
            )
        _wait_until_ready(self._postmaster, self.data, self._log)

    async def stop(self) -> None:
        """Stop it in good order, whatever a test has left it in."""
        if self._postmaster is not None and self.is_running:
            self.thaw()
            self._postmaster.send_signal(signal.SIGINT)
            await asyncio.to_thread(self._postmaster.wait, 60)

    def kill(self) -> None:
        """``kill -9`` to the postmaster and all its backends: as if the power had failed, but
        for what the operating system keeps.
        """
        processes = self._signal(signal.SIGKILL)
        assert self._postmaster is not None
        self._postmaster.wait()
        psutil.wait_procs(processes, 30)

    def kill_backend(self, dice: Random) -> None:
        """``kill -9`` to one process that serves a connection. The postmaster lets no other go
        on with the memory it shared: all are thrown out, and the cluster recovers by itself.
        """
        serving = []
        for process in self._processes():
            with suppress(psutil.NoSuchProcess):  # it has ended by itself meanwhile
                if "[local]" in " ".join(process.cmdline()):
                    serving.append(process)
        dice.choice(serving).kill()

    def freeze(self) -> None:
        """Stop every process where it stands, without its knowing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let all processes go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> list[psutil.Process]:
        """Send a signal to all processes; return them."""
        processes = self._processes()
        for process in processes:
            with suppress(psutil.NoSuchProcess):  # it has ended by itself meanwhile
                process.send_signal(number)
        return processes

    def _processes(self) -> list[psutil.Process]:
        """The postmaster, which could make others, before the others."""
        if self._postmaster is None or not self.is_running:
            return []
        postmaster = psutil.Process(self._postmaster.pid)
        return [postmaster, *postmaster.children(recursive=True)]


@contextmanager
def place() -> Iterator[Path]:
    """A folder whose path is short enough for a socket, owned by whom PostgreSQL runs as."""
    with tempfile.TemporaryDirectory(prefix="gutschein-fault-", dir="/tmp") as folder:
        give_to_postgres(Path(folder))
        yield Path(folder)


def give_to_postgres(folder: Path) -> None:
    if account := _account():
        _run(["chown", f"{account['user']}:{account['group']}", folder], {})
