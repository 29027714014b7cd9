"""Use cases of pairing: an owner shows a code, a device shows it back with its own key."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NoBase64
from datetime import datetime
from uuid import UUID

from gutschein.db.unit_of_work import Work
from gutschein.devices import device_repository
from gutschein.devices import pairing_repository as repository
from gutschein.devices.device_schemas import NewDevice, NewPairingCode, PairingCode
from gutschein.devices.pairing_code import code_hash, code_of
from gutschein.devices.public_keys import Algorithm, algorithm_of, is_signed
from gutschein.devices.rules import PAIRING_LASTS, check_clock
from gutschein.devices.signatures import SignedRequest
from gutschein.history.log import Entry, record
from gutschein.kernel.author import Author
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import MerchantId, TownId, new_id
from gutschein.merchants.service import get_merchant
from gutschein.signing.service_keys import ServiceKeys

PAIRING_PATH = "/kasse/koppeln"


async def make_pairing_code(
    work: Work,
    town_id: TownId,
    merchant_id: MerchantId,
    new: NewPairingCode,
    *,
    keys: ServiceKeys,
    public_url: str,
    by: Author,
    now: datetime,
) -> PairingCode:
    """Make a code that will make one device of a branch.

    :raises Refusal: ``town.unknown``, ``merchant.unknown``, ``branch.unknown``,
        ``branch.closed``.
    """
    merchant = await get_merchant(work, town_id, merchant_id)
    branch = next((each for each in merchant.branches if each.id == new.branch_id), None)
    if branch is None:
        raise Refusal("branch.unknown")
    if branch.closed_at is not None:
        raise Refusal("branch.closed")
    code_id = new_id()
    code = code_of(keys, code_id)
    row = {
        "town_id": town_id,
        "id": code_id,
        "merchant_id": merchant_id,
        "branch_id": branch.id,
        "device_name": new.name,
        "code_hash": code_hash(keys, code),
        "made_at": now,
        "made_by": by.id,
        "made_by_name": by.name,
        "ends_at": now + PAIRING_LASTS,
    }
    await repository.insert_code(work, row)
    return PairingCode(
        id=code_id,
        branch_id=branch.id,
        name=new.name,
        code=code,
        address=address_of(public_url, code),
        ends_at=now + PAIRING_LASTS,
    )


async def get_pairing_code(
    work: Work,
    town_id: TownId,
    merchant_id: MerchantId,
    code_id: UUID,
    *,
    keys: ServiceKeys,
    public_url: str,
) -> PairingCode:
    """Return a code to be shown again, or to see whether a device has used it.

    :raises Refusal: ``pairing.unknown``.
    """
    row = await repository.find_code(work, town_id, merchant_id, code_id)
    if row is None:
        raise Refusal("pairing.unknown")
    code = code_of(keys, code_id)
    return PairingCode(
        id=row["id"],
        branch_id=row["branch_id"],
        name=row["device_name"],
        code=code,
        address=address_of(public_url, code),
        ends_at=row["ends_at"],
        used_at=row["used_at"],
    )


def address_of(public_url: str, code: str) -> str:
    """Return the address in the QR code. The code stands behind ``#``, so that no server
    and no proxy on the way writes it into a log.
    """
    return f"{public_url.rstrip('/')}{PAIRING_PATH}#{code}"


def check_possession(
    new: NewDevice, signed: SignedRequest, now: datetime
) -> tuple[bytes, Algorithm]:
    """Return the new device's key and what it signs with, once it is shown to have it.

    :raises Refusal: ``device.key`` when it is no key of ours, ``device.clock``,
        ``device.signature``.
    """
    key = _decoded(new.public_key)
    algorithm = algorithm_of(key)
    if algorithm is None:
        raise Refusal("device.key")
    check_clock(signed.created_at, now)
    if (signed.key_id, signed.algorithm) != (str(new.id), algorithm):
        raise Refusal("device.signature")
    if not is_signed(key, signed.base, signed.signature):
        raise Refusal("device.signature")
    return key, algorithm


async def find_town(work: Work, code: str, keys: ServiceKeys) -> TownId:
    """Return the town of a code that a device shows.

    :param work: acting as ``IDENTITY``.
    :raises Refusal: ``pairing.code``.
    """
    town_id = await repository.town_of_code(work, code_hash(keys, code))
    if town_id is None:
        raise Refusal("pairing.code")
    return town_id


async def pair_device(
    work: Work,
    town_id: TownId,
    new: NewDevice,
    key: bytes,
    algorithm: Algorithm,
    *,
    keys: ServiceKeys,
    now: datetime,
) -> bool:
    """Make a device of a code and a key; tell whether this call made it.

    The same device may ask again, when it got no answer the first time.

    :param key: as :func:`check_possession` gives it.
    :raises Refusal: ``pairing.code`` for a code that is used or over; ``request.conflict``
        when the town has the id or the key already.
    """
    hashed = code_hash(keys, new.code)
    code = await repository.use_code(work, town_id, hashed, now)
    if code is None:
        made = await repository.paired_with(work, town_id, hashed)
        if made is None or (made["id"], made["public_key"]) != (new.id, key):
            raise Refusal("pairing.code")
        return False
    row = {
        "town_id": town_id,
        "id": new.id,
        "merchant_id": code["merchant_id"],
        "branch_id": code["branch_id"],
        "name": code["device_name"],
        "algorithm": algorithm,
        "public_key": key,
        "pairing_code_id": code["id"],
        "paired_at": now,
        "seen_at": now,
    }
    if not await device_repository.insert_device(work, row):
        raise Refusal("request.conflict")
    merchant = await get_merchant(work, town_id, MerchantId(code["merchant_id"]))
    place = next(each.name for each in merchant.branches if each.id == code["branch_id"])
    await record(
        work,
        town_id,
        Entry(
            "device.paired",
            Author(code["made_by"], code["made_by_name"]),
            f"Gerät »{row['name']}« von {merchant.name}",
            after=f"gekoppelt für {place}",
            at=now,
        ),
    )
    return True


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (NoBase64, ValueError) as error:
        raise Refusal("device.key") from error
