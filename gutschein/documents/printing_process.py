"""Processes of their own that lay out vouchers, beside the service.

Typst takes a core for as long as it works, and for each page about 1 MB that it does not
give back at once. In a process of its own it takes neither from the tills: it yields the
processor to them, and its memory goes with it. A crash is nobody else's either.

Sheets and files go through pipes, never through arguments, the environment or the disk:
whoever reads a sheet can spend the voucher. Keys are not needed here, and not given.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import IO

import msgspec

from gutschein.documents.typst_pdf import DocumentError, forget
from gutschein.documents.voucher_pdf import VoucherSheet, voucher_pdf
from gutschein.kernel.errors import Refusal

#: Printing waits wherever something else wants the processor.
_NICENESS = 10

#: Processes of one worker at the same time. Each takes up to 300 MB.
MOST_AT_ONCE = 4

#: One core is one process's. Threads of Typst's own would only wait for one another.
_ENVIRONMENT = {"RAYON_NUM_THREADS": "1"}

_LENGTH_BYTES = 4


class _Order(msgspec.Struct, frozen=True, array_like=True):
    created_at: datetime
    sheets: list[VoucherSheet]


class _Answer(msgspec.Struct, frozen=True, array_like=True):
    pdf: bytes = b""
    error: str = ""


class PrintingProcess:
    """One process that lays out one file after another."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._turn = asyncio.Lock()

    @classmethod
    async def start(cls) -> PrintingProcess:
        """Start a process that knows nothing but where its own code is."""
        command = (sys.executable, "-I", "-m", __name__)
        return cls(
            await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, env=_ENVIRONMENT
            )
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    async def pdf(self, sheets: Sequence[VoucherSheet], created_at: datetime) -> bytes:
        """Lay out a file as :func:`voucher_pdf` does; whoever comes second waits.

        :raises DocumentError: as there, and when the process ends.
        """
        reader, writer = self._process.stdout, self._process.stdin
        if reader is None or writer is None:
            raise DocumentError("the printing process has no pipes")
        try:
            async with self._turn:
                writer.write(_framed(_Order(created_at, list(sheets))))
                await writer.drain()
                length = int.from_bytes(await reader.readexactly(_LENGTH_BYTES))
                answer = msgspec.msgpack.decode(await reader.readexactly(length), type=_Answer)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise DocumentError("the printing process has ended") from error
        if answer.error:
            raise DocumentError(answer.error)
        return answer.pdf

    def end(self) -> None:
        """End it, whatever it is at."""
        if self._process.returncode is None:
            self._process.kill()

    async def ended(self) -> None:
        await self._process.wait()


class Workshop:
    """The printing processes of one worker, as many at a time as there is memory for."""

    def __init__(self, most_at_once: int) -> None:
        self._free = most_at_once

    @asynccontextmanager
    async def processes(self, wanted: int) -> AsyncIterator[list[PrintingProcess]]:
        """Start up to *wanted* processes, at least one; end them when the block is left.

        :raises Refusal: ``service.busy`` when others have them all.
        """
        count = min(wanted, self._free)
        if not count:
            raise Refusal("service.busy")
        self._free -= count
        processes: list[PrintingProcess] = []
        try:
            while len(processes) < count:
                processes.append(await PrintingProcess.start())
            yield processes
        finally:
            # First all of them at once: whoever was cancelled may not get to wait.
            for process in processes:
                process.end()
            self._free += count
            await asyncio.gather(*(process.ended() for process in processes))


#: That of this worker.
WORKSHOP = Workshop(MOST_AT_ONCE)


def _framed(message: msgspec.Struct) -> bytes:
    content = msgspec.msgpack.encode(message)
    return len(content).to_bytes(_LENGTH_BYTES) + content


def _main() -> None:
    """Answer one order after another, until whoever gives them has gone."""
    os.nice(_NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the service ends us
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a stray print is no answer
    _answer(sys.stdin.buffer, answers)


def _answer(orders: IO[bytes], answers: IO[bytes]) -> None:
    while head := orders.read(_LENGTH_BYTES):
        order = msgspec.msgpack.decode(orders.read(int.from_bytes(head)), type=_Order)
        try:
            answer = _Answer(pdf=voucher_pdf(order.sheets, order.created_at))
        except (DocumentError, ValueError) as error:
            answer = _Answer(error=str(error))
        answers.write(_framed(answer))
        answers.flush()
        forget()


if __name__ == "__main__":
    _main()
