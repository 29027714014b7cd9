"""An issuing point in Zwönitz: what is printed for it, what it sells, what lies in its till."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
from api_fixtures import fresh_id
from stage import Paper, Stage, Town

from gutschein.kernel.ids import TownId
from gutschein.vouchers.printing import Press
from gutschein.vouchers.stock_printing import print_stock


@dataclass(frozen=True)
class CardPaper(Paper):
    """A voucher as it lies in stock: also what activates it."""

    serial: int
    activation: str


@dataclass
class DeskStage:
    """One desk, and what is done there."""

    stage: Stage
    town: Town
    point_id: str

    def path(self, rest: str) -> str:
        return self.town.path(f"issuing-points/{self.point_id}/{rest}")

    # stock

    async def order(self, count: int = 1, value_cents: int | None = 25_00, **changes: Any) -> Any:
        """Have vouchers made for stock, without assigning them."""
        body = {
            "id": fresh_id(),
            "programme_id": self.town.programme_id,
            "count": count,
            "value_cents": value_cents,
            "sell_until": "2027-12-31",
        }
        return await self.stage.api.made(self.town.path("stock-orders"), body | changes)

    async def assign(self, first: int, last: int) -> httpx.Response:
        return await self.stage.api.post(
            self.path("stock"), {"first_serial": first, "last_serial": last}
        )

    async def cards(self, count: int = 1, value_cents: int | None = 25_00) -> list[CardPaper]:
        """Have vouchers made for stock, printed and laid in this desk's drawer."""
        order = await self.order(count, value_cents)
        assigned = await self.assign(order["first_serial"], order["last_serial"])
        assert assigned.status_code == 200, assigned.text
        return await self.printed(order)

    async def card(self, value_cents: int | None = 25_00) -> CardPaper:
        return (await self.cards(1, value_cents))[0]

    async def printed(self, order: dict[str, Any]) -> list[CardPaper]:
        press = Press(self.stage.app.state.qr_prefix, self.stage.kek, self.stage.clock.now)
        async with self.stage.database.reading() as work:
            town_id = TownId(UUID(self.town.id))
            job = await print_stock(work, town_id, UUID(order["id"]), 0, press)
        cards = []
        for voucher, sheet in zip(job.job.vouchers, job.sheets(), strict=True):
            assert sheet.for_sale is not None
            activation = sheet.for_sale.activation_text
            cards.append(
                CardPaper(
                    self.town,
                    str(voucher.id),
                    sheet.qr_url,
                    sheet.code_text,
                    voucher.serial,
                    activation,
                )
            )
        return cards

    async def stock(self) -> Any:
        return (await self.stage.api.get(self.path("stock"))).json()

    # sales

    async def look_up(self, activation: str) -> httpx.Response:
        return await self.stage.api.post(self.path("look-ups"), {"activation": activation})

    async def sell(self, activation: str, method: str = "cash", **changes: Any) -> httpx.Response:
        body = {"id": fresh_id(), "method": method, "activation": activation}
        return await self.stage.api.post(self.path("sales"), body | changes)

    async def sold(self, card: CardPaper, method: str = "cash", **changes: Any) -> Any:
        response = await self.sell(card.activation, method, **changes)
        assert response.status_code == 201, response.text
        return response.json()

    async def sell_new(self, value_cents: int, method: str = "cash", **changes: Any) -> Any:
        body = {"programme_id": self.town.programme_id, "value_cents": value_cents}
        body |= {"id": fresh_id(), "method": method}
        return await self.stage.api.post(self.path("sales"), body | changes)

    # cash

    async def close(self, counted_cents: int, **changes: Any) -> httpx.Response:
        body = {"id": fresh_id(), "counted_cents": counted_cents}
        return await self.stage.api.post(self.path("closings"), body | changes)

    async def closed(self, counted_cents: int, **changes: Any) -> Any:
        response = await self.close(counted_cents, **changes)
        assert response.status_code == 201, response.text
        return response.json()

    async def voucher(self, card: Paper) -> Any:
        return (await self.stage.api.get(self.town.path(f"vouchers/{card.id}"))).json()


async def new_desk(stage: Stage, town: Town, name: str = "Bürgerbüro") -> DeskStage:
    point = await stage.api.new_issuing_point({"id": town.id}, name=name)
    return DeskStage(stage, town, point["id"])


@pytest.fixture
async def desk(stage: Stage) -> DeskStage:
    return await new_desk(stage, stage.zwoenitz)
