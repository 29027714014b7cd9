"""Every corruption the auditor is tested with, numbered."""

from __future__ import annotations

import corrupted_bank_data
import corrupted_claims
import corrupted_deposits
import corrupted_desks
import corrupted_guards
import corrupted_history
import corrupted_indexes
import corrupted_ledger
import corrupted_nettings
import corrupted_orders
import corrupted_payouts
import corrupted_redemptions
import corrupted_row_security
import corrupted_settlements
import corrupted_vouchers
from corruption import Corruption

CORRUPTIONS: tuple[Corruption, ...] = (
    *corrupted_ledger.CORRUPTIONS,
    *corrupted_vouchers.CORRUPTIONS,
    *corrupted_redemptions.CORRUPTIONS,
    *corrupted_settlements.CORRUPTIONS,
    *corrupted_payouts.CORRUPTIONS,
    *corrupted_nettings.CORRUPTIONS,
    *corrupted_guards.CORRUPTIONS,
    *corrupted_history.CORRUPTIONS,
    *corrupted_bank_data.CORRUPTIONS,
    *corrupted_row_security.CORRUPTIONS,
    *corrupted_indexes.CORRUPTIONS,
    *corrupted_claims.CORRUPTIONS,
    *corrupted_desks.CORRUPTIONS,
    *corrupted_deposits.CORRUPTIONS,
    *corrupted_orders.CORRUPTIONS,
)
