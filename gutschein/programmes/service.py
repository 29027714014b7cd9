"""Use cases of programmes."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import asdict, replace

from gutschein.db.unit_of_work import Work
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import ProgrammeId, TownId, new_id
from gutschein.programmes import repository
from gutschein.programmes.rules import STATUTORY_YEARS, Terms, check_terms
from gutschein.programmes.schemas import NewProgramme, Programme
from gutschein.towns.service import get_town

_LEAST_CENTS = 100


async def create_programme(
    work: Work, town_id: TownId, new: NewProgramme, now: datetime
) -> tuple[Programme, bool]:
    """Offer a programme, and tell whether this call made it.

    :raises Refusal: ``town.unknown``, ``programme.rule_invalid``, ``request.conflict``.
    """
    await get_town(work, town_id)
    wanted = _completed(new, town_id, now)
    check_terms(terms_of(wanted), berlin_day(now))
    if await repository.insert_programme(work, wanted):
        return wanted, True
    found = await get_programme(work, town_id, ProgrammeId(wanted.id))
    if replace(found, created_at=now) != wanted:
        raise Refusal("request.conflict")
    return found, False


async def get_programme(work: Work, town_id: TownId, programme_id: ProgrammeId) -> Programme:
    """Return a programme of a town.

    :raises Refusal: ``town.unknown``, ``programme.unknown``.
    """
    await get_town(work, town_id)
    found = await repository.list_programmes(work, town_id, programme_id)
    if not found:
        raise Refusal("programme.unknown")
    return found[0]


def terms_of(programme: Programme) -> Terms:
    """Return what the rules need to know of a programme."""
    fixed = programme.fixed_values_cents
    return Terms(
        fixed_values_cents=None if fixed is None else tuple(fixed),
        minimum_cents=programme.minimum_cents,
        maximum_cents=programme.maximum_cents,
        cap_cents=programme.cap_cents,
        validity=programme.validity,
        validity_count=programme.validity_count,
        validity_day=programme.validity_day,
        payer=programme.payer,
        pin_from_cents=programme.pin_from_cents,
    )


def _completed(new: NewProgramme, town_id: TownId, now: datetime) -> Programme:
    """Fill in what was left out: bounds, and the three years that are usual."""
    fixed = None if new.fixed_values_cents is None else sorted(new.fixed_values_cents)
    lowest, highest = (fixed[0], fixed[-1]) if fixed else (_LEAST_CENTS, new.cap_cents)
    count = new.validity_count
    if count is None and new.validity == "end_of_year":
        count = STATUTORY_YEARS
    return Programme(
        **asdict(new)
        | {
            "id": new.id or new_id(),
            "town_id": town_id,
            "fixed_values_cents": fixed,
            "minimum_cents": lowest if new.minimum_cents is None else new.minimum_cents,
            "maximum_cents": highest if new.maximum_cents is None else new.maximum_cents,
            "validity_count": count,
            "created_at": now,
        }
    )
