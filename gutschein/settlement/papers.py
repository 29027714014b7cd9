"""What a merchant gets of its statement: the letter, and the list of its entries."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from gutschein.db.unit_of_work import Work
from gutschein.documents.statement_csv import StatementEntry
from gutschein.documents.statement_pdf import StatementLine, StatementSheet
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import StatementId, TownId
from gutschein.settlement import paper_repository as repository
from gutschein.settlement.models import STATEMENT_ACCOUNT
from gutschein.signing.data_keys import town_data_keys
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.towns.service import town_with_account


async def statement_sheet(
    work: Work, town_id: TownId, statement_id: StatementId, kek: KeyEncryptionKey
) -> StatementSheet:
    """Return a statement as it is printed.

    :raises Refusal: ``statement.unknown``, ``key.sealed``, ``bank_data.altered``.
    """
    row = await _found(work, town_id, statement_id)
    town = await town_with_account(work, town_id, kek)
    key = await town_data_keys(work, town_id, kek)
    lines = await repository.lines_of(work, town_id, statement_id)
    return StatementSheet(
        town_name=town.trust_account_holder,
        town_address=[
            f"{town.address.street} {town.address.house_number}",
            f"{town.address.postcode} {town.address.post_town}",
        ],
        merchant_name=row.merchant_name,
        merchant_address=[
            f"{row.street} {row.house_number}",
            f"{row.postcode} {row.post_town}",
        ],
        statement_number=row.number,
        period_from=row.period_from,
        period_to=row.period_to,
        lines=[
            StatementLine(
                programme_name=line.programme_name,
                issuer_town_name=line.issuing_town_name,
                redemption_count=line.redemption_count,
                redeemed_cents=line.redeemed_cents,
                reversal_count=line.reversal_count,
                reversed_cents=line.reversed_cents,
                fee_basis_points=line.fee_basis_points,
                fee_cents=line.fee_cents,
                vat_basis_points=row.vat_basis_points,
                vat_cents=line.vat_cents,
            )
            for line in lines
        ],
        carried_in_cents=row.carried_in_cents,
        returned_cents=row.returned_cents,
        due_cents=row.payout_cents + row.carried_out_cents,
        payout_cents=row.payout_cents,
        carried_out_cents=row.carried_out_cents,
        minimum_payout_cents=row.minimum_payout_cents,
        **STATEMENT_ACCOUNT.open(key, row, statement_id),
        created_at=row.closed_at,
    )


async def statement_entries(
    work: Work, town_id: TownId, statement_id: StatementId
) -> tuple[str, list[StatementEntry]]:
    """Return the number of a statement and everything that entered it.

    :raises Refusal: ``statement.unknown``.
    """
    row = await _found(work, town_id, statement_id)
    return row.number, [
        StatementEntry(
            kind=entry.kind,
            occurred_at=entry.happened_at,
            entry_id=str(entry.entry_id),
            branch_name=entry.branch_name or "",
            issuer_town_name=entry.issuing_town_name or "",
            programme_name=entry.programme_name or "",
            amount_cents=entry.amount_cents,
        )
        for entry in await repository.entries_of(work, town_id, statement_id)
    ]


async def _found(work: Work, town_id: TownId, statement_id: StatementId) -> Row[Any]:
    row = await repository.find_statement(work, town_id, statement_id)
    if row is None:
        raise Refusal("statement.unknown")
    return row
