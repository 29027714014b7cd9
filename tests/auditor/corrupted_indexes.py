"""Unique indexes that are no constraints, since they leave rows out."""

from __future__ import annotations

from corruption import Corruption

CORRUPTIONS = (
    Corruption(
        "C205",
        "the index against two reversals of one transfer made one that allows them",
        (
            "DROP INDEX uq_transfer_town_id_reverses_id",
            (
                "CREATE INDEX uq_transfer_town_id_reverses_id ON transfer (town_id, reverses_id) "
                "WHERE reverses_id IS NOT NULL"
            ),
        ),
        {"A62": "uq_transfer_town_id_reverses_id"},
    ),
)
