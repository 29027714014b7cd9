"""Ids: UUIDv7 (RFC 9562), typed by what they name.

A UUIDv7 begins with its time of making, so new rows sit together in an index. Ids
are made by whoever starts something (the till, the importer), never by the database:
the id is what makes a repetition recognisable.
"""

from __future__ import annotations

from hashlib import sha256
from typing import NewType
from uuid import UUID, uuid5

from uuid_utils.compat import uuid7

PersonId = NewType("PersonId", UUID)
RegionId = NewType("RegionId", UUID)
TownId = NewType("TownId", UUID)
MerchantId = NewType("MerchantId", UUID)
BranchId = NewType("BranchId", UUID)
ProgrammeId = NewType("ProgrammeId", UUID)
PaymentId = NewType("PaymentId", UUID)
BatchId = NewType("BatchId", UUID)
VoucherId = NewType("VoucherId", UUID)
AccountId = NewType("AccountId", UUID)
TransferId = NewType("TransferId", UUID)
HoldId = NewType("HoldId", UUID)
RedemptionId = NewType("RedemptionId", UUID)
ReversalId = NewType("ReversalId", UUID)
SettlementId = NewType("SettlementId", UUID)
StatementId = NewType("StatementId", UUID)
NettingId = NewType("NettingId", UUID)


#: The bits of a UUID that are a UUIDv7's time, and those that a UUIDv8 may have besides.
_TIME = ((1 << 48) - 1) << 80
_FREE = ((1 << 12) - 1) << 64 | ((1 << 62) - 1)


def new_id() -> UUID:
    """Make a fresh UUIDv7."""
    return uuid7()


def derived_id(parent: UUID, role: str) -> UUID:
    """Derive the id of a part from the id of the whole (UUIDv5, RFC 9562 section 5.5)."""
    return uuid5(parent, role)


def timed_id(whole: UUID, role: str) -> UUID:
    """Derive an id that begins with the time of the whole's (UUIDv8, RFC 9562 section 5.8).

    The transfers behind one redemption take their ids from the redemption's, so that a
    repeated redemption can only ever name the same transfers again. They are many: as each
    begins with its time, new ones sit together in an index.

    :param whole: a UUIDv7.
    """
    digest = int.from_bytes(sha256(whole.bytes + role.encode()).digest()[:16])
    return UUID(int=whole.int & _TIME | digest & _FREE | 8 << 76 | 2 << 62)
