"""A disk that is small enough to be filled: a file system in memory, mounted for one test."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path

import pytest
from cluster import give_to_postgres

SIZE_MB = 160
_CHUNK = bytes(1 << 16)


@dataclass(frozen=True)
class Disk:
    """A file system of its own, mounted on *folder*."""

    folder: Path

    def fill(self) -> None:
        """Write until there is not one byte of room left."""
        file = self.folder / "filler"
        with file.open("ab", buffering=0) as filler, pytest.raises(OSError, match="space") as full:
            _write_on(filler)
        assert full.value.errno == errno.ENOSPC

    def free(self) -> None:
        """Make room again."""
        (self.folder / "filler").unlink()


def _write_on(file: RawIOBase) -> None:
    while True:
        file.write(_CHUNK)


@contextmanager
def require_small_disk(folder: Path) -> Iterator[Disk]:
    """Mount it; where one may not, skip the test, or fail it where CI is set and we are root."""
    folder.mkdir()
    size = f"size={SIZE_MB}m"
    mount = ["mount", "-t", "tmpfs", "-o", size, "gutschein-fault", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = f"no file system can be mounted here: {done.stderr.strip()}"
        if os.environ.get("CI") and os.geteuid() == 0:
            pytest.fail(reason)
        pytest.skip(reason)
    try:
        give_to_postgres(folder)
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
