"""What several kinds of request do: ask and approve, settle, and look at what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from colleagues import Office
from stage import Stage

from gutschein.bank.pain001_reading import read_pain001
from gutschein.db.access import JOBS
from gutschein.mail.message import Mail
from tests.waiting_mails import mails_to


async def later(office: Office, now: datetime) -> None:
    """Set the clock, for which everybody signs in anew."""
    office.clock.now = now
    await office.open()


async def approved(office: Office, terms: dict[str, Any], reason: str = "Auf Wunsch") -> Any:
    """Let Adam ask and Bea approve."""
    return await office.approved(office.bea, await office.asked(office.adam, terms, reason))


async def settled(office: Office, stage: Stage, begin: str, end: str) -> dict[str, Any]:
    """Close a period and approve it; return what stands in the books."""
    closed = await stage.close(office.town, begin, end)
    await approved(office, {"kind": "settlement", "settlement_id": closed["id"]})
    found = await office.api.get(office.town.path(f"settlements/{closed['id']}"))
    return dict(found.json())


async def paid_to(office: Office, settlement: dict[str, Any]) -> list[str]:
    """The account numbers that a settlement's payout file pays to."""
    path = office.town.path(f"settlements/{settlement['id']}/payout-file")
    order = read_pain001((await office.api.get(path)).content).order
    return [each.creditor_iban for each in order.transfers]


async def told(office: Office, address: str) -> list[Mail]:
    """The mails that wait to be sent to somebody, the oldest first."""
    return await mails_to(office.database.acting(JOBS), office.app.state.service_keys, address)
