"""The pages of a merchant's statements, with each one as a letter and as a table."""

from __future__ import annotations

from asyncio import to_thread

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from gutschein.db.unit_of_work import Work
from gutschein.devices.at_merchant import AT_MERCHANT, AnyRequest, At, merchants_with
from gutschein.documents.statement_csv import statement_csv
from gutschein.documents.statement_pdf import statement_pdf
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import StatementId
from gutschein.settlement import papers
from gutschein.settlement.statement_repository import is_of_merchant, statements_of_merchant
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.web.files import CSV, PDF, file_answer
from gutschein.web.pages import page, see_other
from gutschein.web.providers import Db, Who
from gutschein.web.rights import Right, needs

STATEMENTS_PATH = "/betrieb/{town_id:uuid}/{merchant_id:uuid}/abrechnungen"
_STATEMENT = STATEMENTS_PATH + "/{statement_id:uuid}"

Kek = NamedDependency[KeyEncryptionKey]


@get("/abrechnungen", opt=needs(Right.ACCOUNT_OWN))
async def choose_merchant(
    request: AnyRequest, database: Db, caller: Who
) -> Response[str] | Redirect:
    """Lead to the statements of the reader's merchant, or show the merchants."""
    places = [
        (name, f"/betrieb/{town_id}/{merchant_id}/abrechnungen")
        for name, town_id, merchant_id in await merchants_with(
            Right.STATEMENT_READ, database, caller
        )
    ]
    if len(places) == 1:
        return see_other(places[0][1])
    return page(request, "settlement/choose.html", places=places)


@get(STATEMENTS_PATH, opt=needs(Right.STATEMENT_READ))
async def show_statements(at: At) -> Response[str]:
    """Show a merchant's statements."""
    async with at.database.reading() as work:
        statements = await statements_of_merchant(work, at.town_id, at.merchant_id)
    return at.show("settlement/statements.html", statements=statements)


@get(_STATEMENT + "/pdf", media_type=PDF, opt=needs(Right.STATEMENT_READ))
async def show_letter(at: At, statement_id: FromPath[StatementId], kek: Kek) -> Response[bytes]:
    """Return a statement as a letter."""
    async with at.database.reading() as work:
        await _check_own(work, at, statement_id)
        sheet = await papers.statement_sheet(work, at.town_id, statement_id, kek)
    pdf = await to_thread(statement_pdf, sheet)
    return file_answer(pdf, PDF, f"abrechnung-{sheet.statement_number}.pdf")


@get(_STATEMENT + "/csv", media_type=CSV, opt=needs(Right.STATEMENT_READ))
async def show_table(at: At, statement_id: FromPath[StatementId]) -> Response[bytes]:
    """Return everything that entered a statement, for a spreadsheet."""
    async with at.database.reading() as work:
        await _check_own(work, at, statement_id)
        number, entries = await papers.statement_entries(work, at.town_id, statement_id)
    return file_answer(statement_csv(entries), CSV, f"abrechnung-{number}.csv")


async def _check_own(work: Work, at: At, statement_id: StatementId) -> None:
    """Refuse the statement of another merchant, and one that is not approved.

    :raises Refusal: ``statement.unknown``.
    """
    if not await is_of_merchant(work, at.town_id, at.merchant_id, statement_id):
        raise Refusal("statement.unknown")


router = Router(
    "/",
    route_handlers=[show_statements, show_letter, show_table],
    dependencies=AT_MERCHANT,
    include_in_schema=False,
)
choice_router = Router("/", route_handlers=[choose_merchant], include_in_schema=False)
