"""The model's two towns, opened on a real database by the services themselves."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import steps
from steps import MERCHANTS, OTHER, PROGRAMMES, TOWNS, id_of

from gutschein.db.access import Access
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database
from gutschein.kernel.ids import RegionId, TownId
from gutschein.merchants.schemas import NewBranch, NewMerchant, NewPayoutAccount
from gutschein.merchants.service import create_merchant
from gutschein.programmes.schemas import NewProgramme
from gutschein.programmes.service import create_programme
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.towns.schemas import NewAcceptance, NewRegion, NewTown, VatRate
from gutschein.towns.service import agree_acceptance, create_region, create_town, set_vat_rate
from gutschein.web.address import Address

#: A Saturday before Christmas, 10 o'clock in Germany.
OPENED = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)
FIRST_KEK = bytes(32)
REGION = id_of("Erzgebirge")
NAMES = {"Z": "Zwönitz", "S": "Schneeberg"}
IBAN = "DE89370400440532013000"
ADDRESS = Address(street="Markt", house_number="1", postcode="08297", post_town="Zwönitz")
PROGRAMME_TERMS: dict[str, dict[str, Any]] = {
    "partly": {},
    "whole": {"partial_redemption": False},
    "given": {"payer": "town", "validity": "days", "validity_count": steps.GIVEN_FOR_DAYS},
}


def town_id(town: str) -> TownId:
    return TownId(id_of(town))


async def furnish(database_url: str) -> None:
    """Open the towns, their merchants and programmes, and let them honour one another."""
    database = Database(create_engine(database_url, pool_size=1))
    kek = KeyEncryptionKey(FIRST_KEK)
    try:
        async with database.acting(Access.operator(())).unit_of_work() as work:
            await create_region(work, NewRegion(id=REGION, name="Erzgebirge"), OPENED)
        for town in TOWNS:
            access = Access.operator({town_id(town)})
            async with database.acting(access).unit_of_work() as work:
                new = _new_town(town)
                region = RegionId(REGION)
                await create_town(work, region, town_id(town), new, kek=kek, now=OPENED)
            await _furnish(database.acting(Access.town(town_id(town))), town, kek)
        both = Access.town(*map(town_id, TOWNS))
        async with database.acting(both).unit_of_work() as work:
            for town in TOWNS:
                agreed = NewAcceptance(
                    accepting_town_id=town_id(OTHER[town]), valid_from=date(2020, 1, 1)
                )
                await agree_acceptance(work, town_id(town), agreed, OPENED)
    finally:
        await database.close()


async def _furnish(database: Database, town: str, kek: KeyEncryptionKey) -> None:
    id_ = town_id(town)
    async with database.unit_of_work() as work:
        for begin, basis_points in steps.VAT_RATES:
            await set_vat_rate(work, id_, VatRate(valid_from=begin, basis_points=basis_points))
        for name in PROGRAMMES:
            terms = PROGRAMME_TERMS[name] | {
                "id": id_of(f"{town} {name}"),
                "name": name,
                "minimum_cents": steps.SMALLEST_CENTS,
                "maximum_cents": steps.LARGEST_CENTS,
                "cap_cents": steps.LARGEST_CENTS,
                "merchant_fee_basis_points": steps.FEES[name],
            }
            await create_programme(work, id_, NewProgramme(**terms), OPENED)
        for merchant in (each for each in MERCHANTS if each[0] == town):
            branches = [each for each in steps.BRANCHES if each[:2] == merchant]
            new = NewMerchant(
                id=id_of(merchant),
                name=f"Buchladen {merchant}",
                address=ADDRESS,
                branches=[NewBranch(id=id_of(each), name=each) for each in branches],
                payout_account=NewPayoutAccount(iban=IBAN, account_holder="Kerstin Beispiel"),
            )
            await create_merchant(work, id_, new, kek=kek, now=OPENED)


def _new_town(town: str) -> NewTown:
    return NewTown(
        name=NAMES[town],
        ags={"Z": "14521690", "S": "14521530"}[town],
        trust_iban=IBAN,
        trust_account_holder=f"Stadt {NAMES[town]}",
        address=ADDRESS,
        minimum_payout_cents=steps.MINIMUM_PAYOUT_CENTS[town],
    )
