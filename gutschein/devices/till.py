"""Use cases of a device itself: what it is, and which cashier stands there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from gutschein.db.unit_of_work import Work
from gutschein.devices import cashier_repository as repository
from gutschein.devices.rules import CLOCK_TOLERANCE, shift_end
from gutschein.devices.till_schemas import NamedCashier, OfflineLimits, OwnDevice
from gutschein.kernel.author import Author
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import MerchantId, TownId, new_id

#: Says what the shops of a town may take without a net now: told by what stands above this.
OfflineOf = Callable[[Work, TownId, datetime], Awaitable[OfflineLimits | None]]


async def own_device(
    work: Work,
    town_id: TownId,
    device_id: UUID,
    cashier: Author | None,
    now: datetime,
    *,
    offline: OfflineLimits | None,
) -> OwnDevice:
    """Return what a device knows of itself.

    :param cashier: who stands there, as the device's signature was found to say.
    :param offline: what it may take without a net.
    """
    row = await repository.find_own(work, town_id, device_id)
    found = await repository.list_cashiers(work, town_id, MerchantId(row["merchant_id"]))
    standing, until = None, None
    if cashier is not None and cashier.id is not None:
        standing = NamedCashier(id=cashier.id, name=cashier.name)
        until = await repository.find_shift_end(work, town_id, device_id, cashier.id, now)
    return OwnDevice(
        **row,
        accepted_towns=await repository.accepted_towns(work, town_id, berlin_day(now)),
        offline=offline,
        key_id=f"{town_id}.{device_id}",
        cashiers=[NamedCashier(id=each.id, name=each.name) for each in found if not each.ended_at],
        cashier=standing,
        signed_on_until=until,
        server_time=now,
        clock_tolerance_seconds=int(CLOCK_TOLERANCE.total_seconds()),
    )


async def find_pin(
    work: Work, town_id: TownId, merchant_id: MerchantId, cashier_id: UUID
) -> tuple[str, datetime]:
    """Return the hash of a cashier's PIN, and since when it is that.

    :raises Refusal: ``cashier.unknown`` for nobody, somebody of another merchant, and
        somebody who is gone.
    """
    found = await repository.find_pin(work, town_id, merchant_id, cashier_id)
    if found is None:
        raise Refusal("cashier.unknown")
    return found


async def sign_on(
    work: Work,
    town_id: TownId,
    merchant_id: MerchantId,
    device_id: UUID,
    cashier_id: UUID,
    *,
    pin_since: datetime,
    now: datetime,
) -> Author:
    """Let a cashier whose PIN was right take over a device; return them.

    :param pin_since: since when the PIN was that one: if it was changed in the meantime, it
        was not right after all.
    :raises Refusal: ``cashier.unknown``, ``cashier.pin``.
    """
    cashier = await repository.lock_cashier(work, town_id, merchant_id, cashier_id)
    if cashier is None or cashier.ended_at is not None:
        raise Refusal("cashier.unknown")
    if cashier.pin_changed_at != pin_since:
        raise Refusal("cashier.pin")
    await repository.end_shifts_at_device(work, town_id, device_id, now)
    row = {
        "town_id": town_id,
        "id": new_id(),
        "device_id": device_id,
        "cashier_id": cashier_id,
        "begun_at": now,
        "ends_at": shift_end(now),
    }
    await repository.insert_shift(work, row)
    return Author(cashier.id, cashier.name)


async def sign_off(work: Work, town_id: TownId, device_id: UUID, now: datetime) -> None:
    """Sign off whoever stands at a device."""
    await repository.end_shifts_at_device(work, town_id, device_id, now)
