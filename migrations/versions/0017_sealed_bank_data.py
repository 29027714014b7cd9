"""Account numbers, account holders and payout files are stored sealed.

Revision: 0017, after 0016.

They are sealed under a key of their town, which only the service can open. What stands in
the database in clear cannot be sealed from here, so there must be none. Every such row
belongs to a town, and towns are the one table whose rows the owner sees under row-level
security.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

revision = "0017"
down_revision = "0016"

#: The columns that are replaced, by table.
SEALED = {
    "town": ("trust_iban", "trust_account_holder"),
    "payout_account": ("iban", "account_holder"),
    "statement": ("iban", "account_holder"),
    "payout_file": ("content",),
}

COMMENTS = {
    "town": "Towns: each the legal issuer of its own vouchers, with its own trust account, sealed.",
    "payout_account": (
        "Where a merchant is paid from an instant on, sealed; the newest begun counts."
    ),
    "statement": "Statements: what one merchant is owed for one period, and where it goes, sealed.",
    "payout_file": "The pain.001 file of a settlement, kept as it went to the bank, sealed.",
}


def upgrade() -> None:
    if op.get_bind().execute(sa.text("SELECT EXISTS (SELECT FROM town)")).scalar():
        raise CommandError(
            "this database was made before bank data were sealed and holds account numbers in"
            " clear; it cannot be brought up to date. Start with a new, empty database"
        )
    for table, names in SEALED.items():
        for name in names:
            op.drop_column(table, name)
            op.add_column(table, sa.Column(f"sealed_{name}", sa.LargeBinary(), nullable=False))
    for table, comment in COMMENTS.items():
        op.create_table_comment(table, comment)
    # What is redeemed never touches bank data.
    op.execute("ALTER POLICY clearing ON code_key USING (purpose <> 'data')")
