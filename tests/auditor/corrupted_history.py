"""Corruptions of the history: of the log, of transfers past their seal, of the blocks."""

from __future__ import annotations

from corruption import Corruption, posted_again

#: SQL for a block's hash, once its other columns are what they shall be.
_HASH = (
    "sha256(previous_hash || uuid_send(chain_id) || substring(kind::bytea || '\\x0000000000' FOR 8)"
    " || int8send(number) || timestamptz_send(sealed_up_to) || timestamptz_send(sealed_at)"
    " || int8send(row_count) || row_digests)"
)

_OF_TRANSFERS = "chain_id = {z} AND kind = 'transfer'"
_OF_LOG = "chain_id = {z} AND kind = 'log'"


def _broken(
    number: str, title: str, sql: str | tuple[str, ...], finds: dict[str, str]
) -> Corruption:
    return Corruption(number, title, sql, finds, resealed=False)


def _blocks(change: str, which: str) -> str:
    return f"UPDATE history_block SET {change} WHERE {which}"


CORRUPTIONS = (
    _broken(
        "C163",
        "the author of a log line changed",
        "UPDATE log_entry SET author_name = 'Somebody Else' WHERE id = {l role}",
        {"A64 changed": "l role"},
    ),
    _broken(
        "C164",
        "a log line of the region changed",
        "UPDATE log_entry SET reason = 'so' WHERE id = {l town}",
        {"A64 changed": "l town"},
    ),
    _broken(
        "C165",
        "a word of a log line moved from one column to the next",
        "UPDATE log_entry SET before = after, after = NULL WHERE id = {l rate}",
        {"A64 changed": "l rate"},
    ),
    _broken(
        "C166",
        "nothing made an empty word in a log line",
        "UPDATE log_entry SET before = '' WHERE id = {l rate}",
        {"A64 changed": "l rate"},
    ),
    _broken(
        "C167",
        "a log line moved to another month",
        "UPDATE log_entry SET happened_at = '2026-01-20 00:00+01' WHERE id = {l account}",
        {"A64 changed": "l account"},
    ),
    _broken(
        "C168",
        "a log line deleted",
        "DELETE FROM log_entry WHERE id = {l approval}",
        {"A64 deleted": "l approval"},
    ),
    _broken(
        "C169",
        "a log line slipped in",
        "INSERT INTO log_entry SELECT chain_id, {nowhere}, happened_at, action, author_id,"
        " author_name, 'Prüferin für Otto Beispiel', before, after, reason"
        " FROM log_entry WHERE id = {l role}",
        {"A64 inserted": "nowhere"},
    ),
    _broken(
        "C170",
        "a log line moved to another town",
        "UPDATE log_entry SET chain_id = {s} WHERE id = {l rate}",
        {"A64 deleted": "l rate", "A66": "s:log"},
    ),
    _broken(
        "C171",
        "a transfer dated a second later",
        "UPDATE transfer SET booked_at = booked_at + interval '1 s' WHERE id = {p bank in}",
        {"A65 changed": "p bank in"},
    ),
    _broken(
        "C172",
        "a payment raised with its transfer and all balances behind it",
        (
            "UPDATE payment SET amount_cents = amount_cents + 1000 WHERE id = {p bank}",
            "UPDATE transfer SET amount_cents = amount_cents + 1000 WHERE id = {p bank in}",
            "UPDATE ledger_account SET balance_cents = balance_cents + 1000 WHERE id = {p bank}",
            "UPDATE balance_snapshot SET balance_cents = balance_cents - 1000"
            " WHERE account_id = {z trust_bank}",
        ),
        {"A65 changed": "p bank in"},
    ),
    _broken(
        "C173",
        "a transfer moved past the last seal",
        (
            "UPDATE transfer SET booked_at = '2026-07-01 12:00+02', booked_on = '2026-07-01'"
            " WHERE id = {x c3 in z}",
            "UPDATE redemption SET redeemed_at = '2026-07-01 12:00+02', redeemed_on = '2026-07-01'"
            " WHERE id = {x c3}",
        ),
        {"A65 changed": "x c3 in z"},
    ),
    _broken(
        "C174",
        "a sealed transfer deleted",
        "DELETE FROM transfer WHERE id = {p bank in}",
        {
            "A65 deleted": "p bank in",
            "A01": "p bank",
            "A05": "z trust_bank",
            "A13 unbooked": "p bank",
        },
    ),
    _broken(
        "C175",
        "a transfer slipped in",
        posted_again("p bank in"),
        {
            "A65 inserted": "nowhere",
            "A01": "p bank",
            "A04": "z",
            "A13 twice": "p bank",
            "A57": "z:trust_bank",
            "A58": "z",
        },
    ),
    _broken(
        "C176",
        "a row's digest in a block forged",
        _blocks(
            "row_digests = overlay(row_digests PLACING sha256('x'::bytea) FROM 17)",
            f"{_OF_TRANSFERS} AND number = 1",
        ),
        {"A63 altered": "z:transfer block 1"},
    ),
    _broken(
        "C177",
        "a block's hash forged",
        _blocks("hash = sha256(hash)", f"{_OF_TRANSFERS} AND number = 2"),
        {"A63 altered": "z:transfer block 2"},
    ),
    _broken(
        "C178",
        "a block deleted",
        f"DELETE FROM history_block WHERE {_OF_TRANSFERS} AND number = 2",
        {"A63 missing": "z:transfer block 3"},
    ),
    _broken(
        "C179",
        "the first block deleted",
        f"DELETE FROM history_block WHERE {_OF_TRANSFERS} AND number = 1",
        {"A63 missing": "z:transfer block 2"},
    ),
    _broken(
        "C180",
        "two blocks in each other's place",
        (
            _blocks("number = 9", f"{_OF_TRANSFERS} AND number = 2"),
            _blocks("number = 2", f"{_OF_TRANSFERS} AND number = 3"),
            _blocks("number = 3", f"{_OF_TRANSFERS} AND number = 9"),
        ),
        {"A63 altered": "z:transfer block 2, z:transfer block 3"},
    ),
    _broken(
        "C181",
        "a log line deleted, and its block sealed anew without it",
        (
            "DELETE FROM log_entry WHERE id = (SELECT encode(substring(row_digests FOR 16),"
            f" 'hex')::uuid FROM history_block WHERE {_OF_LOG} AND number = 1)",
            _blocks(
                "row_digests = substring(row_digests FROM 49), row_count = row_count - 1",
                f"{_OF_LOG} AND number = 1",
            ),
            _blocks(f"hash = {_HASH}", f"{_OF_LOG} AND number = 1"),
        ),
        {"A63 chain": "z:log block 2"},
    ),
    _broken(
        "C182",
        "the last block sealed anew to end where the one before it ends",
        (
            _blocks(
                "sealed_up_to = (SELECT sealed_up_to FROM history_block"
                f" WHERE {_OF_TRANSFERS} AND number = 2)",
                f"{_OF_TRANSFERS} AND number = 3",
            ),
            _blocks(f"hash = {_HASH}", f"{_OF_TRANSFERS} AND number = 3"),
        ),
        {"A63 order": "z:transfer block 3", "A66": "z:transfer"},
    ),
    _broken(
        "C183",
        "no block made any more",
        f"DELETE FROM history_block WHERE {_OF_TRANSFERS} AND number = 3",
        {"A66": "z:transfer"},
    ),
    _broken(
        "C184",
        "the blocks of a region's log deleted",
        "DELETE FROM history_block WHERE chain_id = {r}",
        {"A66": "log"},
    ),
)
