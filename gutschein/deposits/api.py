"""Bank statements, and money that is not assigned yet, over HTTP."""

from __future__ import annotations

from asyncio import to_thread
from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from gutschein.bank.statement_file import MOST_BYTES, read_statements
from gutschein.deposits import statement_repository
from gutschein.deposits.assigning import assign
from gutschein.deposits.importing import import_statements, missing_statements
from gutschein.deposits.requests import Paid
from gutschein.deposits.schemas import (
    BankStatements,
    Imported,
    NewAssignment,
    OpenDeposits,
    PaymentRequest,
)
from gutschein.deposits.tasks import open_deposits, request_named
from gutschein.kernel.ids import TownId
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.web.answers import answers
from gutschein.web.providers import Db, Now, Who
from gutschein.web.rights import Right, needs

Kek = NamedDependency[KeyEncryptionKey]
#: What is told of payment requests that are paid.
Told = NamedDependency[Paid]

FILE_REFUSALS = (
    "bank_statement.format",
    "bank_statement.invalid",
    "bank_statement.sums",
    "bank_statement.currency",
    "bank_statement.other_account",
    "request.too_large",
    "key.sealed",
    "bank_data.altered",
)


@post(
    "/bank-statements",
    status_code=200,
    request_max_body_size=MOST_BYTES,
    responses=answers(*FILE_REFUSALS),
    opt=needs(Right.BANK_IMPORT),
)
async def import_file(
    request: Request[Any, Any, Any],
    town_id: FromPath[TownId],
    *,
    database: Db,
    kek: Kek,
    paid: Told,
    caller: Who,
    now: Now,
) -> Imported:
    """Read in bank statements: the body is a camt.053 message (version 02 or 08), or a ZIP of
    several. What was read before changes nothing, so a file can be sent again.
    """
    file = await request.body()
    statements = await to_thread(read_statements, file)
    async with database.unit_of_work() as work:
        return await import_statements(
            work, town_id, statements, by=caller.author, kek=kek, paid=paid, now=now
        )


@get("/bank-statements", opt=needs(Right.DEPOSIT_READ))
async def list_statements(town_id: FromPath[TownId], database: Db) -> BankStatements:
    """List the bank statements that were read, the newest first, and where some are missing."""
    async with database.reading() as work:
        found = await statement_repository.list_statements(work, town_id)
        return BankStatements(statements=found, gaps=await missing_statements(work, town_id))


@get(
    "/deposits",
    responses=answers("key.sealed", "bank_data.altered"),
    opt=needs(Right.DEPOSIT_READ),
)
async def list_deposits(town_id: FromPath[TownId], database: Db, kek: Kek) -> OpenDeposits:
    """List money that came in and is not assigned yet: the oldest 100."""
    async with database.reading() as work:
        return OpenDeposits(deposits=await open_deposits(work, town_id, kek))


@post(
    "/deposits/{deposit_id:uuid}/assignments",
    status_code=200,
    responses=answers(
        "deposit.unknown",
        "deposit.spent",
        "payment_request.unknown",
        "payment_request.paid",
        "payment_request.closed",
        "key.sealed",
        "bank_data.altered",
    ),
    opt=needs(Right.DEPOSIT_ASSIGN),
)
async def assign_deposit(
    town_id: FromPath[TownId],
    deposit_id: FromPath[UUID],
    data: JSONBody[NewAssignment],
    *,
    database: Db,
    kek: Kek,
    paid: Told,
    caller: Who,
    now: Now,
) -> PaymentRequest:
    """Assign what is left of a deposit to a payment request, as much as that misses; a second
    time changes nothing.
    """
    async with database.unit_of_work() as work:
        asked = await request_named(work, town_id, data.reference)
        return await assign(
            work, town_id, deposit_id, asked.id, by=caller.author, kek=kek, paid=paid, now=now
        )


router = Router(
    "/api/v1/towns/{town_id:uuid}",
    route_handlers=[import_file, list_statements, list_deposits, assign_deposit],
    tags=["Deposits"],
)
