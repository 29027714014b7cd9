"""Ids: UUIDv7 (RFC 9562), typed by what they name.

A UUIDv7 begins with its time of making, so new rows sit together in an index. Ids
are made by whoever starts something (the till, the importer), never by the database:
the id is what makes a repetition recognisable.
"""

from __future__ import annotations

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


def new_id() -> UUID:
    """Make a fresh UUIDv7."""
    return uuid7()


def derived_id(parent: UUID, role: str) -> UUID:
    """Derive the id of a part from the id of the whole (UUIDv5, RFC 9562 section 5.5).

    The transfers behind one redemption take their ids from the redemption's, so that a
    repeated redemption can only ever name the same transfers again.
    """
    return uuid5(parent, role)
