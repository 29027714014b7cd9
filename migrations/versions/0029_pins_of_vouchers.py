"""Vouchers that are redeemed with a PIN besides.

Revision: 0029, after 0028.

Whether a voucher has one is a term of its programme; those that there are have none. What is
on a voucher never changes: no role of the service may update these columns.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.add_column("programme", sa.Column("pin_from_cents", sa.BigInteger(), nullable=True))
    op.create_check_constraint(
        op.f("ck_programme_pin_from"), "programme", "pin_from_cents BETWEEN 1 AND maximum_cents"
    )
    op.add_column("voucher", sa.Column("sealed_pin", sa.LargeBinary(), nullable=True))
    op.add_column("voucher", sa.Column("pin_hash", sa.LargeBinary(), nullable=True))
    op.create_check_constraint(
        op.f("ck_voucher_pin"),
        "voucher",
        "(sealed_pin IS NULL) = (pin_hash IS NULL) AND octet_length(pin_hash) = 32",
    )
