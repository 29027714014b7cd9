"""What a shop took without a net: the town's terms, a claim that was redeemed, one disputed."""

from __future__ import annotations

from typing import Any

from bookkeeping import at
from desk_story import DeskStory


class OfflineStory(DeskStory):
    """Books of a region in which one town, Schneeberg, lets its shops do so."""

    def outage(self) -> None:
        """An hour without a net at the bakery, on the Sunday of a redemption."""
        key = {"town_id": self.id("s")}
        self.add(
            "offline_terms",
            **key,
            begins_at=at("2026-02-01 08:00"),
            enabled=True,
            voucher_cents=50_00,
            device_cents=60_00,
            outage_minutes=120,
            bearer="town",
            set_by=self.id("clerk"),
        )
        of_shop = {"merchant_id": self.id("back"), "branch_id": self.id("back branch")}
        self.add(
            "pairing_code",
            **key,
            id=self.id("k back"),
            **of_shop,
            device_name="Kasse",
            code_hash=bytes(32),
            made_at=at("2026-02-01 09:00"),
            made_by=None,
            made_by_name="Inhaberin",
            ends_at=at("2026-02-01 09:05"),
            used_at=at("2026-02-01 09:01"),
        )
        self.add(
            "device",
            **key,
            id=self.id("d back"),
            **of_shop,
            name="Kasse",
            algorithm="ed25519",
            public_key=b"public",
            pairing_code_id=self.id("k back"),
            paired_at=at("2026-02-01 09:01"),
            seen_at=at("2026-02-22 10:00"),
        )
        self._claim("x s2", 50_00, outcome="accepted")
        self._claim(
            "x late",
            10_01,
            outcome="disputed",
            reason="offline.device_limit",
            reason_params='{"device_cents":6000}',
            bearer="merchant",
        )

    def _claim(self, name: str, cents: int, **ending: Any) -> None:
        self.add(
            "claim",
            town_id=self.id("s"),
            id=self.id(name),
            merchant_id=self.id("back"),
            branch_id=self.id("back branch"),
            device_id=self.id("d back"),
            issuing_town_id=self.id("s"),
            voucher_id=self.id("v s2"),
            amount_cents=cents,
            outage_began_at=at("2026-02-22 09:00"),
            claimed_at=at("2026-02-22 09:30"),
            received_at=at("2026-02-22 10:00"),
            content_hash=bytes(32),
            terms_begun_at=at("2026-02-01 08:00"),
            tried_at=at("2026-02-22 10:00"),
            decided_at=at("2026-02-22 10:00"),
            **ending,
        )
