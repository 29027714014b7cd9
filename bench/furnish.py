"""A region is furnished: towns, merchants, tills and vouchers, by the service's own use cases."""

from __future__ import annotations

import asyncio
import secrets
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import product

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import text

from bench.place import ROLE
from bench.region import Device, Paper, Region, Register, Shop
from gutschein.db.access import JOBS, Access
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database, Work
from gutschein.devices.api_keys import create_api_key
from gutschein.devices.device_schemas import NewDevice, NewPairingCode
from gutschein.devices.pairing import make_pairing_code, pair_device
from gutschein.kernel.author import SERVICE
from gutschein.kernel.clock import utc_now
from gutschein.kernel.ids import (
    BatchId,
    MerchantId,
    PaymentId,
    ProgrammeId,
    RegionId,
    TownId,
    new_id,
)
from gutschein.merchants.schemas import Merchant, NewBranch, NewMerchant, NewPayoutAccount
from gutschein.merchants.service import create_merchant
from gutschein.payments.schemas import NewPayment
from gutschein.payments.service import book_payment
from gutschein.programmes.schemas import NewProgramme
from gutschein.programmes.service import create_programme
from gutschein.signing.key_check import open_keys
from gutschein.signing.keyring import code_keys_of, signing_keys
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.signing.service_keys import ServiceKeys
from gutschein.signing.token import TokenClaims, expires_at_for, sign_token, token_url
from gutschein.towns.schemas import NewRegion, NewTown
from gutschein.towns.service import create_region, create_town
from gutschein.vouchers.batch import Order
from gutschein.vouchers.issue import issue
from gutschein.web.address import Address
from gutschein.web.rights import Right

#: What stands before the token in the QR code of a voucher. The host is not looked at.
QR_PREFIX = "HTTPS://GUTSCHEIN.EXAMPLE/V/"

_IBAN = "DE89370400440532013000"
_ADDRESS = Address(street="Markt", house_number="1", postcode="08297", post_town="Zwönitz")
_RIGHTS = (Right.TILL_REDEEM, Right.TILL_BALANCE, Right.REDEMPTION_READ)
_ISSUED = text(
    "SELECT id, kid, sealed_code, face_value_cents, valid_until FROM voucher"
    " WHERE town_id = :town_id AND batch_id = :batch_id ORDER BY serial"
)


@dataclass(frozen=True)
class Size:
    """How large a region is.

    :param merchants: of each town; each with one branch.
    :param tills: of each merchant: so many devices, and so many cash registers.
    :param papers: vouchers in all, of *value_cents* each.
    """

    towns: int = 4
    merchants: int = 8
    tills: int = 4
    papers: int = 10_000
    value_cents: int = 100_00


