"""The ledger's SQL. Every statement works on a whole set, however small."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from gutschein.db.locks import lock_key
from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import AccountId, TownId
from gutschein.ledger.chart import GUARDED_KINDS
from gutschein.ledger.entries import Account, GuardedBalance, NewTransfer
from gutschein.ledger.rules import AccountKey

_OPEN_ACCOUNTS = text(
    """
    INSERT INTO ledger_account
        (town_id, id, kind, owner_id, guarded, balance_cents, opened_at)
    SELECT a.town_id, a.id, a.kind, a.owner_id, a.guarded,
           CASE WHEN a.guarded THEN 0 END, CAST(:now AS timestamptz)
    FROM unnest(CAST(:town_ids AS uuid[]), CAST(:ids AS uuid[]), CAST(:kinds AS text[]),
                CAST(:owner_ids AS uuid[]), CAST(:guarded AS boolean[]))
         AS a(town_id, id, kind, owner_id, guarded)
    ORDER BY a.town_id, a.id
    ON CONFLICT DO NOTHING
    """
)

_OTHER_ACCOUNTS = text(
    """
    SELECT 1
    FROM ledger_account a
    JOIN unnest(CAST(:town_ids AS uuid[]), CAST(:ids AS uuid[]), CAST(:kinds AS text[]))
         AS k(town_id, id, kind) USING (town_id, id)
    WHERE a.kind <> k.kind
    LIMIT 1
    """
)

_JOIN_TOWNS = text(
    "SELECT pg_advisory_xact_lock_shared(k)"
    " FROM unnest(CAST(:keys AS bigint[])) WITH ORDINALITY AS t(k, n) ORDER BY n"
)

_INSERT_TRANSFERS = text(
    """
    INSERT INTO transfer (town_id, id, debit_account_id, credit_account_id, amount_cents,
                          event, reference_id, link_id, reverses_id, booked_at, booked_on)
    SELECT t.*, CAST(:booked_at AS timestamptz), CAST(:booked_on AS date)
    FROM unnest(CAST(:town_ids AS uuid[]), CAST(:ids AS uuid[]), CAST(:debits AS uuid[]),
                CAST(:credits AS uuid[]), CAST(:amounts AS bigint[]), CAST(:events AS text[]),
                CAST(:references AS uuid[]), CAST(:links AS uuid[]), CAST(:reverses AS uuid[])) AS t
    ON CONFLICT (town_id, id) DO NOTHING
    RETURNING id
    """
)

_SELECT_TRANSFERS = text(
    """
    SELECT town_id, id, debit_account_id, credit_account_id, amount_cents, event,
           reference_id, link_id, reverses_id
    FROM transfer
    JOIN unnest(CAST(:town_ids AS uuid[]), CAST(:ids AS uuid[])) AS k(town_id, id)
        USING (town_id, id)
    """
)

_LOCK_GUARDED = text(
    """
    SELECT a.town_id, a.id, a.balance_cents, a.held_cents
    FROM ledger_account a
    JOIN unnest(CAST(:town_ids AS uuid[]), CAST(:ids AS uuid[])) AS k(town_id, id)
        USING (town_id, id)
    WHERE a.guarded
    ORDER BY a.town_id, a.id
    FOR NO KEY UPDATE OF a
    """
)

_CHANGE_BALANCES = text(
    """
    UPDATE ledger_account a
    SET balance_cents = a.balance_cents + c.balance_change,
        held_cents = a.held_cents + c.held_change
    FROM unnest(CAST(:town_ids AS uuid[]), CAST(:ids AS uuid[]),
                CAST(:balance_changes AS bigint[]), CAST(:held_changes AS bigint[]))
         AS c(town_id, id, balance_change, held_change)
    WHERE a.town_id = c.town_id AND a.id = c.id AND a.guarded
    RETURNING a.town_id, a.id, a.balance_cents
    """
)


async def open_accounts(work: Work, accounts: Sequence[Account], now: datetime) -> None:
    """Insert accounts; those that exist stay as they are.

    :raises Refusal: ``request.conflict`` when one of the ids is that of an account of
        another kind: guarded accounts go by ids that callers may have made.
    """
    keys: dict[str, object] = {
        "town_ids": [account.town_id for account in accounts],
        "ids": [account.id for account in accounts],
        "kinds": [str(account.kind) for account in accounts],
    }
    inserted = await work.execute(
        _OPEN_ACCOUNTS,
        {
            **keys,
            "owner_ids": [account.owner_id for account in accounts],
            "guarded": [account.kind in GUARDED_KINDS for account in accounts],
            "now": now,
        },
    )
    if inserted.rowcount < len(accounts) and (await work.execute(_OTHER_ACCOUNTS, keys)).first():
        raise Refusal("request.conflict")


async def join_towns(work: Work, town_ids: Iterable[TownId]) -> None:
    """Take part in the ledgers of these towns until the commit; a snapshot waits for us."""
    keys = sorted({lock_key(town_id, "ledger") for town_id in town_ids})
    await work.execute(_JOIN_TOWNS, {"keys": keys})


async def insert_transfers(
    work: Work, transfers: Sequence[NewTransfer], booked_at: datetime, booked_on: date
) -> int:
    """Insert what is not there yet and return how many that were.

    :raises Refusal: ``account.unknown`` when an account does not exist,
        ``transfer.conflict`` when a transfer to be reversed was reversed before.
    """
    try:
        rows = await work.execute(
            _INSERT_TRANSFERS,
            {
                "town_ids": [transfer.town_id for transfer in transfers],
                "ids": [transfer.id for transfer in transfers],
                "debits": [transfer.debit_account_id for transfer in transfers],
                "credits": [transfer.credit_account_id for transfer in transfers],
                "amounts": [transfer.amount_cents for transfer in transfers],
                "events": [str(transfer.event) for transfer in transfers],
                "references": [transfer.reference_id for transfer in transfers],
                "links": [transfer.link_id for transfer in transfers],
                "reverses": [transfer.reverses_id for transfer in transfers],
                "booked_at": booked_at,
                "booked_on": booked_on,
            },
        )
    except IntegrityError as error:
        if "fk_transfer_town_id_reverses_id" in str(error.orig):
            raise Refusal("transfer.unknown") from error
        if "fk_transfer" in str(error.orig):
            raise Refusal("account.unknown") from error
        if "uq_transfer_town_id_reverses_id" in str(error.orig):
            raise Refusal("transfer.conflict") from error
        raise
    return len(rows.all())


async def stored_transfers(
    work: Work, keys: Iterable[tuple[TownId, UUID]]
) -> dict[tuple[TownId, UUID], NewTransfer]:
    """Return the posted transfers among *keys*, by town and id."""
    wanted = list(keys)
    rows = await work.execute(
        _SELECT_TRANSFERS,
        {"town_ids": [town_id for town_id, _ in wanted], "ids": [id_ for _, id_ in wanted]},
    )
    return {(row.town_id, row.id): NewTransfer(*row) for row in rows}


async def lock_guarded(
    work: Work, keys: Collection[AccountKey]
) -> dict[AccountKey, GuardedBalance]:
    """Lock the guarded accounts among *keys* in key order and return their balances."""
    rows = await work.execute(
        _LOCK_GUARDED,
        {"town_ids": [town_id for town_id, _ in keys], "ids": [id_ for _, id_ in keys]},
    )
    return {
        (row.town_id, row.id): GuardedBalance(row.balance_cents, row.held_cents) for row in rows
    }


async def change_guarded(
    work: Work,
    balance_changes: Mapping[AccountKey, int],
    held_changes: Mapping[AccountKey, int] | None = None,
) -> dict[AccountKey, int]:
    """Change locked guarded accounts and return the balances they now have, in cents."""
    held_changes = held_changes or {}
    keys = sorted({*balance_changes, *held_changes})
    rows = await work.execute(
        _CHANGE_BALANCES,
        {
            "town_ids": [town_id for town_id, _ in keys],
            "ids": [id_ for _, id_ in keys],
            "balance_changes": [balance_changes.get(key, 0) for key in keys],
            "held_changes": [held_changes.get(key, 0) for key in keys],
        },
    )
    return {(row.town_id, AccountId(row.id)): row.balance_cents for row in rows}
