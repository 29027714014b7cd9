"""Close, pay and read settlements, over HTTP. Approving one is a request of its own kind."""

from __future__ import annotations

from asyncio import to_thread

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from gutschein.db.unit_of_work import Work
from gutschein.documents.statement_csv import statement_csv
from gutschein.documents.statement_pdf import statement_pdf
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import SettlementId, StatementId, TownId, new_id
from gutschein.settlement import papers, payout_repository, payouts, repository
from gutschein.settlement.closing import Period, close_period
from gutschein.settlement.payout_file import read_payout_file
from gutschein.settlement.schemas import (
    Confirmed,
    NewSettlement,
    Return,
    Settlement,
    Settlements,
    SettlementWithStatements,
)
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.towns.service import get_town
from gutschein.web.answers import answers, made_or_found
from gutschein.web.files import CSV, PDF, XML, file_answer
from gutschein.web.providers import Db, Now
from gutschein.web.request_limits import LONG_WORK
from gutschein.web.rights import Right, needs

_SETTLEMENT = "/settlements/{settlement_id:uuid}"
_STATEMENT = "/statements/{statement_id:uuid}"

Kek = NamedDependency[KeyEncryptionKey]


@post(
    "/settlements",
    responses=answers(
        "town.unknown",
        "settlement.period_invalid",
        "settlement.closed",
        "settlement.gap",
        "settlement.not_approved",
        "key.sealed",
        "bank_data.altered",
        "request.conflict",
        found=SettlementWithStatements,
    ),
    opt=needs(Right.SETTLEMENT_CLOSE) | LONG_WORK,
)
async def close_settlement(
    town_id: FromPath[TownId], data: JSONBody[NewSettlement], database: Db, kek: Kek, now: Now
) -> Response[SettlementWithStatements]:
    """Close a period: every redemption and reversal so far enters exactly one statement."""
    settlement_id = SettlementId(data.id or new_id())
    period = Period(settlement_id, data.period_from, data.period_to)
    async with database.unit_of_work() as work:
        made = await close_period(work, town_id, period, kek, now)
        settlement = await _settlement(work, town_id, settlement_id)
    location = f"/api/v1/towns/{town_id}/settlements/{settlement_id}"
    return made_or_found(settlement, location, made=made)


@get("/settlements", responses=answers("town.unknown"), opt=needs(Right.SETTLEMENT_READ))
async def list_settlements(town_id: FromPath[TownId], database: Db) -> Settlements:
    """List a town's settlements, the newest first."""
    async with database.reading() as work:
        await get_town(work, town_id)
        rows = await repository.settlements_of(work, town_id)
    return Settlements(settlements=[Settlement.of(row) for row in rows])


@get(_SETTLEMENT, responses=answers("settlement.unknown"), opt=needs(Right.SETTLEMENT_READ))
async def get_settlement(
    town_id: FromPath[TownId], settlement_id: FromPath[SettlementId], database: Db
) -> SettlementWithStatements:
    """Return a settlement with its statements."""
    async with database.reading() as work:
        return await _settlement(work, town_id, settlement_id)


@get(
    _SETTLEMENT + "/payout-file",
    media_type=XML,
    responses=answers("settlement.unknown", "settlement.state", "key.sealed", "bank_data.altered"),
    opt=needs(Right.PAYOUT_FILE) | LONG_WORK,
)
async def get_payout_file(
    town_id: FromPath[TownId], settlement_id: FromPath[SettlementId], database: Db, kek: Kek
) -> Response[bytes]:
    """Return the payout file for the bank, pain.001.001.09, always the same.

    `settlement.state` when the settlement is not approved, or nothing is paid out.
    """
    async with database.reading() as work:
        if await repository.find_settlement(work, town_id, settlement_id) is None:
            raise Refusal("settlement.unknown")
        file = await read_payout_file(work, town_id, settlement_id, kek)
    if file is None:
        raise Refusal("settlement.state")
    return file_answer(file.content, XML, file.name)


@post(
    _SETTLEMENT + "/payouts/confirmation",
    status_code=200,
    responses=answers("settlement.unknown", "settlement.state"),
    opt=needs(Right.PAYOUT_BOOK),
)
async def confirm_payouts(
    town_id: FromPath[TownId], settlement_id: FromPath[SettlementId], database: Db, now: Now
) -> Confirmed:
    """Book all payouts of a settlement as paid that the bank has not returned."""
    async with database.unit_of_work() as work:
        count = await payouts.confirm_payouts(work, town_id, settlement_id, now)
    return Confirmed(confirmed_count=count)


@post(
    _STATEMENT + "/payout/confirmation",
    status_code=204,
    responses=answers("payout.unknown", "payout.state"),
    opt=needs(Right.PAYOUT_BOOK),
)
async def confirm_payout(
    town_id: FromPath[TownId], statement_id: FromPath[StatementId], database: Db, now: Now
) -> None:
    """Book one payout as paid."""
    async with database.unit_of_work() as work:
        await payouts.confirm_payout(work, town_id, statement_id, now)


@post(
    _STATEMENT + "/payout/return",
    status_code=204,
    responses=answers("payout.unknown", "payout.state"),
    opt=needs(Right.PAYOUT_BOOK),
)
async def return_payout(
    town_id: FromPath[TownId],
    statement_id: FromPath[StatementId],
    data: JSONBody[Return],
    database: Db,
    now: Now,
) -> None:
    """Book a payout that the bank sent back; it enters the merchant's next statement."""
    async with database.unit_of_work() as work:
        await payouts.return_payout(work, town_id, statement_id, data.reason, now)


@get(
    _STATEMENT + "/document",
    media_type=PDF,
    responses=answers("statement.unknown", "key.sealed", "bank_data.altered"),
    opt=needs(Right.SETTLEMENT_READ),
)
async def print_statement(
    town_id: FromPath[TownId], statement_id: FromPath[StatementId], database: Db, kek: Kek
) -> Response[bytes]:
    """Return a statement as a letter."""
    async with database.reading() as work:
        sheet = await papers.statement_sheet(work, town_id, statement_id, kek)
    pdf = await to_thread(statement_pdf, sheet)
    return file_answer(pdf, PDF, f"abrechnung-{sheet.statement_number}.pdf")


@get(
    _STATEMENT + "/entries",
    media_type=CSV,
    responses=answers("statement.unknown"),
    opt=needs(Right.SETTLEMENT_READ),
)
async def list_entries(
    town_id: FromPath[TownId], statement_id: FromPath[StatementId], database: Db
) -> Response[bytes]:
    """Return everything that entered a statement, as CSV for a spreadsheet."""
    async with database.reading() as work:
        number, entries = await papers.statement_entries(work, town_id, statement_id)
    return file_answer(statement_csv(entries), CSV, f"abrechnung-{number}.csv")


async def _settlement(
    work: Work, town_id: TownId, settlement_id: SettlementId
) -> SettlementWithStatements:
    row = await repository.find_settlement(work, town_id, settlement_id)
    if row is None:
        raise Refusal("settlement.unknown")
    statements = await repository.statements_of(work, town_id, settlement_id)
    states = await payout_repository.payout_states(work, town_id, settlement_id)
    return SettlementWithStatements.with_statements(row, statements, states)


router = Router(
    "/api/v1/towns/{town_id:uuid}",
    route_handlers=[
        close_settlement,
        list_settlements,
        get_settlement,
        get_payout_file,
        confirm_payouts,
        confirm_payout,
        return_payout,
        print_statement,
        list_entries,
    ],
    tags=["Settlement"],
)
