"""What a town allows its shops without a net: told, and set anew."""

from __future__ import annotations

from datetime import datetime

from gutschein.db.unit_of_work import Work
from gutschein.devices.till_schemas import OfflineLimits
from gutschein.history.log import Entry, record
from gutschein.kernel.author import Author
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.kernel.money import format_euro
from gutschein.offline import terms_repository as repository
from gutschein.offline.rules import Terms
from gutschein.towns.repository import lock_town

#: How many a town's list shows.
MOST_SHOWN = 100

_BEARERS = {"merchant": "der Laden", "town": "die Stadt"}


async def terms_in_force(work: Work, town_id: TownId, now: datetime) -> Terms | None:
    """Return what a town's shops may take without a net now; ``None`` where nothing."""
    found = await repository.list_terms(work, town_id, now, 1)
    return found[0] if found and found[0].enabled else None


async def offline_limits(work: Work, town_id: TownId, now: datetime) -> OfflineLimits | None:
    """Return the same for a device of one of the town's shops."""
    terms = await terms_in_force(work, town_id, now)
    if terms is None:
        return None
    return OfflineLimits(
        voucher_cents=terms.voucher_cents,
        device_cents=terms.device_cents,
        outage_minutes=terms.outage_minutes,
        bearer=terms.bearer,
    )


async def set_terms(work: Work, town_id: TownId, new: Terms, by: Author) -> tuple[Terms, bool]:
    """Let terms begin, unless they are in force already; tell which, and whether they began.

    A device keeps to those that were in force when it last asked.

    :raises Refusal: ``town.unknown``; ``request.conflict`` when others begin at this instant.
    """
    if not await lock_town(work, town_id):
        raise Refusal("town.unknown")
    found = await repository.list_terms(work, town_id, new.begins_at, 1)
    before = found[0] if found else None
    if before is not None and _said(before) == _said(new):
        return before, False
    if before is not None and before.begins_at == new.begins_at:
        raise Refusal("request.conflict")
    await repository.insert_terms(work, town_id, new)
    await record(
        work,
        town_id,
        Entry(
            "offline_terms.set",
            by,
            "Annahme ohne Netz",
            before=None if before is None else _said(before),
            after=_said(new),
            at=new.begins_at,
        ),
    )
    return new, True


def _said(terms: Terms) -> str:
    """Say terms in a line of the log."""
    limits = (
        f"je Gutschein {format_euro(terms.voucher_cents)},"
        f" je Gerät {format_euro(terms.device_cents)},"
        f" bis {terms.outage_minutes} Minuten nach dem letzten Kontakt;"
        f" nicht gedeckte Beträge trägt {_BEARERS[terms.bearer]}"
    )
    return f"{'erlaubt' if terms.enabled else 'aus'}: {limits}"
