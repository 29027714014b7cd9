"""Use cases of cashiers: named by their merchant's owner, known at the devices by a PIN."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from gutschein.db.unit_of_work import Work
from gutschein.devices import cashier_repository as repository
from gutschein.devices.rules import is_trivial_pin
from gutschein.devices.till_schemas import Cashier
from gutschein.history.log import Entry, record
from gutschein.identity.passwords import hash_password
from gutschein.kernel.author import Author
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import MerchantId, TownId, new_id
from gutschein.merchants.service import get_merchant
from gutschein.signing.service_keys import ServiceKeys


async def pin_hash(keys: ServiceKeys, pin: str) -> str:
    """Return what is stored of a PIN. It takes a while: make it before a unit of work.

    :raises Refusal: ``cashier.pin_trivial``, ``service.busy``.
    """
    if is_trivial_pin(pin):
        raise Refusal("cashier.pin_trivial")
    return await hash_password(keys, pin)


async def add_cashier(
    work: Work,
    town_id: TownId,
    merchant_id: MerchantId,
    *,
    name: str,
    hashed_pin: str,
    by: Author,
    now: datetime,
) -> Cashier:
    """Name a cashier of a merchant.

    :param hashed_pin: by :func:`pin_hash`.
    :raises Refusal: ``town.unknown``, ``merchant.unknown``.
    """
    merchant = await get_merchant(work, town_id, merchant_id)
    cashier = Cashier(
        id=new_id(),
        merchant_id=merchant_id,
        name=name,
        created_at=now,
        pin_changed_at=now,
        ended_at=None,
    )
    row = {
        "town_id": town_id,
        "id": cashier.id,
        "merchant_id": merchant_id,
        "name": name,
        "pin_hash": hashed_pin,
        "pin_changed_at": now,
        "created_at": now,
    }
    await repository.insert_cashier(work, row)
    entry = Entry("cashier.added", by, f"Kassenkraft von {merchant.name}", after=name, at=now)
    await record(work, town_id, entry)
    return cashier


async def rename_cashier(
    work: Work,
    town_id: TownId,
    merchant_id: MerchantId,
    cashier_id: UUID,
    *,
    name: str,
    by: Author,
    now: datetime,
) -> Cashier:
    """Call a cashier something else.

    :raises Refusal: ``town.unknown``, ``merchant.unknown``, ``cashier.unknown``,
        ``cashier.ended``.
    """
    merchant = await get_merchant(work, town_id, merchant_id)
    cashier = await _living(work, town_id, merchant_id, cashier_id)
    if cashier.name == name:
        return cashier
    await repository.change_cashier(work, town_id, cashier_id, name=name)
    subject = f"Kassenkraft von {merchant.name}"
    entry = Entry("cashier.renamed", by, subject, before=cashier.name, after=name, at=now)
    await record(work, town_id, entry)
    return replace(cashier, name=name)


async def change_pin(
    work: Work,
    town_id: TownId,
    merchant_id: MerchantId,
    cashier_id: UUID,
    *,
    hashed_pin: str,
    by: Author,
    now: datetime,
) -> Cashier:
    """Give a cashier a new PIN, and sign them off wherever they stand.

    :param hashed_pin: by :func:`pin_hash`.
    :raises Refusal: ``town.unknown``, ``merchant.unknown``, ``cashier.unknown``,
        ``cashier.ended``.
    """
    merchant = await get_merchant(work, town_id, merchant_id)
    cashier = await _living(work, town_id, merchant_id, cashier_id)
    await repository.change_cashier(
        work, town_id, cashier_id, pin_hash=hashed_pin, pin_changed_at=now
    )
    await repository.end_shifts_of_cashier(work, town_id, cashier_id, now)
    subject = f"PIN von {cashier.name}, Kassenkraft von {merchant.name}"
    await record(work, town_id, Entry("cashier.pin_changed", by, subject, at=now))
    return replace(cashier, pin_changed_at=now)


async def end_cashier(
    work: Work,
    town_id: TownId,
    merchant_id: MerchantId,
    cashier_id: UUID,
    *,
    by: Author,
    now: datetime,
) -> Cashier:
    """Let a cashier go, and sign them off wherever they stand. Gone is gone.

    :raises Refusal: ``town.unknown``, ``merchant.unknown``, ``cashier.unknown``.
    """
    merchant = await get_merchant(work, town_id, merchant_id)
    cashier = await _found(work, town_id, merchant_id, cashier_id)
    if cashier.ended_at is not None:
        return cashier
    await repository.change_cashier(work, town_id, cashier_id, ended_at=now)
    await repository.end_shifts_of_cashier(work, town_id, cashier_id, now)
    subject = f"Kassenkraft von {merchant.name}"
    await record(work, town_id, Entry("cashier.ended", by, subject, before=cashier.name, at=now))
    return replace(cashier, ended_at=now)


async def list_cashiers(work: Work, town_id: TownId, merchant_id: MerchantId) -> list[Cashier]:
    """Return a merchant's cashiers by name, those who are gone last.

    :raises Refusal: ``town.unknown``, ``merchant.unknown``.
    """
    await get_merchant(work, town_id, merchant_id)
    return await repository.list_cashiers(work, town_id, merchant_id)


async def _living(
    work: Work, town_id: TownId, merchant_id: MerchantId, cashier_id: UUID
) -> Cashier:
    cashier = await _found(work, town_id, merchant_id, cashier_id)
    if cashier.ended_at is not None:
        raise Refusal("cashier.ended")
    return cashier


async def _found(work: Work, town_id: TownId, merchant_id: MerchantId, cashier_id: UUID) -> Cashier:
    cashier = await repository.lock_cashier(work, town_id, merchant_id, cashier_id)
    if cashier is None:
        raise Refusal("cashier.unknown")
    return cashier
