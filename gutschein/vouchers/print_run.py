"""A whole batch for the printer's shop: one ZIP of PDFs, made while it is sent.

Nothing of it is kept: neither in memory, beyond the files at hand, nor on the disk. Each
file is laid out in a process of its own beside the service, as many at once as there are
cores. A run that is broken off leaves a ZIP without its table of contents, which no program
opens; asked for again, it brings the same vouchers.
"""

from __future__ import annotations

import asyncio
import os
import zipfile
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import cycle

from gutschein.db.unit_of_work import Database
from gutschein.documents.printing_process import WORKSHOP, PrintingProcess
from gutschein.kernel.clock import BERLIN
from gutschein.kernel.ids import BatchId, TownId
from gutschein.vouchers.batch_repository import Printable
from gutschein.vouchers.printing import Press, PrintJob, next_job
from gutschein.vouchers.progress import Run, reported

#: Pages of one PDF: some 1.6 MB, and 200 MB for the process that makes it.
SHEETS_OF_A_FILE = 100


@dataclass(frozen=True, slots=True)
class PrintRun:
    """What is to be printed: the active vouchers of a batch, behind a serial."""

    database: Database
    town_id: TownId
    batch_id: BatchId
    printable: Printable
    press: Press

    async def zipped(self) -> AsyncGenerator[bytes, None]:
        """Print, and yield the ZIP file by file.

        :raises Refusal: ``service.busy`` when this worker prints as much as it can already,
            ``key.sealed``, ``key.revoked``, ``key.not_endorsed``.
        :raises DocumentError: when a file cannot be laid out.
        """
        run = Run(self.town_id, self.batch_id, "print", self.printable.count, self.press.now)
        sink = _Sink()
        async with (
            WORKSHOP.processes(os.cpu_count() or 1) as processes,
            reported(self.database, run) as report,
        ):
            report(0)
            done_count = 0
            with zipfile.ZipFile(sink, "w") as archive:
                async with aclosing(self._files(processes)) as files:
                    async for file in files:
                        await asyncio.to_thread(file.add_to, archive, self.press.now)
                        yield sink.taken()
                        # Vouchers may have become active again since they were counted.
                        done_count = min(done_count + file.count, self.printable.count)
                        report(done_count)
            yield sink.taken()

    async def _files(self, processes: list[PrintingProcess]) -> AsyncGenerator[_File, None]:
        """Lay out the files, and yield them in order.

        Each process has one at hand, and the sheets of its next are ready.
        """
        under_way: deque[asyncio.Task[_File]] = deque()
        after_serial = self.printable.first_serial - 1
        try:
            for process in cycle(processes):
                if len(under_way) == 2 * len(processes):
                    yield await under_way.popleft()
                job = await self._next_job(after_serial)
                if job is None:
                    break
                after_serial = job.vouchers[-1].serial
                under_way.append(asyncio.create_task(_printed(job, process, self.press)))
            while under_way:
                yield await under_way.popleft()
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _next_job(self, after_serial: int) -> PrintJob | None:
        async with self.database.reading() as work:
            return await next_job(
                work,
                self.town_id,
                self.batch_id,
                after_serial,
                self.press,
                limit=SHEETS_OF_A_FILE,
            )


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    count: int
    pdf: bytes = field(repr=False)

    def add_to(self, archive: zipfile.ZipFile, now: datetime) -> None:
        """Write the file into an archive: the text in a tagged PDF shrinks to a half."""
        about = zipfile.ZipInfo(self.name, now.astimezone(BERLIN).timetuple()[:6])
        about.external_attr = 0o600 << 16  # for its owner's eyes
        archive.writestr(about, self.pdf, zipfile.ZIP_DEFLATED, compresslevel=1)


async def _printed(job: PrintJob, process: PrintingProcess, press: Press) -> _File:
    sheets = await asyncio.to_thread(job.sheets)
    name = f"gutscheine-{sheets[0].serial}-{sheets[-1].serial}.pdf"
    return _File(name, len(sheets), await process.pdf(sheets, press.now))


class _Sink:
    """Where an archive is written to, and taken from bit by bit."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes, /) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """All is there at once."""

    def close(self) -> None:
        """There is nothing to close."""

    def taken(self) -> bytes:
        """Return what was written since this was called last."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
