"""What ``gutschein keys`` does."""

from __future__ import annotations

from datetime import datetime

from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database
from gutschein.installation import Installation
from gutschein.kernel.clock import berlin_day, format_day
from gutschein.kernel.ids import TownId
from gutschein.signing.keyring import key_windows, rotate_signing_key
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.towns.repository import list_towns
from gutschein.towns.service import get_town


async def listed(installation: Installation) -> list[str]:
    """Return a line for each signing key of each town."""
    database = Database(create_engine(installation.database_url, pool_size=1))
    try:
        async with database.reading() as work:
            names = {town.id: town.name for town in await list_towns(work, None)}
            return [
                f"{row.kid.hex()}  {names[row.town_id]} ({row.town_id}): signs from"
                f" {_day(row.not_before)} until {_day(row.sign_until)}, verifies until"
                f" {_day(row.not_after)}"
                for row in await key_windows(work)
            ]
    finally:
        await database.close()


async def rotated(installation: Installation, town_id: TownId, now: datetime) -> str:
    """Make a new signing key for a town and return its ``kid`` in hex.

    :raises Refusal: ``town.unknown``.
    """
    kek = KeyEncryptionKey(installation.secrets.key_encryption_key)
    database = Database(create_engine(installation.database_url, pool_size=1))
    try:
        async with database.unit_of_work() as work:
            await get_town(work, town_id)
            return (await rotate_signing_key(work, town_id, kek, now)).kid.hex()
    finally:
        await database.close()


def _day(instant: datetime) -> str:
    return format_day(berlin_day(instant))
