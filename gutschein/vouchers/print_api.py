"""Vouchers on paper, over HTTP."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import AsyncGenerator
from contextlib import aclosing

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from gutschein.documents.printing_process import WORKSHOP
from gutschein.documents.voucher_pdf import VoucherSheet, voucher_pdf
from gutschein.kernel.ids import BatchId, TownId, VoucherId
from gutschein.vouchers import printing
from gutschein.vouchers.print_run import PrintRun
from gutschein.vouchers.printing import Press, PrintJob
from gutschein.vouchers.schemas import AfterSerial
from gutschein.web.answers import answers
from gutschein.web.files import PDF, ZIP, file_answer, stream_answer
from gutschein.web.providers import Db
from gutschein.web.request_limits import LONG_WORK
from gutschein.web.rights import Right, needs


@get(
    "/batches/{batch_id:uuid}/document",
    media_type=PDF,
    responses=answers(
        "batch.unknown", "batch.nothing_to_print", "key.none", "key.revoked", "key.sealed"
    ),
    opt=needs(Right.VOUCHER_PRINT) | LONG_WORK,
)
async def print_batch(
    town_id: FromPath[TownId],
    batch_id: FromPath[BatchId],
    database: Db,
    press: NamedDependency[Press],
    after_serial: AfterSerial = 0,
) -> Response[bytes]:
    """Print a batch's active vouchers, a page each, at most 250 in one PDF.

    For the next ones, ask again with the last serial of the file's name; or take all of
    them under ``…/documents``.
    """
    async with database.reading() as work:
        job = await printing.print_batch(work, town_id, batch_id, after_serial, press)
    sheets = await to_thread(job.sheets)
    async with WORKSHOP.processes(1) as [process]:
        pdf = await process.pdf(sheets, press.now)
    return file_answer(pdf, PDF, f"gutscheine-{sheets[0].serial}-{sheets[-1].serial}.pdf")


@get(
    "/batches/{batch_id:uuid}/documents",
    media_type=ZIP,
    responses=answers(
        "batch.unknown", "batch.nothing_to_print", "key.none", "key.revoked", "key.sealed"
    ),
    opt=needs(Right.VOUCHER_PRINT) | LONG_WORK,
)
async def print_whole_batch(
    town_id: FromPath[TownId],
    batch_id: FromPath[BatchId],
    database: Db,
    press: NamedDependency[Press],
    after_serial: AfterSerial = 0,
) -> Stream:
    """Print all of a batch's active vouchers: a ZIP of PDFs with 100 pages each, by serial.

    It is made while it is sent; how far it is, ``…/progress`` says.
    """
    async with database.reading() as work:
        printable = await printing.printable_of(work, town_id, batch_id, after_serial)
    pieces = PrintRun(database, town_id, batch_id, printable, press).zipped()
    first = await anext(pieces)  # whatever is refused is refused before the answer begins
    name = f"gutscheine-{printable.first_serial:06d}-{printable.last_serial:06d}.zip"
    return stream_answer(_all(first, pieces), ZIP, name)


async def _all(first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(rest):
        yield first
        async for piece in rest:
            yield piece


@get(
    "/vouchers/{voucher_id:uuid}/document",
    media_type=PDF,
    responses=answers(
        "voucher.unknown",
        "voucher.not_active",
        "voucher.blocked",
        "voucher.replaced",
        "voucher.expired",
        "key.none",
        "key.revoked",
        "key.sealed",
    ),
    opt=needs(Right.VOUCHER_PRINT),
)
async def print_voucher(
    town_id: FromPath[TownId],
    voucher_id: FromPath[VoucherId],
    database: Db,
    press: NamedDependency[Press],
) -> Response[bytes]:
    """Print an active voucher, with the same code each time."""
    async with database.reading() as work:
        job = await printing.print_one(work, town_id, voucher_id, press)
    sheets, pdf = await to_thread(_printed, job, press)
    return file_answer(pdf, PDF, f"gutschein-{sheets[0].serial}.pdf")


def _printed(job: PrintJob, press: Press) -> tuple[list[VoucherSheet], bytes]:
    """Lay out a job beside the event loop: it takes some milliseconds, and tills do not wait."""
    sheets = job.sheets()
    return sheets, voucher_pdf(sheets, press.now)
