"""The job's third part: everything that must be refused, each for its own reason."""

from __future__ import annotations

from typing import Any

from gutschein.demo.client import Client, Unexpected, fixed_id
from gutschein.demo.furnish import DemoRegion, Till
from gutschein.demo.issuing import Held, Issuer
from gutschein.demo.spending import Spender
from gutschein.demo.tally import Tally

_NO_VOUCHER = "0000-0000-0000-0000-0"
_TYPO = "0000-0000-0000-0001-0"
_ABOVE_EVERYTHING_CENTS = 2**53


class Refusals:
    """A till that tries what it must not be granted."""

    def __init__(self, client: Client, region: DemoRegion, tally: Tally) -> None:
        self._client, self._region, self._tally = client, region, tally
        self._count = 0

    def with_good_voucher(self, held: Held, till: Till, balance_cents: int) -> None:
        """Ask for wrong amounts, in wrong places, and with altered tokens."""
        token = held.printed.qr_text
        altered = token[:-20] + ("A" if token[-20] != "A" else "B") + token[-19:]
        abroad = self._stranger(held)
        shown = held.shown()
        for code, body in (
            ("voucher.insufficient", {**shown, "amount_cents": balance_cents + 1}),
            ("amount.invalid", {**shown, "amount_cents": 0}),
            ("amount.invalid", {**shown, "amount_cents": -100}),
            ("amount.invalid", {**shown, "amount_cents": 12.5}),
            ("amount.invalid", {**shown, "amount_cents": _ABOVE_EVERYTHING_CENTS}),
            ("token.signature", {"token": altered, "amount_cents": 100}),
            ("token.unreadable", {"token": "https://example.org/menu", "amount_cents": 100}),
            ("voucher.unknown", {"code": _NO_VOUCHER, "amount_cents": 100}),
            ("code.typo", {"code": _TYPO, "amount_cents": 100}),
        ):
            self._refused(code, body, till)
        self._refused("merchant.not_accepted", {**shown, "amount_cents": 100}, abroad)

    def with_closed_branch(self, held: Held) -> None:
        """Redeem at a branch that has just closed."""
        town = held.town
        till = town.tills[0]
        branch_id = fixed_id(self._region.run, f"{town.data.name} closing branch")
        merchant = f"towns/{town.id}/merchants/{till.merchant_id}"
        self._client.post(f"{merchant}/branches", {"id": branch_id, "name": "Räumungsverkauf"})
        self._client.post(f"{merchant}/branches/{branch_id}/close")
        closed = Till(till.town_id, till.merchant_id, branch_id)
        self._refused("branch.closed", {**held.shown(), "amount_cents": 100}, closed)

    def with_whole_voucher(self, held: Held) -> None:
        """Redeem a part of a voucher that is only used whole."""
        body = {**held.shown(), "amount_cents": 1_00}
        self._refused("voucher.whole_only", body, held.town.tills[0])

    def with_empty_voucher(self, held: Held) -> None:
        body = {**held.shown(), "amount_cents": 1}
        self._refused("voucher.empty", body, held.town.tills[0])

    def with_lapsed_voucher(self, held: Held) -> None:
        body = {**held.shown(), "amount_cents": 1_00}
        self._refused("voucher.expired", body, held.town.tills[0])

    def with_lost_voucher(self, held: Held, issuer: Issuer, spender: Spender) -> Held:
        """Block a voucher, replace it, and return what replaced it, spent in part."""
        voucher = f"towns/{held.town.id}/vouchers/{held.voucher_id}"
        till = held.town.tills[0]
        body = {**held.shown(), "amount_cents": 1_00}
        self._client.post(f"{voucher}/block", {"reason": "Verloren gemeldet"})
        self._refused("voucher.blocked", body, till)
        new_id = fixed_id(self._region.run, f"replacement {held.voucher_id}")
        self._client.post(f"{voucher}/replacement", {"id": new_id, "reason": "Ersatz nach Verlust"})
        self._refused("voucher.replaced", body, till)
        replacement = issuer.reprint(held, new_id)
        spender.redeem(replacement, till, 1_00)
        return replacement

    def with_changed_amount(self, held: Held, till: Till, spender: Spender) -> None:
        """Send a redemption's id again with another amount, and reverse elsewhere."""
        done = spender.redeem(held, till, 1_00)
        body = {"id": done["id"], **held.shown(), "amount_cents": 2_00, **till.fields}
        self._count_refusal("redemption.conflict", self._client.refused("redemptions", body))
        other = next(each for each in held.town.tills if each.merchant_id != till.merchant_id)
        reversal = {"id": fixed_id(self._region.run, "foreign reversal"), **other.fields}
        path = f"redemptions/{done['id']}/reversal"
        self._count_refusal("reversal.other_merchant", self._client.refused(path, reversal))

    def _refused(self, code: str, body: dict[str, Any], till: Till) -> None:
        self._count += 1
        redemption_id = fixed_id(self._region.run, f"refused {self._count}")
        answered = self._client.refused("redemptions", {"id": redemption_id, **body, **till.fields})
        self._count_refusal(code, answered)

    def _count_refusal(self, expected: str, answered: str) -> None:
        if answered != expected:
            raise Unexpected(f"refused as {answered} instead of {expected}")
        self._tally.refused[answered] += 1

    def _stranger(self, held: Held) -> Till:
        """Return a till of a town that does not honour the voucher."""
        home = held.town.data
        return next(
            town.tills[0]
            for name, town in self._region.towns.items()
            if name != home.name and name not in home.honoured_in
        )
