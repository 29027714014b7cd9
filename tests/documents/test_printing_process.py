"""Vouchers are laid out in processes beside the service, which get sheets and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import psutil
import pytest
from printed_page import NOON

from gutschein.documents.printing_process import PrintingProcess, Workshop
from gutschein.documents.typst_pdf import DocumentError
from gutschein.documents.voucher_pdf import voucher_pdf
from gutschein.kernel.errors import Refusal


@pytest.fixture
async def process() -> AsyncIterator[PrintingProcess]:
    async with Workshop(1).processes(1) as [process]:
        yield process


def seen_by_others(process: PrintingProcess) -> psutil.Process:
    return psutil.Process(process.pid)


async def nothing_open(other: psutil.Process) -> bool:
    """Tell whether within some seconds it has no file open."""
    for _ in range(100):
        if not other.open_files():
            return True
        await asyncio.sleep(0.05)
    return False


async def test_it_lays_out_what_the_service_would_byte_for_byte(process, voucher_sheet):
    for serial in ("ANA-1", "ANA-2"):
        sheets = [voucher_sheet(serial=serial), voucher_sheet(message="Danke 🌸", language="en")]
        assert await process.pdf(sheets, NOON) == voucher_pdf(sheets, NOON)


async def test_what_cannot_be_laid_out_is_told_and_the_next_is_laid_out(process, voucher_sheet):
    with pytest.raises(DocumentError, match="not a colour"):
        await process.pdf([voucher_sheet(brand_colour="green")], NOON)
    with pytest.raises(DocumentError, match="1 to 250 vouchers, not 0"):
        await process.pdf([], NOON)
    with pytest.raises(DocumentError, match="failed to"):
        await process.pdf([voucher_sheet(coat_of_arms_svg=b"<svg")], NOON)
    assert (await process.pdf([voucher_sheet()], NOON)).startswith(b"%PDF")


async def test_nobody_reads_a_secret_off_its_command_line_or_environment(
    process, voucher_sheet, monkeypatch
):
    monkeypatch.setenv("GUTSCHEIN_KEY_ENCRYPTION_KEY", "f" * 64)
    async with Workshop(1).processes(1) as [later]:
        for each in (process, later):
            await each.pdf([voucher_sheet()], NOON)
            other = seen_by_others(each)
            assert other.cmdline()[1:] == ["-I", "-m", "gutschein.documents.printing_process"]
            assert other.environ() == {"RAYON_NUM_THREADS": "1"}
            # What it looks up while it tidies up is soon closed again.
            assert await nothing_open(other)


async def test_it_lets_the_tills_have_the_processor(process, voucher_sheet):
    await process.pdf([voucher_sheet()], NOON)
    assert seen_by_others(process).nice() > psutil.Process().nice()


async def test_its_memory_does_not_grow_from_file_to_file(process, voucher_sheet):
    megabytes = []
    for file in range(8):
        sheets = [voucher_sheet(serial=f"{file}-{page}") for page in range(30)]
        await process.pdf(sheets, NOON)
        megabytes.append(seen_by_others(process).memory_info().rss / 1e6)
    assert max(megabytes[2:]) < min(megabytes[2:]) + 30  # Typst alone would keep 30 of each


async def test_one_that_was_killed_is_an_error_and_no_silence(voucher_sheet):
    async with Workshop(1).processes(1) as [process]:
        seen_by_others(process).kill()
        for _ in range(2):
            with pytest.raises(DocumentError, match="has ended"):
                await process.pdf([voucher_sheet()], NOON)


async def test_there_are_only_as_many_as_there_is_room_for():
    workshop = Workshop(3)
    async with workshop.processes(2) as first, workshop.processes(2) as second:
        assert (len(first), len(second)) == (2, 1)
        with pytest.raises(Refusal, match=r"service\.busy"):
            async with workshop.processes(1):
                pass
    assert not any(psutil.pid_exists(each.pid) for each in [*first, *second])
    async with workshop.processes(4) as again:
        assert len(again) == 3
