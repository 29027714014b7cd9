"""What is printed is what is redeemed: the QR code is read back from the page."""

from __future__ import annotations

import pypdfium2
import zxingcpp
from api_fixtures import code_of, fresh_id
from stage import Stage

from tests.documents.printed_page import Printed


def scanned(pdf: bytes) -> list[tuple[str, str]]:
    """The QR code and the text of each page."""
    pages = Printed(pdf)
    found = []
    for number in range(len(pages)):
        [code] = zxingcpp.read_barcodes(pages.pixels(number), formats=zxingcpp.BarcodeFormat.QRCode)
        found.append((code.text, pages.text(number)))
    pages.document.close()
    return found


async def printed(stage: Stage, path: str) -> list[tuple[str, str]]:
    response = await stage.api.get(path)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/pdf"
    assert response.headers["cache-control"] == "no-store"
    return scanned(response.content)


async def test_the_printed_qr_code_and_the_printed_code_redeem_for_real(stage: Stage) -> None:
    town = stage.zwoenitz
    voucher = await stage.voucher(town)
    [(qr_text, page_text)] = await printed(stage, town.path(f"vouchers/{voucher.id}/document"))
    assert voucher.code in page_text
    assert "31.12.2029" in page_text
    assert "50,00 €" in page_text
    sale = {"id": fresh_id(), "token": qr_text, "amount_cents": 20_00} | town.shop.fields
    assert (await stage.redeem(sale)).json()["balance_after_cents"] == 30_00
    sale = {"id": fresh_id(), "code": voucher.code, "amount_cents": 30_00} | town.shop.fields
    assert (await stage.redeem(sale)).json()["balance_after_cents"] == 0
    await stage.audit()


async def test_a_reprint_carries_the_same_code(stage: Stage) -> None:
    town = stage.zwoenitz
    voucher = await stage.voucher(town)
    path = town.path(f"vouchers/{voucher.id}/document")
    first = await printed(stage, path)
    await stage.redeemed(voucher, 20_00)
    assert await printed(stage, path) == first


async def test_a_batch_prints_its_active_vouchers_a_page_each(stage: Stage) -> None:
    town = stage.zwoenitz
    batch = await stage.batch(town, 50_00, 4)
    path = town.path(f"batches/{batch['id']}")
    blocked, replaced, *alive = (await stage.api.get(f"{path}/vouchers")).json()["vouchers"]
    await stage.block(await stage.paper_of(town, blocked["id"]))
    replacement = await stage.replace(await stage.paper_of(town, replaced["id"]))
    response = await stage.api.get(f"{path}/document")
    name = 'attachment; filename="gutscheine-000003-000004.pdf"'
    assert response.headers["content-disposition"] == name
    papers = [await stage.paper_of(town, each["id"]) for each in alive]
    pages = scanned(response.content)
    assert [qr_text for qr_text, _ in pages] == [paper.token for paper in papers]
    assert replacement.token not in {qr_text for qr_text, _ in pages}
    [(qr_text, _)] = await printed(stage, f"{path}/document?after_serial=3")
    assert qr_text == papers[1].token
    over = await stage.api.get(f"{path}/document?after_serial=4")
    assert (over.status_code, code_of(over)) == (409, "batch.nothing_to_print")
    for wrong in ("-1", "x"):
        refused = await stage.api.get(f"{path}/document?after_serial={wrong}")
        assert code_of(refused) == "request.invalid"


async def test_a_file_is_filled_from_behind_vouchers_that_are_not_printed(stage: Stage) -> None:
    town = stage.zwoenitz
    batch = await stage.batch(town, 1_00, 252)
    path = town.path(f"batches/{batch['id']}")
    first = (await stage.api.get(f"{path}/vouchers")).json()["vouchers"][0]
    await stage.block(await stage.paper_of(town, first["id"]))
    response = await stage.api.get(f"{path}/document")
    assert "gutscheine-000002-000251.pdf" in response.headers["content-disposition"]
    document = pypdfium2.PdfDocument(response.content)
    assert len(document) == 250
    document.close()


async def test_what_is_dead_is_not_printed(stage: Stage) -> None:
    town = stage.zwoenitz
    blocked, replaced = await stage.vouchers(town, 50_00, 2)
    await stage.block(blocked)
    await stage.replace(replaced)
    for voucher, code in ((blocked, "voucher.blocked"), (replaced, "voucher.replaced")):
        refused = await stage.api.get(town.path(f"vouchers/{voucher.id}/document"))
        assert (refused.status_code, code_of(refused)) == (409, code)
