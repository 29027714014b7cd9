"""The towns' keys at the till, remembered by each worker.

A key that was read once is used again without a look into the database. What may end it, a
revocation or another master key, is asked in the transaction of the redemption itself; so
a worker that has not heard of it refuses the very next token all the same. What is *not*
known is never remembered.
"""

from __future__ import annotations

from functools import partial

from gutschein.db.access import CLEARING
from gutschein.db.unit_of_work import Database
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.kernel.recent import Recent
from gutschein.redemption import repository
from gutschein.redemption.order import Place, TownKey
from gutschein.redemption.presented import Presented
from gutschein.signing.code import parse_code
from gutschein.signing.key_trust import is_trusted, public_key_of
from gutschein.signing.keyring import code_keys
from gutschein.signing.repository import signing_keys
from gutschein.signing.sealing import CodeKeys, KeyEncryptionKey
from gutschein.signing.token import claimed_kid, signed_claims, token_from_scan
from gutschein.watch.metrics import count_cache

REMEMBERED = 4_096


class TownKeys:
    """Public keys by ``kid``, and the keys that codes are looked up with by town.

    :param room: how many of each are remembered.
    """

    def __init__(self, database: Database, kek: KeyEncryptionKey, room: int = REMEMBERED) -> None:
        self._database = database.acting(CLEARING)
        self._kek = kek
        self._public: Recent[bytes, tuple[TownKey, ...]] = Recent(
            room, partial(count_cache, "town_keys")
        )
        self._codes: Recent[TownId, CodeKeys] = Recent(room, partial(count_cache, "town"))

    async def place_of(self, presented: Presented, town_id: TownId) -> Place:
        """Return where a voucher that is held up in *town_id* can be.

        Whether the key of a token may still be believed is not asked here.

        :raises Refusal: ``token.unreadable``, ``token.signature``, ``token.key_unknown``,
            ``code.typo``, ``town.unknown``, ``key.sealed``.
        """
        if presented.token is None:
            return await self._place_of_code(parse_code(presented.code or ""), town_id)
        token = token_from_scan(presented.token)
        kid = claimed_kid(token)
        known = await self._public.get(kid, partial(self._read_public, kid)) or ()
        public, claims = signed_claims(token, [each.public for each in known])
        key = next(each for each in known if each.public is public)
        codes = await self._codes_of(public.town_id)
        if codes is None:
            raise Refusal("key.none")
        return Place(((public.town_id, codes.hashed(claims.code)),), key, (codes,))

    def forget(self, kid: bytes) -> None:
        """Read the keys that go by *kid* anew the next time."""
        count_cache("town_keys", "stale")
        self._public.forget(kid)

    async def _place_of_code(self, code: bytes, town_id: TownId) -> Place:
        async with self._database.reading() as work:
            town_ids = await repository.towns_around(work, town_id)
        if not town_ids:
            raise Refusal("town.unknown")
        found = [await self._codes_of(each) for each in town_ids]
        keys = tuple(each for each in found if each)
        return Place(tuple((each.town_id, each.hashed(code)) for each in keys), None, keys)

    async def _codes_of(self, town_id: TownId) -> CodeKeys | None:
        return await self._codes.get(town_id, partial(self._read_codes, town_id))

    async def _read_public(self, kid: bytes) -> tuple[TownKey, ...] | None:
        async with self._database.reading() as work:
            rows = await signing_keys(work, kid=kid)
        trusted = (
            TownKey(public_key_of(row), row.master_public_key) for row in rows if is_trusted(row)
        )
        return tuple(trusted) or None

    async def _read_codes(self, town_id: TownId) -> CodeKeys | None:
        async with self._database.reading() as work:
            return (await code_keys(work, [town_id], self._kek)).get(town_id)
