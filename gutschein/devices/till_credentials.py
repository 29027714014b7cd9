"""Tills whose credential is known to the worker, so that no look-up stands before their request.

Kept is only what never changes of a device or an API key: the public key, or a hash of what
proved to be the secret, and whose it is. What may change, such as a lock, is asked in the
transaction of the request itself (:class:`gutschein.web.caller.SignIn`), and so holds for the
very next one.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from gutschein.db.access import Access
from gutschein.db.unit_of_work import Database
from gutschein.devices import api_key_repository, authenticators, device_repository
from gutschein.devices.api_key_token import Token
from gutschein.devices.authenticators import Connection
from gutschein.devices.public_keys import is_signed
from gutschein.devices.rules import CLOCK_TOLERANCE, check_clock
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import BranchId, MerchantId, TownId
from gutschein.kernel.recent import Recent
from gutschein.watch.metrics import count_cache
from gutschein.web.caller import Caller, Grant, SignIn
from gutschein.web.rights import Right, Role

REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class _Device:
    algorithm: str
    public_key: bytes
    name: str
    grants: tuple[Grant]


@dataclass(frozen=True, slots=True)
class _ApiKey:
    town_id: TownId
    id: UUID
    name: str
    grants: tuple[Grant]
    rights: frozenset[Right]


class TillCredentials:
    """What a worker knows of the tills that it has seen.

    :param room: devices, and as many API keys, that are remembered.
    """

    def __init__(self, room: int = REMEMBERED) -> None:
        self._devices: Recent[tuple[TownId, UUID], _Device] = Recent(
            room, partial(count_cache, "device")
        )
        #: By the SHA-256 of the header that has proved to carry one.
        self._api_keys: Recent[bytes, _ApiKey] = Recent(room, partial(count_cache, "api_key"))

    async def api_key(
        self,
        connection: Connection,
        database: Database,
        now: datetime,  # noqa: ARG002 - as the guard calls it
    ) -> Caller | None:
        """Return the cash register whose API key a request carries.

        :raises Refusal: ``auth.required`` when there is no such key.
        """
        sent = hashlib.sha256(connection.headers.get("authorization", "").encode()).digest()

        async def load() -> _ApiKey | None:
            token = authenticators.token_sent(connection)
            return None if token is None else await _api_key(database, token)

        known = await self._api_keys.get(sent, load)
        if known is None:
            return None
        return Caller(
            "api_key",
            known.id,
            known.name,
            known.grants,
            rights=known.rights,
            sign_in=SignIn(known.town_id, api_key_id=known.id),
        )

    async def device(
        self, connection: Connection, database: Database, now: datetime
    ) -> Caller | None:
        """Return the device that signed a request; see ``docs/reference/devices.md``.

        :raises Refusal: ``device.signature``, ``device.clock``, ``device.unknown``.
        """
        if not authenticators.is_signed(connection):
            return None
        signed = await authenticators.read_signature(connection)
        town_id, device_id = authenticators.device_named(signed.key_id)
        check_clock(signed.created_at, now)
        known = await self._devices.get(
            (town_id, device_id), partial(_device, database, town_id, device_id)
        )
        if known is None:
            raise Refusal("device.unknown")
        if known.algorithm != signed.algorithm or not is_signed(
            known.public_key, signed.base, signed.signature
        ):
            raise Refusal("device.signature")
        sign_in = SignIn(
            town_id,
            device_id=device_id,
            nonce=signed.nonce,
            nonce_ends_at=signed.created_at + CLOCK_TOLERANCE,
        )
        return Caller("device", device_id, known.name, known.grants, sign_in=sign_in)


async def _device(database: Database, town_id: TownId, device_id: UUID) -> _Device | None:
    async with database.acting(Access.town(town_id)).reading() as work:
        row = await device_repository.find_device(work, town_id, device_id)
    if row is None:
        return None
    grant = Grant(
        Role.DEVICE,
        town_id=town_id,
        merchant_id=MerchantId(row.merchant_id),
        branch_id=BranchId(row.branch_id),
    )
    return _Device(row.algorithm, row.public_key, row.name, (grant,))


async def _api_key(database: Database, token: Token) -> _ApiKey:
    async with database.acting(Access.town(token.town_id)).reading() as work:
        row = await api_key_repository.find_key(work, token.town_id, token.key_id)
    if row is None or not hmac.compare_digest(row.secret_hash, token.secret_hash):
        raise Refusal("auth.required")
    merchant_id = MerchantId(row.merchant_id)
    grant = Grant(Role.REGISTER, town_id=token.town_id, merchant_id=merchant_id)
    rights = frozenset(map(Right, row.rights))
    return _ApiKey(token.town_id, token.key_id, row.name, (grant,), rights)
