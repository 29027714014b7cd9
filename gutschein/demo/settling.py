"""The job's last part: settle every town, hear from the bank, net the towns."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from gutschein.bank.pain001_reading import read_pain001, validate_pain001
from gutschein.demo.client import Unexpected, fixed_id
from gutschein.demo.crew import Crew
from gutschein.demo.furnish import DemoRegion, DemoTown
from gutschein.demo.tally import Tally


class Settler:
    """Closes the month of every town and puts the papers into a folder."""

    def __init__(self, client: Crew, region: DemoRegion, folder: Path, tally: Tally) -> None:
        self._client, self._region, self._folder, self._tally = client, region, folder, tally

    def settle_all(self, today: date) -> None:
        """Close and approve this month up to today in every town; confirm the payouts.

        The bank sends one payout back: it is owed again, and carried.
        """
        returned = False
        for town in self._region.towns.values():
            settlement = self._close(town, today)
            self._write_papers(town, settlement)
            paid = [each for each in settlement["statements"] if each["payout_cents"]]
            if not paid:
                continue
            path = f"towns/{town.id}/settlements/{settlement['id']}"
            self._write_payout_file(path, town, paid)
            if not returned:
                statement = paid[0]
                self._client.post(
                    f"towns/{town.id}/statements/{statement['id']}/payout/return",
                    {"reason": "AC04"},
                )
                self._tally.paid_out_cents -= statement["payout_cents"]
                self._tally.carried_cents += statement["payout_cents"]
                returned = True
            self._client.post(f"{path}/payouts/confirmation")

    def net(self) -> None:
        """Net the region, and pay what the netting asks for."""
        names = {town.id: name for name, town in self._region.towns.items()}
        netting_id = fixed_id(self._region.run, "netting")
        path = f"regions/{self._region.id}/nettings"
        netting = self._client.post(path, {"id": netting_id})
        for payment in netting["payments"]:
            self._client.post(f"{path}/{netting_id}/payments/{payment['id']}/confirmation")
        self._tally.netting = {
            "positions_cents": {
                names[each["town_id"]]: each["position_cents"] for each in netting["positions"]
            },
            "payments": [
                {
                    "from": names[each["payer_town_id"]],
                    "to": names[each["payee_town_id"]],
                    "amount_cents": each["amount_cents"],
                }
                for each in netting["payments"]
            ],
        }
        if sum(self._tally.netting["positions_cents"].values()):
            raise Unexpected("the net positions of the towns do not add up to zero")

    def _close(self, town: DemoTown, today: date) -> dict[str, Any]:
        settlement = self._client.post(
            f"towns/{town.id}/settlements",
            {
                "id": fixed_id(self._region.run, f"settlement {town.data.name}"),
                "period_from": today.replace(day=1).isoformat(),
                "period_to": today.isoformat(),
            },
        )
        self._client.approve(
            town.id,
            {"kind": "settlement", "settlement_id": settlement["id"]},
            fixed_id(self._region.run, f"approval {town.data.name}"),
            "Monatsabschluss",
        )
        path = f"towns/{town.id}/settlements/{settlement['id']}"
        approved: dict[str, Any] = self._client.get(path)
        for statement in approved["statements"]:
            self._tally.paid_out_cents += statement["payout_cents"]
            self._tally.fees_cents += statement["fee_cents"]
            self._tally.vat_cents += statement["vat_cents"]
            self._tally.carried_cents += statement["carried_out_cents"]
        return approved

    def _write_papers(self, town: DemoTown, settlement: dict[str, Any]) -> None:
        for statement in settlement["statements"]:
            path = f"towns/{town.id}/statements/{statement['id']}"
            for kind, ending in (("document", "pdf"), ("entries", "csv")):
                file = self._folder / f"abrechnung-{statement['number']}.{ending}"
                file.write_bytes(self._client.file(f"{path}/{kind}"))
                self._tally.statement_files.append(file)

    def _write_payout_file(self, path: str, town: DemoTown, paid: list[dict[str, Any]]) -> None:
        xml = self._client.file(f"{path}/payout-file")
        file = self._folder / f"auszahlung-{town.data.ags}.xml"
        file.write_bytes(xml)
        self._tally.pain001_files.append(file)
        if faults := validate_pain001(xml):
            raise Unexpected(f"{file.name} is not valid: {faults[0]}")
        ordered = {
            each.end_to_end_id: each.amount_cents for each in read_pain001(xml).order.transfers
        }
        if ordered != {each["number"]: each["payout_cents"] for each in paid}:
            raise Unexpected(f"{file.name} does not order what the statements pay out")
