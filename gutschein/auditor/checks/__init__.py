"""Every check, in the order of its number. ``docs/reference/audit.md`` lists them for people."""

from __future__ import annotations

from gutschein.auditor.check import Check
from gutschein.auditor.checks import (
    accounts,
    bank_data,
    claims,
    counter,
    coverage,
    entries,
    guards,
    history,
    netting,
    payments,
    payout_files,
    payouts,
    redemptions,
    references,
    reversals,
    row_security,
    settlements,
    statement_accounts,
    statements,
    transfers,
    voucher_life,
    vouchers,
)

CHECKS: tuple[Check, ...] = (
    *accounts.CHECKS,
    *transfers.CHECKS,
    *references.CHECKS,
    *payments.CHECKS,
    *vouchers.CHECKS,
    *voucher_life.CHECKS,
    *redemptions.CHECKS,
    *reversals.CHECKS,
    *entries.CHECKS,
    *statements.CHECKS,
    *statement_accounts.CHECKS,
    *settlements.CHECKS,
    *payouts.CHECKS,
    *payout_files.CHECKS,
    *netting.CHECKS,
    *coverage.CHECKS,
    *guards.CHECKS,
    *history.CHECKS,
    *bank_data.CHECKS,
    *row_security.CHECKS,
    *counter.CHECKS,
    *claims.CHECKS,
)
