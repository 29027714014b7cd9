"""Log lines and transfers written past the service, at whatever instant a test wants."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg

from gutschein.kernel.clock import berlin_day
from gutschein.kernel.ids import TownId, new_id

NOW = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)


@dataclass
class Ledger:
    """A region with two towns, as somebody sees it whom nothing stops."""

    connection: asyncpg.Connection
    region_id: UUID = field(default_factory=new_id)
    town_id: TownId = field(default_factory=lambda: TownId(new_id()))
    other_town_id: TownId = field(default_factory=lambda: TownId(new_id()))

    async def open(self) -> None:
        """Make the region and the towns; from then on no trigger and no key is in the way."""
        await self.connection.execute("SET session_replication_role = replica")
        # The region that all tests find in a new database would have a log of its own.
        await self.connection.execute("DELETE FROM region")
        await self.insert("region", id=self.region_id, name="Erzgebirge", created_at=NOW)
        for town_id, name, ags in (
            (self.town_id, "Zwönitz", "14521710"),
            (self.other_town_id, "Schneeberg", "14521530"),
        ):
            await self.insert(
                "town",
                id=town_id,
                region_id=self.region_id,
                name=name,
                ags=ags,
                sealed_trust_iban=b"sealed",
                sealed_trust_account_holder=b"sealed",
                street="Markt",
                house_number="1",
                postcode="08297",
                post_town=name,
                brand_colour="#004b76",
                minimum_payout_cents=0,
                created_at=NOW,
            )

    async def log(self, at: datetime, chain_id: UUID | None = None, **changes: Any) -> UUID:
        """Write a line into the log of the first town, or another chain's."""
        row = {
            "chain_id": chain_id or self.town_id,
            "id": new_id(),
            "happened_at": at,
            "action": "role.granted",
            "author_id": new_id(),
            "author_name": "Jana Beispiel",
            "subject": "Prüferin für Otto Beispiel",
            "before": None,
            "after": "Prüferin",
            "reason": "",
        } | changes
        await self.insert("log_entry", **row)
        return UUID(str(row["id"]))

    async def transfer(self, at: datetime, **changes: Any) -> UUID:
        """Post a transfer in the first town, between accounts that need not be there."""
        row = {
            "town_id": self.town_id,
            "id": new_id(),
            "debit_account_id": new_id(),
            "credit_account_id": new_id(),
            "amount_cents": 12_50,
            "event": "redemption",
            "reference_id": new_id(),
            "link_id": None,
            "reverses_id": None,
            "booked_at": at,
            "booked_on": berlin_day(at),
        } | changes
        await self.insert("transfer", **row)
        return UUID(str(row["id"]))

    async def insert(self, table: str, **row: Any) -> None:
        places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
        await self.connection.execute(
            f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", *row.values()
        )

    async def blocks(self, kind: str, chain_id: UUID | None = None) -> list[asyncpg.Record]:
        return list(
            await self.connection.fetch(
                "SELECT * FROM history_block WHERE chain_id = $1 AND kind = $2 ORDER BY number",
                chain_id or self.town_id,
                kind,
            )
        )
