"""What can happen in the model's two towns, one step each.

Zwönitz (``Z``) and Schneeberg (``S``) honour one another's vouchers. A merchant is called
after its town (``Z1``), a branch after its merchant (``Z1a``), and a voucher is its town and
serial. All other things have names too, and ids that are derived from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import NAMESPACE_OID, UUID, uuid5
from zoneinfo import ZoneInfo

TOWNS = ("Z", "S")
OTHER = {"Z": "S", "S": "Z"}
BRANCHES = ("Z1a", "Z1b", "Z2a", "S1a")
MERCHANTS = ("Z1", "Z2", "S1")
#: Of each town: partly or as a whole, paid by citizens; and given by the town, for ten days.
PROGRAMMES = ("partly", "whole", "given")
GIVEN_FOR_DAYS, REQUEST_FOR_DAYS = 10, 7
FEES = {"partly": 300, "whole": 250, "given": 0}
SMALLEST_CENTS, LARGEST_CENTS = 1_00, 200_00
MINIMUM_PAYOUT_CENTS = {"Z": 15_00, "S": 0}
VAT_RATES = ((date(2020, 1, 1), 1_900), (date(2027, 7, 1), 1_600))

Voucher = tuple[str, int]
Statement = tuple[str, str, str]

NAMES: dict[UUID, str] = {}


def id_of(name: str) -> UUID:
    """Return the id that a name stands for, a UUIDv7; :data:`NAMES` leads back."""
    derived = bytearray(uuid5(NAMESPACE_OID, name).bytes)
    derived[6] = derived[6] & 0x0F | 0x70
    id_ = UUID(bytes=bytes(derived))
    NAMES[id_] = name
    return id_


def day_of(now: datetime) -> date:
    return now.astimezone(ZoneInfo("Europe/Berlin")).date()


def end_of(day: date) -> datetime:
    """Return the first instant after a day."""
    following = datetime.combine(day + timedelta(days=1), time.min, ZoneInfo("Europe/Berlin"))
    return following.astimezone(UTC)


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something that is done at an instant."""

    now: datetime


@dataclass(frozen=True, kw_only=True)
class OfTown(Step):
    town: str


@dataclass(frozen=True, kw_only=True)
class PayIn(OfTown):
    payment: str
    method: str
    cents: int


@dataclass(frozen=True, kw_only=True)
class Issue(OfTown):
    batch: str
    programme: str
    payment: str
    count: int
    cents: int


@dataclass(frozen=True)
class Item:
    """What is taken from a voucher.

    :param key: what signed the token that is scanned; ``None`` when the code is typed.
    """

    redemption: str
    voucher: Voucher
    key: str | None
    cents: int


@dataclass(frozen=True, kw_only=True)
class Redeem(Step):
    """One voucher, or several that pay a sale.

    :param worker: 0 or 1, through whose engine.
    """

    worker: int
    branch: str
    sale: str | None
    items: tuple[Item, ...]


@dataclass(frozen=True, kw_only=True)
class Reverse(Step):
    reversal: str
    redemption: str
    branch: str


@dataclass(frozen=True, kw_only=True)
class AskForReversal(OfTown):
    """One person asks for a reversal, on whatever day."""

    request: str
    redemption: str


@dataclass(frozen=True, kw_only=True)
class ApproveReversal(OfTown):
    """Another person approves it: the reversal takes the id of the request."""

    request: str


@dataclass(frozen=True, kw_only=True)
class OfVoucher(Step):
    voucher: Voucher


class Block(OfVoucher):
    """A voucher is blocked."""


class Unblock(OfVoucher):
    """A blocked voucher is good again."""


@dataclass(frozen=True, kw_only=True)
class Replace(OfVoucher):
    replacement: str


class Expire(OfTown):
    """What is over lapses."""


@dataclass(frozen=True, kw_only=True)
class Close(OfTown):
    settlement: str
    begin: date
    end: date


@dataclass(frozen=True, kw_only=True)
class Approve(OfTown):
    settlement: str


@dataclass(frozen=True, kw_only=True)
class ConfirmAll(OfTown):
    settlement: str


@dataclass(frozen=True, kw_only=True)
class Confirm(Step):
    statement: Statement


@dataclass(frozen=True, kw_only=True)
class SendBack(Step):
    """The bank returns a payout."""

    statement: Statement
    reason: str


@dataclass(frozen=True, kw_only=True)
class Net(Step):
    netting: str


@dataclass(frozen=True, kw_only=True)
class PayNetting(Step):
    netting: str
    payer: str


@dataclass(frozen=True, kw_only=True)
class RenewKey(OfTown):
    key: str


@dataclass(frozen=True, kw_only=True)
class RevokeKey(OfTown):
    key: str


@dataclass(frozen=True, kw_only=True)
class Reissue(OfTown):
    """The vouchers of a revoked key get the present one."""

    key: str


@dataclass(frozen=True, kw_only=True)
class Honour(OfTown):
    """The other town's shops honour this town's vouchers from a day on."""

    begin: date


class Dishonour(OfTown):
    """Today is the last day that the other town's shops honour this town's vouchers."""


@dataclass(frozen=True, kw_only=True)
class CloseBranch(Step):
    branch: str


class Snapshot(OfTown):
    """The balances of busy accounts are brought up to date: nothing is to be seen of it."""


class Seal(Step):
    """The history is sealed: nothing is to be seen of it."""
