"""The schema's conventions: how constraints are named, how instants are stored.

A table that belongs to a town has ``town_id`` as the first column of its primary key, of
every unique constraint and of every foreign key to another such table, so that the
whole schema can be distributed by town. Tables of the region (``region``, ``town``, the
netting) are small and would be copied to every node. ``tests/db/test_schema.py`` holds
this.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Dialect, MetaData, TypeDecorator, Uuid

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """A ``timestamptz`` that refuses datetimes without a time zone and returns UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        if value is not None and value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else value.astimezone(UTC)


def uuid_column(name: str, *args: Any, nullable: bool = False, **kwargs: Any) -> Column[UUID]:
    """A UUID column, required unless said otherwise."""
    return Column(name, Uuid, *args, nullable=nullable, **kwargs)


def cents_column(name: str, *, nullable: bool = False, **kwargs: Any) -> Column[int]:
    """A column of integer euro cents, required unless said otherwise."""
    return Column(name, BigInteger, nullable=nullable, **kwargs)


def instant_column(name: str, *, nullable: bool = False, **kwargs: Any) -> Column[datetime]:
    """A column of instants, required unless said otherwise."""
    return Column(name, Instant, nullable=nullable, **kwargs)
