"""Who does what in the demo region: an operator, the town halls, their approver, a shop's owner,
the tills.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gutschein.demo.client import Client
from gutschein.demo_staff import DemoStaff

#: What a cash register may do, and nothing else does.
_AT_THE_TILL = re.compile(r"(?:redemptions|sales|vouchers)(?:/.*)?")
_BY_THE_APPROVER = re.compile(r"towns/[^/]+/approvals/[^/]+/approval")
_BY_THE_OPERATOR = re.compile(r"regions(?:/.*)?")
_BY_THE_OWNER = re.compile(r"towns/[^/]+/merchants/[^/]+/(?:cashiers|pairing-codes)")


class Crew(Client):
    """The API, each call made by whoever may make it."""

    def __init__(self, url: str, staff: DemoStaff) -> None:
        super().__init__(url)
        self.staff = staff
        self._keys: dict[str, str] = {}

    def headers_for(self, path: str, body: Any) -> Mapping[str, str]:
        if _AT_THE_TILL.fullmatch(path):
            return {"authorization": f"Bearer {self._key_of(body)}"}
        if _BY_THE_APPROVER.fullmatch(path):
            return self.staff.approver
        if _BY_THE_OWNER.fullmatch(path):
            return self.staff.owner
        return self.staff.operator if _BY_THE_OPERATOR.fullmatch(path) else self.staff.office

    def approve(self, town_id: str, terms: Mapping[str, Any], request_id: str, reason: str) -> None:
        """Let one person ask for something and another approve it."""
        path = f"towns/{town_id}/approvals"
        asked = self.post(path, {"id": request_id, "reason": reason, "terms": terms})
        if asked["state"] == "open":
            word = {"fingerprint": asked["fingerprint"]}
            self.post(f"{path}/{request_id}/approval", word)

    def key_of(self, town_id: str, merchant_id: str) -> str:
        """Return the API key of a merchant's cash register, made when it is first needed."""
        if merchant_id not in self._keys:
            made = self.post(
                f"towns/{town_id}/merchants/{merchant_id}/api-keys",
                {"name": "Kasse", "rights": ["till.redeem", "till.balance", "redemption.read"]},
            )
            self._keys[merchant_id] = made["token"]
        return self._keys[merchant_id]

    def _key_of(self, body: Any) -> str:
        if isinstance(body, dict):
            return self.key_of(body["town_id"], body["merchant_id"])
        return next(iter(self._keys.values()))  # any till may ask what is left on a voucher
