"""Where the books are broken, audited and mended again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from corruption import Corruption
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gutschein.auditor.audit import audit
from gutschein.auditor.findings import AuditReport

NOW = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)


@dataclass
class Desk:
    """Where an attacker with the rights of the owner sits, and the auditor after him."""

    connection: AsyncConnection
    ids: dict[str, str]

    @asynccontextmanager
    async def breaking(self, *statements: str) -> AsyncIterator[AsyncConnection]:
        """Break the books, hand them to the auditor's role, and undo everything."""
        transaction = await self.connection.begin()
        try:
            for statement in statements:
                await self.connection.exec_driver_sql(self._with_ids(statement))
            await self.connection.execute(text("SET LOCAL ROLE gutschein_auditor"))
            yield self.connection
        finally:
            await transaction.rollback()

    async def audit_after(self, corruption: Corruption) -> AuditReport:
        async with self.breaking(*corruption.statements) as connection:
            return await audit(connection, now=NOW)

    def _with_ids(self, statement: str) -> str:
        for name, id_ in self.ids.items():
            statement = statement.replace(f"{{{name}}}", f"'{id_}'::uuid")
        return statement
