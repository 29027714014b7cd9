"""What an issue is made of: the order, the batch it becomes, and its vouchers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from gutschein.kernel.ids import (
    BatchId,
    PaymentId,
    ProgrammeId,
    TownId,
    TransferId,
    VoucherId,
    new_id,
    timed_id,
)
from gutschein.ledger.entries import Event
from gutschein.signing.code import new_code
from gutschein.signing.pin import new_pin
from gutschein.signing.sealing import CodeKeys
from gutschein.signing.status_list import status_tag

_NO_PIN = (None, None)


@dataclass(frozen=True, slots=True)
class Order:
    """What to issue: *voucher_count* vouchers of one value.

    :param sold_on: the day of the sale in Germany, from which the validity counts; earlier
        than today for vouchers that were sold before they were entered here. ``None`` is
        the day of the issue.
    :param accept_lapsed: take vouchers over whose last day is over, to let them lapse in
        these books; otherwise a sale that long ago is taken for a slip.
    """

    town_id: TownId
    batch_id: BatchId
    programme_id: ProgrammeId
    payment_id: PaymentId
    voucher_count: int
    value_cents: int
    sold_on: date | None
    accept_lapsed: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Batch:
    """An order that was carried out. Serials run on from *first_serial*."""

    order: Order
    sold_on: date
    valid_until: date
    first_serial: int
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class NewVoucher:
    """A voucher to be stored; its code only hashed and sealed, and its tag. So is its PIN, if it
    has one. It begins as active.
    """

    town_id: TownId
    id: VoucherId
    batch_id: BatchId | None
    replaces_id: VoucherId | None
    programme_id: ProgrammeId
    serial: int
    kid: bytes
    code_hash: bytes
    sealed_code: bytes
    status_tag: bytes
    sealed_pin: bytes | None
    pin_hash: bytes | None
    face_value_cents: int
    cap_cents: int
    valid_until: date
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """Some vouchers of a batch, made and not stored yet: the columns in which they differ.

    Serials run on from *first_serial*. :attr:`transfer_ids` are those of the transfers that
    bring the vouchers their money.
    """

    first_serial: int
    ids: list[VoucherId]
    code_hashes: list[bytes]
    sealed_codes: list[bytes]
    status_tags: list[bytes]
    sealed_pins: list[bytes | None]
    pin_hashes: list[bytes | None]
    transfer_ids: list[TransferId]


def make_part(keys: CodeKeys, first_serial: int, count: int, *, with_pin: bool = False) -> Part:
    """Draw the codes of *count* new vouchers and seal them with the town's keys.

    It takes some ten microseconds for each. Nothing is signed: the token in the QR code is
    signed when it is printed, and is the same each time (RFC 8032).

    :param with_pin: draw a PIN for each, too.
    """
    ids = [VoucherId(new_id()) for _ in range(count)]
    codes = [new_code() for _ in ids]
    pins = [_drawn_pin(keys, id_) if with_pin else _NO_PIN for id_ in ids]
    return Part(
        first_serial=first_serial,
        ids=ids,
        code_hashes=[keys.hashed(code) for code in codes],
        sealed_codes=[keys.sealed(id_, code) for id_, code in zip(ids, codes, strict=True)],
        status_tags=[status_tag(keys.town_id, code) for code in codes],
        sealed_pins=[sealed for sealed, _ in pins],
        pin_hashes=[hashed for _, hashed in pins],
        transfer_ids=[TransferId(timed_id(id_, Event.ISSUE)) for id_ in ids],
    )


def make_voucher(
    keys: CodeKeys,
    *,
    id: VoucherId | None = None,  # noqa: A002 - the voucher's id
    with_pin: bool = False,
    **terms: Any,
) -> NewVoucher:
    """Draw a code for a new voucher, and a PIN if it is to have one, and seal them with the
    town's keys.

    :param terms: the other fields of :class:`NewVoucher`.
    """
    voucher_id = id or VoucherId(new_id())
    code = new_code()
    sealed_pin, pin_hash = _drawn_pin(keys, voucher_id) if with_pin else _NO_PIN
    return NewVoucher(
        town_id=keys.town_id,
        id=voucher_id,
        code_hash=keys.hashed(code),
        sealed_code=keys.sealed(voucher_id, code),
        status_tag=status_tag(keys.town_id, code),
        sealed_pin=sealed_pin,
        pin_hash=pin_hash,
        **terms,
    )


def _drawn_pin(keys: CodeKeys, voucher_id: VoucherId) -> tuple[bytes, bytes]:
    """Draw a PIN; return it sealed and hashed."""
    pin = new_pin()
    return keys.pin_sealed(voucher_id, pin), keys.pin_hashed(voucher_id, pin)
