"""The whole job over HTTP: from the payment in the till to an auditor who agrees."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from gutschein.demo.crew import Crew
from gutschein.demo.furnish import furnish
from gutschein.demo.issuing import Issuer
from gutschein.demo.refusals import Refusals
from gutschein.demo.settling import Settler
from gutschein.demo.spending import Spender
from gutschein.demo.tally import Tally
from gutschein.kernel.clock import BERLIN, berlin_day

#: What tells the person who waits how far the job is.
Say = Callable[[str], None]


def run_job(client: Crew, run: str, folder: Path, now: datetime, say: Say) -> dict[str, Any]:
    """Do everything once in a region of its own, and return the figures as JSON values.

    ``audit_ok`` and ``balanced`` say whether all of it is right.

    :param run: names the run; the same name again finds what is done and does the rest.
    :raises Unexpected: when the service answers something else than it must.
    """
    began = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    tally = Tally()
    say("Making a region with its towns, shops and programmes")
    region = furnish(
        client, run, f"Erzgebirge, Probelauf {now.astimezone(BERLIN):%d.%m.%Y %H:%M:%S}"
    )

    say("Issuing vouchers, printing them, reading them back from the paper")
    issuer = Issuer(client, region, folder, tally)
    held, lapsed = issuer.issue_all(), issuer.issue_lapsed()

    say("Redeeming them, in part and in full, at home and in partner towns")
    spender = Spender(client, region, tally)
    refusals = Refusals(client, region, tally)
    good, empty, second, lost, *rest = held
    whole = next(each for each in rest if each.whole_only)
    till = spender.till_of(good)
    refusals.with_good_voucher(good, till, good.programme.value_cents)
    refusals.with_closed_branch(good)
    refusals.with_whole_voucher(whole)
    refusals.with_lapsed_voucher(lapsed[0])
    refusals.with_changed_amount(good, till, spender)
    spender.spend_together(empty, second)
    refusals.with_empty_voucher(empty)
    replacement = refusals.with_lost_voucher(lost, issuer, spender)
    spender.spend_all([good, *rest])

    say("Letting old vouchers lapse")
    for town in region.towns.values():
        client.post(f"towns/{town.id}/expiries")
    tally.expired_cents = sum(each.programme.value_cents for each in lapsed)
    tally.open_cents = sum(
        client.get(f"towns/{each.town.id}/vouchers/{each.voucher_id}")["balance_cents"]
        for each in [*held, replacement, *lapsed]
    )

    say("Settling every town: statements, payouts, the bank's answers")
    settler = Settler(client, region, folder, tally)
    settler.settle_all(berlin_day(now))
    say("Netting the towns")
    settler.net()

    say("Auditing")
    audit = client.get("audit", town_id=[town.id for town in region.towns.values()])
    tally.compare(audit)
    faults = tally.faults()
    for fault in [*faults, *(finding["sentence"] for finding in audit["findings"])]:
        say(f"NOT RIGHT: {fault}")
    return {
        **tally.as_json(),
        "region": region.name,
        "folder": str(folder),
        "findings": len(audit["findings"]),
        "balanced": not faults,
        "audit_ok": audit["ok"],
        "seconds": round(time.monotonic() - began, 1),
    }
