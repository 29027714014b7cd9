"""Why the embedded PostgreSQL does not run, told apart so that the reader knows what to do."""

from __future__ import annotations

import re
from pathlib import Path

LOG_LINE_PREFIX = "%m [%p] %e "
"""Time, process and SQLSTATE, by which :func:`failure_to_start` tells damage from the rest."""

_FATAL = re.compile(r" ([0-9A-Z]{5}) (FATAL|PANIC): (.*)")
_DAMAGE = {"XX001", "XX002", "58P01", "58030"}  # data, index corrupted; file missing, unreadable
_INTERNAL = "XX000"
_LINES_SHOWN = 15


class EmbeddedError(Exception):
    """The embedded database does not start or stop. Its text says why."""


class EmbeddedInUse(EmbeddedError):
    """Another process runs the database of this folder."""

    def __init__(self, data_dir: Path, holder: str) -> None:
        super().__init__(
            f"the database in {data_dir} is in use by process {holder}. "
            "Stop that one first, or name another folder with GUTSCHEIN_DATA_DIR"
        )
        self.holder = holder


class EmbeddedCorrupt(EmbeddedError):
    """The folder is damaged or is not PostgreSQL's. Nothing in it was changed."""

    def __init__(self, cluster: Path, reason: str) -> None:
        super().__init__(
            f"the database folder {cluster} cannot be used: {reason}\n"
            "Nothing in it was changed. Put it back from a backup, "
            "or name another folder with GUTSCHEIN_DATA_DIR"
        )


def failure_to_start(cluster: Path, log: Path, log_start: int) -> EmbeddedError:
    """Read from the log, from byte *log_start* on, why the server ended at its start."""
    with log.open("rb") as opened:
        opened.seek(log_start)
        text = opened.read().decode("utf-8", errors="replace")
    tail = "\n".join(["the end of " + str(log) + ":", *text.splitlines()[-_LINES_SHOWN:]])
    if any(_is_damage(*found) for found in _FATAL.findall(text)):
        return EmbeddedCorrupt(cluster, f"it is damaged; {tail}")
    return EmbeddedError(f"PostgreSQL does not start in {cluster}; {tail}")


def _is_damage(code: str, level: str, message: str) -> bool:
    if code in _DAMAGE or "control file" in message:
        return True
    return code == _INTERNAL and level == "PANIC"  # what has no code of its own
