"""The month's end by the model: settled, paid, returned, netted."""

from __future__ import annotations

from collections import Counter

import steps as do
from model_books import DAY, No, Settlement
from model_tills import Tills
from steps import OTHER, day_of


def share(cents: int, basis_points: int) -> int:
    """Half a cent goes away from zero."""
    whole = (abs(cents) * basis_points + 5_000) // 10_000
    return whole if cents >= 0 else -whole


class MonthsEnd(Tills):
    def close(self, s: do.Close) -> None:
        town = self.settlements[s.town]
        if same := [each for each in town if each.name == s.settlement]:
            if (same[0].begin, same[0].end) != (s.begin, s.end):
                raise No("request.conflict")
            return
        if s.end < s.begin or s.end > day_of(s.now):
            raise No("settlement.period_invalid")
        if town and s.begin != town[-1].end + DAY:
            raise No("settlement.closed" if s.begin <= town[-1].end else "settlement.gap")
        if town and not town[-1].approved:
            raise No("settlement.not_approved")
        town.append(Settlement(s.settlement, s.begin, s.end))
        vat = [rate for begin, rate in do.VAT_RATES if begin <= s.end][-1]
        for merchant in (each for each in do.MERCHANTS if each[0] == s.town):
            self.state_account(s, merchant, vat)

    def state_account(self, s: do.Close, merchant: str, vat: int) -> None:
        mine = [entry for entry in self.entries if entry[0] == merchant and entry[1] <= s.end]
        self.entries = [entry for entry in self.entries if entry not in mine]
        lines: Counter[str] = Counter()
        for _, _, line, cents in mine:
            if line:
                lines[line] += cents
        fees = [share(cents, do.FEES[line.split()[1]]) for line, cents in lines.items()]
        before = [each for key, each in self.statements.items() if key[2] == merchant]
        given = {
            "redeemed": sum(c for *_, line, c in mine if line and c > 0),
            "reversed": sum(-c for *_, line, c in mine if line and c < 0),
            "returned": sum(c for *_, line, c in mine if not line),
            "fee": sum(fees),
            "vat": sum(share(fee, vat) for fee in fees),
            "carried_in": before[-1]["carried_out"] if before else 0,
        }
        due = given["redeemed"] - given["reversed"] + given["returned"] + given["carried_in"]
        due -= given["fee"] + given["vat"]
        paid = due if due > 0 and due >= do.MINIMUM_PAYOUT_CENTS[s.town] else 0
        if mine or given["carried_in"]:
            statement = given | {"payout": paid, "carried_out": due - paid}
            self.statements[s.town, s.settlement, merchant] = statement

    def approve(self, s: do.Approve) -> None:
        [settlement] = [each for each in self.settlements[s.town] if each.name == s.settlement]
        if settlement.approved:
            return
        settlement.approved = True
        for key, statement in self.statements.items():
            if key[:2] == (s.town, s.settlement):
                for part, account in (
                    ("payout", "payout_in_transit"), ("fee", "fee_income"), ("vat", "vat_payable"),
                ):  # fmt: skip
                    payable = ("merchant_payable", key[2])
                    self.move(s.town, payable, (account, None), statement[part])
                if statement["payout"]:
                    self.payouts[key] = {}

    def confirmall(self, s: do.ConfirmAll) -> int:
        [settlement] = [each for each in self.settlements[s.town] if each.name == s.settlement]
        if not settlement.approved:
            raise No("settlement.state")
        mine = [key for key in self.payouts if key[:2] == (s.town, s.settlement)]
        open_ones = [key for key in mine if not self.payouts[key]]
        for key in open_ones:
            self.confirm(do.Confirm(now=s.now, statement=key))
        return len(open_ones)

    def confirm(self, s: do.Confirm) -> None:
        if s.statement not in self.payouts:
            raise No("payout.unknown")
        said = self.payouts[s.statement]
        if "returned" in said:
            raise No("payout.state")
        if not said:
            said["confirmed"] = ""
            paid, town = self.statements[s.statement]["payout"], s.statement[0]
            self.move(town, ("payout_in_transit", None), ("trust_bank", None), paid)

    def sendback(self, s: do.SendBack) -> None:
        if s.statement not in self.payouts:
            raise No("payout.unknown")
        said = self.payouts[s.statement]
        if "returned" in said:
            if said["returned"] != s.reason:
                raise No("payout.state")
            return
        held = "trust_bank" if said else "payout_in_transit"
        said["returned"] = s.reason
        paid, (town, _, merchant) = self.statements[s.statement]["payout"], s.statement
        self.move(town, (held, None), ("merchant_payable", merchant), paid)
        self.entries.append((merchant, day_of(s.now), None, paid))

    def net(self, s: do.Net) -> None:
        if s.netting in self.nettings:
            return
        asked = sum(
            cents if payer == "Z" else -cents
            for payer, _, cents, paid in self.nettings.values()
            if not paid
        )
        owed = self.accounts["Z", "clearing", "S"] - asked
        if not owed:
            raise No("netting.nothing")
        payer = "Z" if owed > 0 else "S"
        self.nettings[s.netting] = [payer, OTHER[payer], abs(owed), False]

    def paynetting(self, s: do.PayNetting) -> None:
        payer, payee, cents, paid = self.nettings[s.netting]
        if not paid:
            self.nettings[s.netting][3] = True
            self.move(payer, ("clearing", payee), ("trust_bank", None), cents)
            self.move(payee, ("trust_bank", None), ("clearing", payer), cents)
