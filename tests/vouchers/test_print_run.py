"""A whole batch for the printer's shop: a ZIP of PDFs, made while it is sent."""

from __future__ import annotations

import asyncio
import io
import zipfile
from typing import Any

import psutil
import pypdfium2
import pytest
import zxingcpp
from api_fixtures import code_of, fresh_id
from stage import Stage

from gutschein.documents.printing_process import WORKSHOP
from gutschein.kernel.errors import Refusal
from gutschein.vouchers import progress
from tests.documents.printed_page import Printed

COUNT = 203


@pytest.fixture
async def batch(stage: Stage) -> Any:
    return await stage.batch(stage.zwoenitz, 1_00, COUNT)


def documents(stage: Stage, batch: Any) -> str:
    return stage.zwoenitz.path(f"batches/{batch['id']}/documents")


def opened(content: bytes) -> zipfile.ZipFile:
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    return archive


def printing_processes() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if "gutschein.documents.printing_process" in child.cmdline()
    ]


async def test_each_active_voucher_is_on_one_page_of_one_file_by_serial(
    stage: Stage, batch: Any
) -> None:
    town = stage.zwoenitz
    listed = (await stage.api.get(town.path(f"batches/{batch['id']}/vouchers"))).json()["vouchers"]
    await stage.block(await stage.paper_of(town, listed[1]["id"]))
    response = await stage.api.get(documents(stage, batch))
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/zip"
    assert response.headers["cache-control"] == "no-store"
    name = 'attachment; filename="gutscheine-000001-000203.zip"'
    assert response.headers["content-disposition"] == name
    archive = opened(response.content)
    assert archive.namelist() == [
        "gutscheine-000001-000101.pdf",
        "gutscheine-000102-000201.pdf",
        "gutscheine-000202-000203.pdf",
    ]
    serials: list[str] = []
    for name in archive.namelist():
        pdf = pypdfium2.PdfDocument(archive.read(name))
        serials += [page.get_textpage().get_text_range().rsplit("Nummer", 1)[1] for page in pdf]
        pdf.close()
    assert [int(serial) for serial in serials] == [1, *range(3, COUNT + 1)]


async def test_what_is_printed_in_bulk_redeems_and_is_as_accessible_as_a_single_page(
    stage: Stage, batch: Any
) -> None:
    town = stage.zwoenitz
    response = await stage.api.get(documents(stage, batch) + "?after_serial=201")
    [name] = opened(response.content).namelist()
    assert name == "gutscheine-000202-000203.pdf"
    printed = Printed(opened(response.content).read(name))
    assert b"<pdfuaid:part>1</pdfuaid:part>" in printed.bytes
    assert printed.is_tagged()
    [code] = zxingcpp.read_barcodes(printed.pixels(1), formats=zxingcpp.BarcodeFormat.QRCode)
    assert code.text.startswith("HTTP")
    sale = {"id": fresh_id(), "token": code.text, "amount_cents": 1_00} | town.shop.fields
    assert (await stage.redeem(sale)).json()["balance_after_cents"] == 0
    printed.document.close()


async def test_how_far_a_print_is_can_be_asked_while_it_runs(
    stage: Stage, batch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "INTERVAL_SECONDS", 0.02)
    path = stage.zwoenitz.path(f"batches/{batch['id']}/progress")
    printing = asyncio.create_task(stage.api.get(documents(stage, batch)))
    told: list[dict[str, Any]] = []
    while not printing.done():
        told += (await stage.api.get(path)).json()["runs"]
        await asyncio.sleep(0.01)
    assert (await printing).status_code == 200
    assert {(run["task"], run["total_count"]) for run in told} == {("print", COUNT)}
    assert (await stage.api.get(path)).json()["runs"] == []


async def test_what_cannot_be_printed_is_refused_before_the_file_begins(
    stage: Stage, batch: Any
) -> None:
    path = documents(stage, batch)
    unknown = stage.zwoenitz.path(f"batches/{fresh_id()}/documents")
    theirs = stage.schneeberg.path(f"batches/{batch['id']}/documents")
    for wrong, status, code in (
        (unknown, 404, "batch.unknown"),
        (theirs, 404, "batch.unknown"),
        (f"{path}?after_serial={COUNT}", 409, "batch.nothing_to_print"),
        (f"{path}?after_serial=-1", 422, "request.invalid"),
    ):
        refused = await stage.api.get(wrong)
        assert (refused.status_code, code_of(refused)) == (status, code)
    async with WORKSHOP.processes(1_000):
        with pytest.raises(Refusal, match=r"service\.busy"):
            async with WORKSHOP.processes(1):
                pass
        refused = await stage.api.get(path)
        assert (refused.status_code, code_of(refused)) == (503, "service.busy")
    assert printing_processes() == []
    assert (await stage.api.get(f"{path}?after_serial=200")).status_code == 200
