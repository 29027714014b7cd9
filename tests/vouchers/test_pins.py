"""Vouchers with a PIN: which have one, where it is printed, and what becomes of it."""

from __future__ import annotations

import io
import zipfile
from uuid import UUID

import pytest
from api_fixtures import code_of, fresh_id
from pin_stage import pin_of, pinned, with_pins
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from stage import Stage

from gutschein.db.access import Access
from gutschein.demo.readback import read_pages
from gutschein.kernel.ids import TownId
from gutschein.signing.pin import is_pattern
from tests.documents.printed_page import Printed


async def test_those_from_the_limit_on_have_one_each(stage: Stage) -> None:
    town = await with_pins(stage, stage.zwoenitz)
    below = await stage.voucher(town, 99_99)
    assert await pin_of(stage, below) is None
    pins = [await pin_of(stage, paper) for paper in await stage.vouchers(town, 100_00, 8)]
    assert len(set(pins)) == 8
    assert all(pin and len(pin) == 6 and not is_pattern(pin) for pin in pins)


async def test_no_other_programme_has_any(stage: Stage) -> None:
    assert await pin_of(stage, await stage.voucher(stage.zwoenitz, 1_000_00)) is None


async def test_it_stands_on_a_slip_of_its_own(stage: Stage) -> None:
    voucher = await pinned(stage)
    path = voucher.paper.town.path(f"vouchers/{voucher.paper.id}/document")
    pages = Printed((await stage.api.get(path)).content)
    shown = f"{voucher.pin[:3]} {voucher.pin[3:]}"
    front, slip = pages.text(0), pages.text(1)
    assert len(pages) == 2
    assert shown not in front
    assert voucher.paper.code in front
    assert "fragt nach Ihrer PIN" in front
    assert shown in slip
    assert "PIN: getrennt vom Gutschein aufbewahren" in slip
    assert voucher.paper.code not in slip
    pages.document.close()


async def test_a_reprint_names_the_same(stage: Stage) -> None:
    voucher = await pinned(stage)
    path = voucher.paper.town.path(f"vouchers/{voucher.paper.id}/document")
    for _ in range(2):
        [printed] = read_pages((await stage.api.get(path)).content)
        assert (printed.typed_code, printed.pin) == (voucher.paper.code, voucher.pin)


async def test_a_batch_has_each_slip_behind_its_voucher(stage: Stage) -> None:
    town = await with_pins(stage, stage.zwoenitz)
    batch = await stage.batch(town, 100_00, 3)
    document = await stage.api.get(town.path(f"batches/{batch['id']}/document"))
    archive = await stage.api.get(town.path(f"batches/{batch['id']}/documents"))
    with zipfile.ZipFile(io.BytesIO(archive.content)) as files:
        [name] = files.namelist()
        whole = read_pages(files.read(name))
    printed = read_pages(document.content)
    assert whole == printed
    for page in printed:
        sale = {"id": fresh_id(), "amount_cents": 1_00, "code": page.typed_code, "pin": page.pin}
        assert (await stage.redeem(sale | town.shop.fields)).status_code == 200


async def test_what_replaces_it_has_another(stage: Stage) -> None:
    voucher = await pinned(stage)
    await stage.redeem(voucher.sold(stage, 60_00))
    new = await stage.replace(voucher.paper)
    pin = await pin_of(stage, new)
    assert pin is not None
    assert pin != voucher.pin
    old = stage.sold(new, 10_00) | {"pin": voucher.pin}
    assert code_of(await stage.redeem(old)) == "voucher.pin"
    assert (await stage.redeem(stage.sold(new, 10_00) | {"pin": pin})).status_code == 200
    assert code_of(await stage.redeem(voucher.sold(stage, 10_00))) == "voucher.replaced"
    await stage.audit()


async def test_what_replaces_one_without_has_none(stage: Stage) -> None:
    new = await stage.replace(await stage.voucher(stage.zwoenitz))
    assert await pin_of(stage, new) is None


async def test_the_service_cannot_change_or_take_away_a_pin(stage: Stage) -> None:
    voucher = await pinned(stage)
    town_id = TownId(UUID(voucher.paper.town.id))
    of_town = stage.database.acting(Access.town(town_id))
    for change in ("pin_hash = NULL, sealed_pin = NULL", "pin_hash = code_hash"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with of_town.unit_of_work() as work:
                await work.execute(
                    text(f"UPDATE voucher SET {change} WHERE id = :id"),
                    {"id": UUID(voucher.paper.id)},
                )


async def test_neither_list_nor_public_page_tells_of_it(stage: Stage) -> None:
    voucher = await pinned(stage)
    path = voucher.paper.town.path(f"vouchers/{voucher.paper.id}")
    assert not {"pin", "pin_hash", "sealed_pin"} & (await stage.api.get(path)).json().keys()
    shown = await stage.api.client.get(f"/V/{voucher.paper.token.rpartition('/')[2]}", auth=None)
    assert shown.status_code == 200
    assert "PIN" not in shown.text
