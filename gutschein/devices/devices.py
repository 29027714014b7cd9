"""Use cases of devices: who calls by a signature, and locking a device that went astray."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from gutschein.db.unit_of_work import Work
from gutschein.devices import device_repository as repository
from gutschein.devices.device_schemas import Device
from gutschein.devices.public_keys import is_signed
from gutschein.devices.rules import CLOCK_TOLERANCE, check_device
from gutschein.devices.signatures import SignedRequest
from gutschein.history.log import Entry, record
from gutschein.kernel.author import Author
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import BranchId, MerchantId, TownId
from gutschein.merchants.service import get_merchant
from gutschein.web.caller import Caller, Grant
from gutschein.web.rights import Role


async def caller_of(
    work: Work, town_id: TownId, device_id: UUID, signed: SignedRequest, now: datetime
) -> Caller:
    """Return the device that signed a request, with the cashier who stands there.

    In one round trip. Roll back when it raises: a nonce counts only with a good signature,
    so that nobody else can use up a device's.

    :raises Refusal: ``device.unknown``, ``device.signature``, ``device.replayed``,
        ``device.locked``.
    """
    row = await repository.see_device(
        work,
        town_id,
        device_id,
        nonce=signed.nonce,
        nonce_ends_at=signed.created_at + CLOCK_TOLERANCE,
        now=now,
    )
    if row is None:
        raise Refusal("device.unknown")
    if row.algorithm != signed.algorithm or not is_signed(
        row.public_key, signed.base, signed.signature
    ):
        raise Refusal("device.signature")
    check_device(known=True, fresh=row.nonce_is_fresh, locked=row.locked_at is not None)
    grant = Grant(
        Role.DEVICE,
        town_id=town_id,
        merchant_id=MerchantId(row.merchant_id),
        branch_id=BranchId(row.branch_id),
    )
    cashier = None if row.cashier_id is None else Author(row.cashier_id, row.cashier_name)
    return Caller("device", device_id, row.name, (grant,), cashier=cashier)


async def list_devices(work: Work, town_id: TownId, merchant_id: MerchantId) -> list[Device]:
    """Return a merchant's devices, by branch and name.

    :raises Refusal: ``town.unknown``, ``merchant.unknown``.
    """
    await get_merchant(work, town_id, merchant_id)
    return await repository.list_devices(work, town_id, merchant_id)


async def lock_device(
    work: Work,
    town_id: TownId,
    merchant_id: MerchantId,
    device_id: UUID,
    reason: str,
    *,
    by: Author,
    by_town: bool,
    now: datetime,
) -> Device:
    """Lock a device from its next request on. What is locked stays so, with its reason; a
    lock of the merchant's becomes the town's when the town locks too.

    :param by_town: whether somebody of the town locks it: then only the town releases it.
    :raises Refusal: ``town.unknown``, ``merchant.unknown``, ``device.unknown_here``.
    """
    merchant = await get_merchant(work, town_id, merchant_id)
    device = await _found(work, town_id, merchant_id, device_id)
    if device.locked_at is not None and (device.locked_by_town or not by_town):
        return device
    await repository.set_lock(
        work, town_id, device_id, at=now, by=by.id, by_town=by_town, reason=reason
    )
    entry = Entry(
        "device.locked",
        by,
        f"Gerät »{device.name}« von {merchant.name}",
        before="frei" if device.locked_at is None else "gesperrt vom Händler",
        after="gesperrt von der Stadt" if by_town else "gesperrt vom Händler",
        reason=reason,
        at=now,
    )
    await record(work, town_id, entry)
    return replace(device, locked_at=now, locked_by_town=by_town, lock_reason=reason)


async def release_device(
    work: Work,
    town_id: TownId,
    merchant_id: MerchantId,
    device_id: UUID,
    *,
    by: Author,
    by_town: bool,
    now: datetime,
) -> Device:
    """Release a locked device; one that is not locked stays as it is.

    :raises Refusal: ``town.unknown``, ``merchant.unknown``, ``device.unknown_here``,
        ``device.locked_by_town`` when the town has locked it and the merchant asks.
    """
    merchant = await get_merchant(work, town_id, merchant_id)
    device = await _found(work, town_id, merchant_id, device_id)
    if device.locked_at is None:
        return device
    if device.locked_by_town and not by_town:
        raise Refusal("device.locked_by_town")
    await repository.set_lock(work, town_id, device_id, at=None, by=None, by_town=None, reason=None)
    entry = Entry(
        "device.released",
        by,
        f"Gerät »{device.name}« von {merchant.name}",
        before=f"gesperrt: {device.lock_reason}",
        after="frei",
        at=now,
    )
    await record(work, town_id, entry)
    return replace(device, locked_at=None, locked_by_town=None, lock_reason=None)


async def _found(work: Work, town_id: TownId, merchant_id: MerchantId, device_id: UUID) -> Device:
    device = await repository.lock_row(work, town_id, merchant_id, device_id)
    if device is None:
        raise Refusal("device.unknown_here")
    return device
