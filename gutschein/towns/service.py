"""Use cases of regions and towns.

What is made under an id is made once: the same id with the same data finds it, with
other data it is refused. Each function that makes something returns it, and whether this
call made it.
"""

from __future__ import annotations

from datetime import date, datetime

from msgspec.structs import asdict, replace

from gutschein.bank.iban import parse_iban
from gutschein.bank.sepa_text import sepa_text
from gutschein.db.access import NOTHING
from gutschein.db.unit_of_work import Database, Work
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import RegionId, TownId, new_id
from gutschein.ledger.chart import TOWN_KINDS, AccountKind
from gutschein.ledger.entries import Account
from gutschein.ledger.posting import open_accounts
from gutschein.signing.data_keys import town_data_keys
from gutschein.signing.keyring import create_town_keys
from gutschein.signing.sealing import DataKey, KeyEncryptionKey
from gutschein.towns import repository, rules
from gutschein.towns.schemas import (
    Acceptance,
    NewAcceptance,
    NewRegion,
    NewTown,
    Region,
    Town,
    TownSummary,
    VatRate,
)
from gutschein.web.caller import Caller


async def create_region(work: Work, new: NewRegion, now: datetime) -> tuple[Region, bool]:
    """Make a region.

    :raises Refusal: ``request.conflict``.
    """
    wanted = Region(id=new.id or new_id(), name=new.name, created_at=now)
    if await repository.insert_region(work, wanted):
        return wanted, True
    found = await get_region(work, RegionId(wanted.id))
    if replace(found, created_at=now) != wanted:
        raise Refusal("request.conflict")
    return found, False


async def get_region(work: Work, region_id: RegionId) -> Region:
    """Return a region.

    :raises Refusal: ``region.unknown``.
    """
    found = await repository.find_region(work, region_id)
    if found is None:
        raise Refusal("region.unknown")
    return found


async def regions_of(work: Work, caller: Caller) -> list[Region]:
    """Return the regions that somebody belongs to, by a role in them or in one of their towns."""
    operated = {grant.region_id for grant in caller.grants if grant.region_id}
    of_towns = {grant.town_id for grant in caller.grants if grant.town_id}
    return await repository.list_regions(work, operated, of_towns)


async def town_ids_of(work: Work, caller: Caller) -> frozenset[TownId]:
    """Return the towns that somebody has a role in, and those of the regions they operate."""
    own = frozenset(grant.town_id for grant in caller.grants if grant.town_id)
    operated = [grant.region_id for grant in caller.grants if grant.region_id]
    return own.union(*[await repository.town_ids(work, region_id) for region_id in operated])


async def towns_of_region(database: Database, region_id: RegionId) -> frozenset[TownId]:
    """Return the towns that an operator of the region acts for."""
    async with database.acting(NOTHING).reading() as work:
        return await repository.town_ids(work, region_id)


async def create_town(
    work: Work,
    region_id: RegionId,
    town_id: TownId,
    new: NewTown,
    *,
    kek: KeyEncryptionKey,
    now: datetime,
) -> tuple[Town, bool]:
    """Make a town with its accounts and keys.

    :raises Refusal: ``region.unknown``, ``town.ags_invalid``, ``town.ags_taken``,
        ``iban.invalid``, ``sepa_text.empty`` for an account holder no bank can read,
        ``request.conflict``.
    """
    await get_region(work, region_id)
    if not rules.is_ags(new.ags):
        raise Refusal("town.ags_invalid")
    sepa_text(new.trust_account_holder, max_length=70)
    wanted = Town(
        **asdict(new)
        | {
            "id": town_id,
            "region_id": region_id,
            "trust_iban": parse_iban(new.trust_iban),
            "created_at": now,
        }
    )
    data_key = DataKey.new(town_id)
    if await repository.insert_town(work, wanted, data_key):
        await open_accounts(work, [Account(town_id, kind) for kind in TOWN_KINDS], now)
        await create_town_keys(work, data_key, kek, now)
        return wanted, True
    if await repository.find_town(work, town_id) is None:
        raise Refusal("town.ags_taken")
    found = await town_with_account(work, town_id, kek)
    if replace(found, created_at=now) != wanted:
        raise Refusal("request.conflict")
    return found, False


async def get_town(work: Work, town_id: TownId) -> TownSummary:
    """Return a town.

    :raises Refusal: ``town.unknown``.
    """
    found = await repository.find_town(work, town_id)
    if found is None:
        raise Refusal("town.unknown")
    return found


async def town_with_account(work: Work, town_id: TownId, kek: KeyEncryptionKey) -> Town:
    """Return a town with its trust account, opened.

    :raises Refusal: ``town.unknown``, ``key.sealed``, ``bank_data.altered``.
    """
    summary = await get_town(work, town_id)
    account = await repository.trust_account(work, await town_data_keys(work, town_id, kek))
    return Town(**asdict(summary) | account)


async def set_vat_rate(work: Work, town_id: TownId, new: VatRate) -> tuple[VatRate, bool]:
    """Let a VAT rate begin on a day. What was settled before keeps the rate it had.

    :raises Refusal: ``town.unknown``; ``request.conflict`` when another begins that day.
    """
    await get_town(work, town_id)
    if await repository.insert_vat_rate(work, town_id, new):
        return new, True
    if new not in await repository.list_vat_rates(work, town_id):
        raise Refusal("request.conflict")
    return new, False


async def agree_acceptance(
    work: Work, town_id: TownId, new: NewAcceptance, now: datetime
) -> tuple[Acceptance, bool]:
    """Let the merchants of another town honour this town's vouchers, and open in both
    books the account that says what the towns owe one another.

    :raises Refusal: ``town.unknown`` for either town, ``acceptance.other_region``,
        ``acceptance.overlap``.
    """
    if not await repository.lock_town(work, town_id):
        raise Refusal("town.unknown")
    accepting_town_id = TownId(new.accepting_town_id)
    town, accepting = [await get_town(work, each) for each in (town_id, accepting_town_id)]
    if town.id == accepting.id or town.region_id != accepting.region_id:
        raise Refusal("acceptance.other_region")
    for known in await repository.list_acceptances(work, town_id, accepting_town_id):
        if (known.valid_from, known.valid_until) == (new.valid_from, new.valid_until):
            return known, False
        if rules.overlap(known, new):
            raise Refusal("acceptance.overlap")
    agreed = Acceptance(town_id=town_id, agreed_at=now, **asdict(new))
    await repository.insert_acceptance(work, agreed)
    clearing = [
        Account(town_id, AccountKind.CLEARING, accepting_town_id),
        Account(accepting_town_id, AccountKind.CLEARING, town_id),
    ]
    await open_accounts(work, clearing, now)
    return agreed, True


async def end_acceptance(
    work: Work, town_id: TownId, accepting_town_id: TownId, valid_until: date, now: datetime
) -> Acceptance:
    """Give the agreement that is in force on *valid_until* this day as its last.

    :raises Refusal: ``town.unknown``, ``acceptance.unknown``, ``acceptance.past`` for a day
        before today: what was honoured then was honoured rightly.
    """
    if not await repository.lock_town(work, town_id):
        raise Refusal("town.unknown")
    today = berlin_day(now)
    if valid_until < today:
        raise Refusal("acceptance.past", date=today)
    for known in await repository.list_acceptances(work, town_id, accepting_town_id):
        if rules.covers(known, valid_until):
            await repository.set_last_day(work, known, valid_until)
            return replace(known, valid_until=valid_until)
    raise Refusal("acceptance.unknown")
