"""Nothing is written into time that is sealed already.

Revision: 0021, after 0020.

A row that is dated by a clock which was set back would look slipped in for ever. The service's
roles look up how far a chain is sealed, and no more of a block.
"""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"

#: Table, its column with the chain's id and that of the instant, kind of its chains.
SEALED = (
    ("transfer", "town_id", "booked_at", "transfer"),
    ("log_entry", "chain_id", "happened_at", "log"),
)


def upgrade() -> None:
    op.execute(
        "GRANT SELECT (chain_id, kind, number, sealed_up_to) ON history_block"
        " TO gutschein_app, gutschein_clearing, gutschein_operator, gutschein_identity"
    )
    for role in ("clearing", "operator", "identity"):
        op.execute(
            f"CREATE POLICY {role} ON history_block FOR SELECT TO gutschein_{role} USING (true)"
        )
    for table, chain, instant, kind in SEALED:
        _refuse_sealed_time(table, chain, instant, kind)


def _refuse_sealed_time(table: str, chain: str, instant: str, kind: str) -> None:
    """Once for each statement, after it: the first row of each chain decides for all."""
    op.execute(
        f"""
        CREATE FUNCTION refuse_sealed_time_of_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            late record;
        BEGIN
            SELECT added.since, last.sealed_up_to INTO late
            FROM (SELECT {chain} AS id, min({instant}) AS since FROM inserted GROUP BY {chain}) added
            CROSS JOIN LATERAL (
                SELECT sealed_up_to FROM history_block
                WHERE chain_id = added.id AND kind = '{kind}'
                ORDER BY number DESC LIMIT 1
            ) last
            WHERE added.since <= last.sealed_up_to
            LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'the clock, at %, is behind the history, sealed up to %',
                    late.since, late.sealed_up_to
                    USING ERRCODE = 'ZC001', TABLE = TG_TABLE_NAME;
            END IF;
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        f"CREATE TRIGGER refuse_sealed_time AFTER INSERT ON {table}"
        " REFERENCING NEW TABLE AS inserted"
        f" FOR EACH STATEMENT EXECUTE FUNCTION refuse_sealed_time_of_{table}()"
    )
