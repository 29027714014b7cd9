"""A town's status list: made from the books, signed, and kept for a minute.

A list is signed as of the full hour before, so that it is the same bytes on every worker and
need not be fetched again while nothing changes.
"""

from __future__ import annotations

from asyncio import Lock, to_thread
from collections import defaultdict
from datetime import UTC, datetime, timedelta

from gutschein.db.access import Access
from gutschein.db.unit_of_work import Database
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.offline import status_repository as repository
from gutschein.signing.keyring import signing_key_for
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.signing.status_list import LIFETIME, sign_status_list
from gutschein.towns.service import get_town

#: So long a worker gives the same list.
KEPT = timedelta(seconds=60)


class StatusLists:
    """The lists that a worker has made. Of one town, it makes one at a time."""

    def __init__(self, database: Database, kek: KeyEncryptionKey) -> None:
        self._database = database
        self._kek = kek
        self._made: dict[TownId, tuple[datetime, bytes]] = {}
        self._making: defaultdict[TownId, Lock] = defaultdict(Lock)

    async def of(self, town_id: TownId, now: datetime) -> bytes:
        """Return a town's list, at most a minute old.

        :raises Refusal: ``town.unknown``, ``key.none``, ``key.not_endorsed``, ``key.sealed``,
            and ``status.not_ready`` as long as a voucher that belongs in it has no tag.
        """
        if (known := self._known(town_id, now)) is not None:
            return known
        await self._check_town(town_id)
        async with self._making[town_id]:
            if (known := self._known(town_id, now)) is not None:
                return known
            content = await self._make(town_id, now)
            self._made[town_id] = now, content
        return content

    def _known(self, town_id: TownId, now: datetime) -> bytes | None:
        made_at, content = self._made.get(town_id, (now, None))
        return content if made_at <= now < made_at + KEPT else None

    async def _check_town(self, town_id: TownId) -> None:
        """See that there is such a town, before anything is kept for it."""
        async with self._database.acting(Access.town(town_id)).reading() as work:
            await get_town(work, town_id)

    async def _make(self, town_id: TownId, now: datetime) -> bytes:
        hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        async with self._database.acting(Access.town(town_id)).reading() as work:
            expires_at = hour + timedelta(seconds=LIFETIME)
            key = await signing_key_for(work, town_id, self._kek, now=now, needed_until=expires_at)
            listed = await repository.listed_tags(work, town_id, berlin_day(now))
        tags = [tag for tag in listed if tag is not None]
        if len(tags) < len(listed):
            raise Refusal("status.not_ready")
        issued_at = int(hour.timestamp())
        return await to_thread(sign_status_list, town_id, tags, issued_at, key.kid, key.private_key)
