"""5,000 vouchers printed, beside the bare layout of as many pages on all cores."""

from __future__ import annotations

import asyncio
import math
import multiprocessing
import os
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path

from bench.batches import (
    VALUE_CENTS,
    Issuer,
    in_a_process,
    most_memory,
    most_memory_of_a_child,
    new_issuer,
)
from bench.furnish import QR_PREFIX
from bench.measure import ROUNDS, Benchmark, Further, Place, Round
from gutschein.db.access import Access
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database
from gutschein.documents.typst_pdf import forget
from gutschein.documents.voucher_pdf import VoucherSheet, voucher_pdf
from gutschein.kernel.clock import utc_now
from gutschein.kernel.ids import PaymentId
from gutschein.signing.code import format_code, new_code
from gutschein.signing.qr import qr_matrix
from gutschein.signing.token import token_url
from gutschein.vouchers.print_run import SHEETS_OF_A_FILE, PrintRun
from gutschein.vouchers.printing import Press, printable_of

_COUNT = 5_000
_SECONDS = 40


def _run(place: Place) -> Iterator[Round]:
    count = int(_COUNT * place.share)
    issuer = new_issuer(place.database_url)
    for _ in range(ROUNDS):
        floor = _seconds_to_lay_out(count)
        printed = in_a_process(
            _seconds_to_print, issuer, issuer.paid(count), count, place.folder / "print.zip"
        )
        ours, megabytes, megabytes_beside = printed
        yield Round(
            ours,
            floor,
            (
                Further("until the last byte", ours, "s", at_most=_SECONDS * place.share),
                Further("memory of the service", megabytes, "MB", at_most=300),
                Further("memory of a printing process", megabytes_beside, "MB", at_most=300),
            ),
        )


def _seconds_to_print(
    issuer: Issuer, payment_id: PaymentId, count: int, to: Path
) -> tuple[float, float, float]:
    """Issue a batch and print it whole; return the seconds of the print, and most megabytes."""

    async def printed() -> float:
        database = Database(create_engine(issuer.database_url), Access.town(issuer.town_id))
        batch_id = (await issuer.issued(database, payment_id, count)).order.batch_id
        press = Press(QR_PREFIX, issuer.kek, utc_now())
        began = time.perf_counter()
        async with database.reading() as work:
            printable = await printable_of(work, issuer.town_id, batch_id, 0)
        run = PrintRun(database, issuer.town_id, batch_id, printable, press)
        with to.open("wb") as file:
            async for piece in run.zipped():
                await asyncio.to_thread(file.write, piece)
        took = time.perf_counter() - began
        await database.close()
        return took

    took = asyncio.run(printed())
    files = len(zipfile.ZipFile(to).namelist())
    if files != math.ceil(count / SHEETS_OF_A_FILE):
        raise AssertionError(f"{files} files were printed")
    return took, most_memory(), most_memory_of_a_child()


def _seconds_to_lay_out(count: int) -> float:
    """Lay out as many pages in as many files, an equal share on each core, and nothing else."""
    cores = len(os.sched_getaffinity(0))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(cores, mp_context=context) as processes:
        return max(processes.map(_seconds_of_one_core, [count // cores] * cores))


def _seconds_of_one_core(count: int) -> float:
    sheets = [_sheet(number) for number in range(count)]
    began = time.perf_counter()
    for start in range(0, count, SHEETS_OF_A_FILE):
        voucher_pdf(sheets[start : start + SHEETS_OF_A_FILE], utc_now())
        forget()
    return time.perf_counter() - began


def _sheet(number: int) -> VoucherSheet:
    """A voucher as the benchmark's town prints it; its token says nothing."""
    url = token_url(QR_PREFIX, os.urandom(108))
    return VoucherSheet(
        town_name="Stadt 1",
        region_name="Erzgebirge",
        programme_name="Stadtgutschein",
        value_cents=VALUE_CENTS,
        code_text=format_code(new_code()),
        qr_url=url,
        qr_matrix=qr_matrix(url),
        valid_until=date(2029, 12, 31),
        serial=f"{number:06d}",
        accepted_in=["Stadt 1"],
        issuer_lines=["Stadt 1", "Markt 1", "08297 Zwönitz"],
        brand_colour="#004b93",
    )


BENCHMARK = Benchmark(
    name="print-5k",
    unit="s",
    about="5,000 vouchers of a batch as a ZIP of PDFs, beside the bare layout of as many pages "
    "on all cores",
    target=1.5,
    better="lower",
    run=_run,
)
