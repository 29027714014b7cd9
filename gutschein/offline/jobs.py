"""What runs by the clock: claims that were cut off get their end, old vouchers their tags."""

from __future__ import annotations

from datetime import datetime

from gutschein.db.access import NOTHING, Access
from gutschein.db.unit_of_work import Database
from gutschein.kernel.ids import TownId
from gutschein.offline import repository, status_repository
from gutschein.offline.rules import ATTEMPT
from gutschein.signing.keyring import code_keys
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.signing.status_list import status_tag

#: Vouchers that get their tags in one unit of work.
TAGGED_AT_ONCE = 1_000


async def offline_chores(database: Database, now: datetime, *, kek: KeyEncryptionKey) -> None:
    """Do both."""
    await finish_claims(database, now)
    await tag_vouchers(database, kek=kek)


async def finish_claims(database: Database, now: datetime) -> int:
    """Mark claims as accepted whose redemption took place before the service was cut off;
    return how many.
    """
    done = 0
    async with database.acting(NOTHING).reading() as work:
        town_ids = await status_repository.all_towns(work)
    for town_id in town_ids:
        async with database.acting(Access.town(town_id)).unit_of_work() as work:
            done += await repository.finish_claims(work, town_id, now, now - ATTEMPT)
    return done


async def tag_vouchers(database: Database, *, kek: KeyEncryptionKey) -> int:
    """Give their tags to vouchers that were made before there were any; return how many."""
    done = 0
    async with database.acting(NOTHING).reading() as work:
        town_ids = await status_repository.all_towns(work)
    for town_id in town_ids:
        while tagged := await _tag_some(database.acting(Access.town(town_id)), town_id, kek):
            done += tagged
    return done


async def _tag_some(database: Database, town_id: TownId, kek: KeyEncryptionKey) -> int:
    async with database.unit_of_work() as work:
        found = await status_repository.untagged(work, town_id, TAGGED_AT_ONCE)
        if not found:
            return 0
        keys = (await code_keys(work, [town_id], kek))[town_id]
        tags = {
            voucher_id: status_tag(town_id, keys.unsealed(voucher_id, sealed))
            for voucher_id, sealed in found.items()
        }
        await status_repository.set_tags(work, town_id, tags)
    return len(found)
