"""What the rows of the database say, in the words of the model."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import text
from steps import NAMES, Statement, Voucher

from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import StatementId, VoucherId

_ACCOUNTS = text(
    """
    SELECT a.town_id, a.kind, a.owner_id, v.serial, a.guarded, a.balance_cents,
           COALESCE(sum(m.cents), 0)::bigint AS cents
    FROM ledger_account a
    LEFT JOIN (
        SELECT town_id, credit_account_id AS id, amount_cents AS cents FROM transfer
        UNION ALL
        SELECT town_id, debit_account_id, -amount_cents FROM transfer
    ) m USING (town_id, id)
    LEFT JOIN voucher v ON v.town_id = a.town_id AND v.id = a.id
    GROUP BY a.town_id, a.id, v.serial
    """
)
_VOUCHERS = text("SELECT town_id, serial, id, state, kid, valid_until FROM voucher")
_REDEMPTIONS = text(
    """
    SELECT r.town_id, r.id, r.branch_id, r.sale_id, v.town_id AS issuer, v.serial,
           r.amount_cents, r.balance_after_cents
    FROM redemption r JOIN voucher v ON v.town_id = r.issuing_town_id AND v.id = r.voucher_id
    """
)
_REVERSALS = text(
    """
    SELECT r.town_id, r.id, r.redemption_id, r.branch_id, v.town_id AS issuer, v.serial,
           r.amount_cents, r.balance_after_cents
    FROM reversal r JOIN voucher v ON v.id = r.credited_voucher_id
    """
)
_STATEMENTS = text(
    """
    SELECT s.*, p.amount_cents AS paid_cents,
           ARRAY(SELECT kind FROM payout_event e
                 WHERE e.town_id = s.town_id AND e.statement_id = s.id) AS said
    FROM statement s LEFT JOIN payout p ON p.town_id = s.town_id AND p.statement_id = s.id
    """
)
_NETTINGS = text("SELECT * FROM netting_payment")
_KEYS = text("SELECT kid, not_before, sign_until, revoked_at FROM signing_key")
_ACCEPTANCES = text("SELECT town_id, valid_from, valid_until FROM acceptance")
_SETTLEMENTS = text("SELECT town_id, id, period_from, period_to, state FROM settlement")

_AMOUNTS = (
    "redeemed", "reversed", "returned", "fee", "vat", "carried_in", "payout", "carried_out",
)  # fmt: skip


async def state_of(
    work: Work, keys: dict[bytes, str]
) -> tuple[dict[str, dict[Any, Any]], dict[Voucher, VoucherId], dict[Statement, StatementId]]:
    """Return what there is as the model says it, and the ids that were not made from names.

    :param keys: the names of keys by ``kid``.
    """
    vouchers = (await work.execute(_VOUCHERS)).all()
    statements = {
        (NAMES[row.town_id], NAMES[row.settlement_id], NAMES[row.merchant_id]): row
        for row in await work.execute(_STATEMENTS)
    }
    state = {
        "accounts": await _accounts(work),
        "vouchers": {
            (NAMES[row.town_id], row.serial): (row.state, keys[row.kid], row.valid_until)
            for row in vouchers
        },
        "redemptions": {
            (NAMES[row.town_id], NAMES[row.id]): (
                NAMES[row.branch_id],
                row.sale_id and NAMES[row.sale_id],
                (NAMES[row.issuer], row.serial),
                row.amount_cents,
                row.balance_after_cents,
            )
            for row in await work.execute(_REDEMPTIONS)
        },
        "reversals": {
            (NAMES[row.town_id], NAMES[row.redemption_id]): (
                NAMES[row.id],
                NAMES[row.branch_id],
                (NAMES[row.issuer], row.serial),
                row.amount_cents,
                row.balance_after_cents,
            )
            for row in await work.execute(_REVERSALS)
        },
        "statements": {
            key: {name: getattr(row, f"{name}_cents") for name in _AMOUNTS}
            for key, row in statements.items()
        },
        "payouts": {
            key: set(row.said) for key, row in statements.items() if row.paid_cents is not None
        },
        "keys": {
            keys[row.kid]: (row.not_before, row.sign_until, row.revoked_at)
            for row in await work.execute(_KEYS)
        },
        "honoured": {
            (NAMES[row.town_id], row.valid_from): row.valid_until or date.max
            for row in await work.execute(_ACCEPTANCES)
        },
        "settlements": {
            (NAMES[row.town_id], NAMES[row.id]): (
                row.period_from,
                row.period_to,
                row.state == "approved",
            )
            for row in await work.execute(_SETTLEMENTS)
        },
        "nettings": {
            NAMES[row.netting_id]: (
                NAMES[row.payer_town_id],
                NAMES[row.payee_town_id],
                row.amount_cents,
                row.paid_at is not None,
            )
            for row in await work.execute(_NETTINGS)
        },
    }
    return (
        state,
        {(NAMES[row.town_id], row.serial): VoucherId(row.id) for row in vouchers},
        {key: StatementId(row.id) for key, row in statements.items()},
    )


async def _accounts(work: Work) -> dict[Any, Any]:
    """Return the balances by the transfers; a guarded account must say the same of itself."""
    accounts: dict[Any, Any] = {}
    for row in await work.execute(_ACCOUNTS):
        owner = row.serial or (row.owner_id and NAMES[row.owner_id])
        if row.guarded:
            assert row.balance_cents == row.cents >= 0, row
        if row.cents:
            accounts[NAMES[row.town_id], row.kind, owner] = row.cents
    return accounts
