"""The numbers that processes count in: plain doubles, in memory that a scrape can read.

All processes of the installation share one piece of memory, the board. A worker counts in
a slot of it. Nothing is flushed, so nothing is lost when a worker is killed: its counts
stand in the slot, and who takes the slot next counts on from there. A lock on the slot's
first byte, which the system drops with its holder, tells the living from the dead.

A process that has not joined a board counts in memory of its own, at the same price.
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import Any

#: What all processes must know; a byte of it is used.
HEAD_BYTES = mmap.ALLOCATIONGRANULARITY
#: A slot: room for names that are known at run time only, as JSON; and for numbers.
TEXT_BYTES = 4096
NUMBERS = 3 * 4096 // 8
SLOT_BYTES = TEXT_BYTES + 8 * NUMBERS

#: In memory where the system has a place for that, so that a full disk does not matter.
_FOLDER = Path("/dev/shm")  # noqa: S108 - no name is left there


class Cells:
    """The numbers of one process. ``numbers[place] += 1`` is all that counting costs."""

    __slots__ = ("numbers", "text")

    def __init__(self) -> None:
        self.use(memoryview(bytearray(SLOT_BYTES)))

    def use(self, memory: memoryview) -> None:
        """Count in *memory* from here on."""
        self.text = memory[:TEXT_BYTES]
        self.numbers = memory[TEXT_BYTES:].cast("d")


#: Those of this process.
OWN = Cells()


@dataclass(frozen=True, slots=True)
class Reading:
    """What stood in a slot, and whether the process that counts in it lives."""

    alive: bool
    numbers: memoryview[float]
    text: bytes


class Board:
    """What an installation's processes on one machine share. It goes when the last one ends.

    A child gets it by being forked, or among the arguments it is started with.

    :param slots: more than processes ever count at once, since a slot that is being read
        is passed over by a process that starts at that moment.
    :raises OSError: when there is no room. Later there always is: every byte is reserved.
    """

    def __init__(self, *, slots: int) -> None:
        with tempfile.TemporaryFile(dir=_FOLDER if _FOLDER.is_dir() else None) as file:
            os.posix_fallocate(file.fileno(), 0, HEAD_BYTES + slots * SLOT_BYTES)
            self._open(os.dup(file.fileno()))

    def _open(self, file: int) -> None:
        self._file = file  # never closed: that would drop the process's locks
        self._memory = memoryview(mmap.mmap(file, 0))
        self._starts = range(HEAD_BYTES, len(self._memory), SLOT_BYTES)

    def __reduce__(self) -> tuple[Callable[[Any], Board], tuple[Any]]:
        return _received, (DupFd(self._file),)

    @property
    def stopping(self) -> bool:
        """Whether the service is about to stop; once so, it stays so."""
        return self._memory[0] == 1

    def stop(self) -> None:
        """Tell all processes that the service is about to stop."""
        self._memory[0] = 1

    def join(self, *, anew: range) -> None:
        """Count in a free slot for as long as this process lives.

        :param anew: places that tell of a process as it is now, and so begin at nought.
        :raises OSError: when no slot is free.
        """
        for start in self._starts:
            if self._lock(start):
                OWN.use(self._memory[start : start + SLOT_BYTES])
                for place in anew:
                    OWN.numbers[place] = 0
                os.register_at_fork(after_in_child=_leave)
                return
        raise OSError("the board has no free slot")

    def read(self) -> Iterator[Reading]:
        """Yield what stands in each slot now."""
        for start in self._starts:
            slot = bytes(self._memory[start : start + SLOT_BYTES])
            numbers = memoryview(slot)[TEXT_BYTES:].cast("d")
            yield Reading(self._is_held(start), numbers, slot[:TEXT_BYTES].rstrip(b"\0"))

    def _is_held(self, start: int) -> bool:
        if not self._lock(start):
            return True
        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, start)
        return False

    def _lock(self, start: int) -> bool:
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, start)
        except OSError as error:
            if error.errno not in {errno.EACCES, errno.EAGAIN}:  # POSIX leaves open which
                raise
            return False
        return True


def _received(file: Any) -> Board:
    board = Board.__new__(Board)
    board._open(file.detach())  # noqa: SLF001 - this is its second constructor
    return board


def _leave() -> None:
    """A child counts for itself: two who add to one number at once lose counts."""
    OWN.use(memoryview(bytearray(SLOT_BYTES)))
