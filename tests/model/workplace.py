"""Where the model's real towns are kept: a database, two workers' engines, printed vouchers."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import steps as do
from rows import state_of
from steps import TOWNS, Voucher, id_of
from two_towns import FIRST_KEK, town_id

from gutschein.db.access import JOBS, Access
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database, Work
from gutschein.kernel.ids import (
    BranchId,
    MerchantId,
    StatementId,
    VoucherId,
)
from gutschein.redemption.clearing import Clearing
from gutschein.redemption.rules import Shop
from gutschein.signing.code import format_code
from gutschein.signing.keyring import code_keys_of, signing_keys
from gutschein.signing.repository import signing_keys as stored_keys
from gutschein.signing.resealing import reseal_some
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.signing.token import TokenClaims, expires_at_for, sign_token, to_base32
from gutschein.vouchers import repository

WORKERS, CONNECTIONS = 2, 2


class Workplace:
    """The towns on a database of their own, and the engines of two workers on it."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._kek = KeyEncryptionKey(FIRST_KEK)
        self._earlier_keks = [FIRST_KEK]
        self._database = Database(create_engine(database_url, pool_size=6))
        self._engines: list[Clearing] = []
        self._ids: dict[Voucher, VoucherId] = {}
        self._papers: dict[tuple[Voucher, str | None], str] = {}
        self._kids: dict[bytes, str] = {}
        self._cards: dict[do.Statement, StatementId] = {}
        self.tried_again: Counter[str] = Counter()

    async def open(self) -> None:
        self._engines = [await self._engine() for _ in range(WORKERS)]
        async with self._all_towns() as work:
            for row in await stored_keys(work):
                self._kids[row.kid] = f"{do.NAMES[row.town_id]} key"

    async def close(self) -> None:
        for engine in self._engines:
            await engine.close()
        await self._database.close()

    @property
    def kek(self) -> KeyEncryptionKey:
        return self._kek

    async def state(self) -> dict[str, dict[Any, Any]]:
        """Read what can be compared, and print the vouchers that are new or have a new key."""
        async with self._all_towns() as work:
            state, self._ids, self._cards = await state_of(work, self._kids)
            missing: dict[str, dict[Voucher, str]] = {town: {} for town in TOWNS}
            for voucher, (_, key, _) in state["vouchers"].items():
                if (voucher, key) not in self._papers:
                    missing[voucher[0]][voucher] = key
            for town, vouchers in missing.items():
                await self._print(work, town, vouchers)
        return state

    async def change_kek(self, name: str) -> None:
        """Restart the workers with a new key-encryption key."""
        key = hashlib.sha256(name.encode()).digest()
        self._kek = KeyEncryptionKey(key, self._earlier_keks)
        self._earlier_keks = [key, *self._earlier_keks]
        for worker in range(WORKERS):
            await self.restart(worker)

    async def reseal(self, limit: int) -> None:
        async with self._database.acting(JOBS).unit_of_work() as work:
            await reseal_some(work, self._kek, limit)

    async def restart(self, worker: int) -> None:
        """Let a worker forget all that it remembers."""
        await self._engines[worker].close()
        self._engines[worker] = await self._engine()

    async def _engine(self) -> Clearing:
        return await Clearing.open(self._database, self._url, self._kek, connections=CONNECTIONS)

    @asynccontextmanager
    async def _all_towns(self) -> AsyncIterator[Work]:
        everything = Access("gutschein_tests")  # type: ignore[arg-type]
        async with self._database.acting(everything).reading() as work:
            yield work

    @asynccontextmanager
    async def _town(self, *towns: str) -> AsyncIterator[Work]:
        access = Access.town(*map(town_id, towns))
        async with self._database.acting(access).unit_of_work() as work:
            yield work

    @asynccontextmanager
    async def _region(self) -> AsyncIterator[Work]:
        access = Access.operator(map(town_id, TOWNS))
        async with self._database.acting(access).unit_of_work() as work:
            yield work

    async def _print(self, work: Work, town: str, vouchers: dict[Voucher, str]) -> None:
        if not vouchers:
            return
        codes = await code_keys_of(work, town_id(town), self._kek)
        good = {row.kid for row in await stored_keys(work) if row.revoked_at is None}
        keys = await signing_keys(work, town_id(town), self._kek, good)
        for voucher, key_name in vouchers.items():
            [row] = await repository.list_vouchers(
                work, town_id(town), voucher_id=self._ids[voucher]
            )
            code = codes.unsealed(row.id, row.sealed_code)
            self._papers[voucher, None] = format_code(code)
            if row.kid in good:
                claims = TokenClaims(code, row.face_value_cents, expires_at_for(row.valid_until))
                token = sign_token(claims, row.kid, keys[row.kid].private_key)
                self._papers[voucher, key_name] = to_base32(token)

    def keys_of(self, voucher: Voucher) -> list[str | None]:
        """Return the keys whose tokens are printed on a voucher; ``None`` stands for its code."""
        return [key for of, key in self._papers if of == voucher]

    def _kid(self, key: str) -> bytes:
        return next(kid for kid, name in self._kids.items() if name == key)

    def _shop(self, branch: str) -> Shop:
        return Shop(town_id(branch[0]), MerchantId(id_of(branch[:2])), BranchId(id_of(branch)))
