"""Vouchers with a PIN on the stage: sold from 100 EUR on, and what stands on their slips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from stage import Paper, Shop, Stage, Town, with_programme

from gutschein.kernel.ids import TownId, VoucherId
from gutschein.vouchers import printing
from gutschein.vouchers.printing import Press

FROM_CENTS = 100_00


@dataclass(frozen=True)
class Pinned:
    """A voucher and its slip."""

    paper: Paper
    pin: str

    def sold(
        self, stage: Stage, amount_cents: int, shop: Shop | None = None, **changes: Any
    ) -> dict[str, Any]:
        """What a till sends to redeem it, with its PIN unless told."""
        return stage.sold(self.paper, amount_cents, shop) | {"pin": self.pin} | changes

    @property
    def wrong(self) -> str:
        """A PIN that is not its own."""
        return f"{(int(self.pin) + 1) % 10**6:06}"


async def with_pins(stage: Stage, town: Town, **changes: Any) -> Town:
    """The same town, selling a programme whose vouchers of 100 EUR and above carry a PIN."""
    terms = {"cap_cents": 1_000_00, "pin_from_cents": FROM_CENTS} | changes
    programme = await stage.api.new_programme({"id": town.id}, **terms)
    return with_programme(town, programme["id"])


async def pinned(stage: Stage, town: Town | None = None, value_cents: int = FROM_CENTS) -> Pinned:
    """Sell a voucher with a PIN."""
    selling = await with_pins(stage, town or stage.zwoenitz)
    paper = await stage.voucher(selling, value_cents)
    pin = await pin_of(stage, paper)
    assert pin is not None
    return Pinned(paper, pin)


async def pin_of(stage: Stage, paper: Paper) -> str | None:
    """What is printed on a voucher's slip, if it has one."""
    press = Press(stage.app.state.qr_prefix, stage.kek, stage.clock.now)
    async with stage.database.reading() as work:
        town_id, voucher_id = TownId(UUID(paper.town.id)), VoucherId(UUID(paper.id))
        job = await printing.print_one(work, town_id, voucher_id, press)
    [sheet] = job.sheets()
    return None if sheet.pin_text is None else sheet.pin_text.replace(" ", "")
