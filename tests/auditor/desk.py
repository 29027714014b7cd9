"""Where the books are broken, audited and mended again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from corruption import Corruption
from envelopes import opens
from sealed_history import sealed
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gutschein.auditor.audit import audit
from gutschein.auditor.findings import AuditReport

_INSERT_BLOCK = text(
    "INSERT INTO history_block (chain_id, kind, number, sealed_up_to, row_count, row_digests,"
    " previous_hash, hash, sealed_at) VALUES (:chain_id, :kind, :number, :sealed_up_to,"
    " :row_count, :row_digests, :previous_hash, :hash, :sealed_at)"
)

#: What the seals of the history rest on. Whatever leaves it alone needs no new ones.
_SEALED = ("log_entry", "transfer", "history_block")

NOW = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)


@dataclass
class Desk:
    """Where an attacker with the rights of the owner sits, and the auditor after him."""

    connection: AsyncConnection
    ids: dict[str, str]

    @asynccontextmanager
    async def breaking(
        self, *statements: str, resealed: bool = True
    ) -> AsyncIterator[AsyncConnection]:
        """Break the books, hand them to the auditor's role, and undo everything.

        :param resealed: whether the history is sealed anew over the broken books.
        """
        transaction = await self.connection.begin()
        try:
            for statement in statements:
                await self.connection.exec_driver_sql(self._with_ids(statement))
            if resealed and any(table in each for each in statements for table in _SEALED):
                await self._seal_anew()
            await self.connection.execute(text("SET LOCAL ROLE gutschein_auditor"))
            yield self.connection
        finally:
            await transaction.rollback()

    async def audit_after(self, corruption: Corruption) -> AuditReport:
        async with self.breaking(
            *corruption.statements, resealed=corruption.resealed
        ) as connection:
            return await audit(connection, now=NOW, opener=opens)

    async def _seal_anew(self) -> None:
        log, transfers = [
            (await self.connection.execute(text(f"SELECT * FROM {table}"))).mappings().all()
            for table in ("log_entry", "transfer")
        ]
        await self.connection.execute(text("DELETE FROM history_block"))
        await self.connection.execute(_INSERT_BLOCK, list(sealed(log, transfers)))

    def _with_ids(self, statement: str) -> str:
        for name, id_ in self.ids.items():
            statement = statement.replace(f"{{{name}}}", f"'{id_}'::uuid")
        return statement