@dataclass
class Furnisher:
    """Makes things in a database, one unit of work for each."""

    database: Database
    kek: KeyEncryptionKey
    keys: ServiceKeys
    now: datetime

    async def town(self, work: Work, region_id: RegionId, number: int) -> TownId:
        town_id = TownId(new_id())
        new = NewTown(
            name=f"Stadt {number}",
            ags=f"145{number:05}",
            trust_iban=_IBAN,
            trust_account_holder=f"Stadt {number}",
            address=_ADDRESS,
        )
        await create_town(work, region_id, town_id, new, kek=self.kek, now=self.now)
        return town_id

    async def merchant(self, work: Work, town_id: TownId, number: int) -> Merchant:
        new = NewMerchant(
            name=f"Laden {number}",
            address=_ADDRESS,
            branches=[NewBranch(name="Markt 1")],
            payout_account=NewPayoutAccount(iban=_IBAN, account_holder="Kerstin Beispiel"),
        )
        made, _ = await create_merchant(work, town_id, new, kek=self.kek, now=self.now)
        return made

    async def register(self, work: Work, shop: Shop, town_id: TownId, of: Merchant) -> Register:
        _, token = await create_api_key(
            work,
            town_id,
            MerchantId(of.id),
            name="Kasse",
            rights=_RIGHTS,
            ends_at=None,
            by=SERVICE,
            now=self.now,
        )
        return Register(shop, token)

    async def device(self, work: Work, shop: Shop, town_id: TownId, of: Merchant) -> Device:
        code = await make_pairing_code(
            work,
            town_id,
            MerchantId(of.id),
            NewPairingCode(branch_id=of.branches[0].id, name="Kasse"),
            keys=self.keys,
            public_url="https://gutschein.example",
            by=SERVICE,
            now=self.now,
        )
        key = generate_private_key(SECP256R1())
        spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        new = NewDevice(id=new_id(), code=code.code, public_key=b64encode(spki).decode("ascii"))
        await pair_device(
            work, town_id, new, spki, "ecdsa-p256-sha256", keys=self.keys, now=self.now
        )
        return Device(shop, str(new.id), key)

    async def programme(self, work: Work, town_id: TownId, cap_cents: int) -> ProgrammeId:
        new = NewProgramme(
            name="Stadtgutschein", cap_cents=cap_cents, merchant_fee_basis_points=300
        )
        made, _ = await create_programme(work, town_id, new, self.now)
        return ProgrammeId(made.id)

    async def payment(self, work: Work, town_id: TownId, amount_cents: int) -> PaymentId:
        new = NewPayment(method="bank_transfer", amount_cents=amount_cents, reference="Überweisung")
        booked, _ = await book_payment(work, town_id, new, self.now)
        return PaymentId(booked.id)

    async def papers(
        self, work: Work, town_id: TownId, count: int, value_cents: int
    ) -> list[Paper]:
        """Issue vouchers, and sign their tokens as for print."""
        programme_id = await self.programme(work, town_id, max(value_cents, 250_00))
        payment_id = await self.payment(work, town_id, count * value_cents)
        batch_id = BatchId(new_id())
        order = Order(town_id, batch_id, programme_id, payment_id, count, value_cents, None)
        await issue(work, order, self.kek, self.now)
        rows = (await work.execute(_ISSUED, {"town_id": town_id, "batch_id": batch_id})).all()
        codes = await code_keys_of(work, town_id, self.kek)
        signing = await signing_keys(work, town_id, self.kek, {row.kid for row in rows})
        return [
            Paper(
                str(town_id),
                str(row.id),
                token_url(
                    QR_PREFIX,
                    sign_token(
                        TokenClaims(
                            codes.unsealed(row.id, row.sealed_code),
                            row.face_value_cents,
                            expires_at_for(row.valid_until),
                        ),
                        row.kid,
                        signing[row.kid].private_key,
                    ),
                ),
                row.face_value_cents,
            )
            for row in rows
        ]


def furnish(database_url: str, size: Size, now: datetime | None = None) -> Region:
    """Furnish a region of this size. Vouchers and tills are spread evenly over its towns.

    :param now: when all of it is made; now unless told.
    """
    return asyncio.run(_furnish(database_url, size, now or utc_now()))


async def _furnish(database_url: str, size: Size, now: datetime) -> Region:
    key = secrets.token_hex(32)
    async with furnishing(database_url, key, now) as furnisher:
        return await _made(furnisher, size, key)


@asynccontextmanager
async def furnishing(database_url: str, key: str, now: datetime) -> AsyncIterator[Furnisher]:
    """Open a database to furnish it.

    :param key: the key-encryption key, in hex.
    """
    engine = create_engine(
        database_url, role=None, pool_size=1, statement_timeout_seconds=24 * 3600
    )
    database = Database(engine, Access(ROLE))  # type: ignore[arg-type]  # not one of the service's
    kek = KeyEncryptionKey(bytes.fromhex(key))
    try:
        async with database.acting(JOBS).unit_of_work() as work:
            keys = await open_keys(work, kek, now)
        yield Furnisher(database, kek, keys, now)
    finally:
        await database.close()


async def _made(furnisher: Furnisher, size: Size, key: str) -> Region:
    registers, devices, papers = [], [], []
    async with furnisher.database.unit_of_work() as work:
        region, _ = await create_region(work, NewRegion(name="Erzgebirge"), furnisher.now)
        town_ids = [
            await furnisher.town(work, RegionId(region.id), number)
            for number in range(1, size.towns + 1)
        ]
    for town_id, number in product(town_ids, range(1, size.merchants + 1)):
        async with furnisher.database.unit_of_work() as work:
            merchant = await furnisher.merchant(work, town_id, number)
            shop = Shop(str(town_id), str(merchant.id), str(merchant.branches[0].id))
            for _ in range(size.tills):
                registers.append(await furnisher.register(work, shop, town_id, merchant))
                devices.append(await furnisher.device(work, shop, town_id, merchant))
    for town_id in town_ids:
        async with furnisher.database.unit_of_work() as work:
            count = size.papers // size.towns
            papers += await furnisher.papers(work, town_id, count, size.value_cents)
    return Region(key, registers, devices, papers)
