"""Vouchers in stock that may be sold for so much that they carry a PIN."""

from __future__ import annotations

import re

from api_fixtures import code_of
from desk_stage import CardPaper, DeskStage, new_desk
from pin_stage import pin_of, with_pins

from tests.documents.printed_page import Printed

SLIP = re.compile(r"PIN: getrennt vom Gutschein aufbewahren.*\b(\d{3}) (\d{3})\b", re.DOTALL)


async def printed_pin(desk: DeskStage, card: CardPaper) -> str | None:
    """What the slip behind a printed card says, if there is one."""
    listed = (await desk.stage.api.get(desk.town.path("stock-orders"))).json()["stock_orders"]
    [order] = [
        each for each in listed if each["first_serial"] <= card.serial <= each["last_serial"]
    ]
    document = await desk.stage.api.get(desk.town.path(f"stock-orders/{order['id']}/document"))
    pages = Printed(document.content)
    texts = [pages.text(number) for number in range(len(pages))]
    pages.document.close()
    [card_page] = [number for number, text in enumerate(texts) if card.code in text]
    slip = SLIP.search(texts[card_page + 1]) if card_page + 1 < len(texts) else None
    return slip and slip[1] + slip[2]


async def test_it_is_printed_with_the_card_and_asked_for_once_sold(desk: DeskStage) -> None:
    stage = desk.stage
    selling = await new_desk(stage, await with_pins(stage, stage.zwoenitz), "Tourist-Info")
    small, large, free = (
        await selling.card(99_99),
        await selling.card(100_00),
        await selling.card(None),
    )
    pins = [await printed_pin(selling, card) for card in (small, large, free)]
    assert [pin is not None for pin in pins] == [False, True, True]
    await selling.sold(small)
    await selling.sold(large)
    # Nobody knew for how much it would be sold: its PIN is printed, and is asked for.
    await selling.sold(free, value_cents=20_00)
    assert [await pin_of(stage, card) for card in (small, large, free)] == pins
    assert (await stage.redeem(stage.sold(small, 5_00))).status_code == 200
    for card, pin in ((large, pins[1]), (free, pins[2])):
        assert code_of(await stage.redeem(stage.sold(card, 5_00))) == "voucher.pin"
        done = await stage.redeem(stage.sold(card, 5_00) | {"pin": pin})
        assert done.status_code == 200
    await stage.audit()


async def test_one_sold_new_at_the_desk_has_one_too(desk: DeskStage) -> None:
    stage = desk.stage
    selling = await new_desk(stage, await with_pins(stage, stage.zwoenitz), "Tourist-Info")
    sale = (await selling.sell_new(150_00)).json()
    paper = await stage.paper_of(selling.town, sale["voucher_id"])
    assert await pin_of(stage, paper) is not None
