"""A batch no longer waits for a voucher while it has others locked.

Revision: 0026, after 0025.

Whoever waited for one voucher held up all who wanted one of the others, and they had others
locked in their turn. So a voucher that is not free is like one that has changed: nothing is
written, and whoever wants to wait for it does so with empty hands. The order in which they are
locked does not matter any more.
"""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    # As before, the state is read once the account is locked, in a statement of its own.
    op.execute(
        """
        CREATE OR REPLACE FUNCTION lock_vouchers(changed voucher_changed[]) RETURNS void
        LANGUAGE plpgsql AS $$
        DECLARE
            free integer;
            same integer;
        BEGIN
            SELECT count(*) INTO free
            FROM (
                SELECT a.balance_cents - a.held_cents AS free_cents_now, c.free_cents
                FROM unnest(changed) c
                JOIN ledger_account a ON a.town_id = c.town_id AND a.id = c.id
                FOR NO KEY UPDATE OF a SKIP LOCKED
            ) now
            WHERE now.free_cents_now = now.free_cents;

            SELECT count(*) INTO same
            FROM unnest(changed) c
            JOIN voucher v ON v.town_id = c.town_id AND v.id = c.id
            WHERE v.state = c.state AND v.valid_until = c.valid_until;

            IF free < cardinality(changed) OR same < cardinality(changed) THEN
                RAISE EXCEPTION 'a voucher is held, or was changed meanwhile'
                    USING ERRCODE = '40001';
            END IF;
        END $$
        """
    )
