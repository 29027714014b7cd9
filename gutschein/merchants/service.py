"""Use cases of merchants, their branches, and of issuing points.

Each function that makes something returns it, and whether this call made it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import BranchId, MerchantId, TownId, new_id
from gutschein.ledger.chart import AccountKind
from gutschein.ledger.entries import Account
from gutschein.ledger.posting import open_accounts
from gutschein.merchants import repository, rules
from gutschein.merchants.bank_data import accounts_of, add_account, checked_account, set_contact
from gutschein.merchants.schemas import (
    Branch,
    IssuingPoint,
    Merchant,
    NewBranch,
    NewIssuingPoint,
    NewMerchant,
)
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.towns.service import get_town


async def create_merchant(
    work: Work, town_id: TownId, new: NewMerchant, *, kek: KeyEncryptionKey, now: datetime
) -> tuple[Merchant, bool]:
    """Take a merchant under contract, with branches, payout account and ledger account.

    :raises Refusal: ``town.unknown``, ``iban.invalid``, ``sepa_text.empty``,
        ``request.conflict`` when the id of the merchant or of a branch is taken.
    """
    await get_town(work, town_id)
    merchant_id = MerchantId(new.id or new_id())
    wanted = Merchant(
        id=merchant_id,
        town_id=town_id,
        name=new.name,
        address=new.address,
        created_at=now,
        branches=[_opened(branch, merchant_id, now) for branch in new.branches],
    )
    account = checked_account(new.payout_account, now)
    if await repository.insert_merchant(work, wanted):
        if not await repository.insert_branches(work, town_id, wanted.branches):
            raise Refusal("request.conflict")
        await add_account(work, town_id, merchant_id, account, kek)
        if new.contact_email is not None:
            await set_contact(work, town_id, merchant_id, new.contact_email, kek)
        await open_accounts(
            work, [Account(town_id, AccountKind.MERCHANT_PAYABLE, merchant_id)], now
        )
        return wanted, True
    found = await get_merchant(work, town_id, merchant_id)
    first_account = (await accounts_of(work, town_id, merchant_id, kek))[0]
    same_account = replace(first_account, valid_from=now) == account
    if not same_account or not rules.was_made_from(found, new):
        raise Refusal("request.conflict")
    return found, False


async def get_merchant(work: Work, town_id: TownId, merchant_id: MerchantId) -> Merchant:
    """Return a merchant of a town.

    :raises Refusal: ``town.unknown``, ``merchant.unknown``.
    """
    await get_town(work, town_id)
    found = await repository.list_merchants(work, town_id, merchant_id)
    if not found:
        raise Refusal("merchant.unknown")
    return found[0]


async def open_branch(
    work: Work, town_id: TownId, merchant_id: MerchantId, new: NewBranch, now: datetime
) -> tuple[Branch, bool]:
    """Open another branch of a merchant.

    :raises Refusal: ``town.unknown``, ``merchant.unknown``, ``request.conflict``.
    """
    merchant = await get_merchant(work, town_id, merchant_id)
    wanted = _opened(new, merchant_id, rules.after(merchant.created_at, now))
    if await repository.insert_branches(work, town_id, [wanted]):
        return wanted, True
    found = await repository.find_branch(work, town_id, BranchId(wanted.id))
    if found is None or (found.merchant_id, found.name) != (merchant_id, new.name):
        raise Refusal("request.conflict")
    return found, False


async def close_branch(
    work: Work, town_id: TownId, merchant_id: MerchantId, branch_id: BranchId, now: datetime
) -> Branch:
    """Close a branch for good, from now on; closing it again changes nothing.

    :raises Refusal: ``town.unknown``, ``merchant.unknown``, ``branch.unknown``.
    """
    await get_merchant(work, town_id, merchant_id)
    await repository.close_branch(work, town_id, merchant_id, branch_id, now)
    found = await repository.find_branch(work, town_id, branch_id)
    if found is None or found.merchant_id != merchant_id:
        raise Refusal("branch.unknown")
    return found


async def open_issuing_point(
    work: Work, town_id: TownId, new: NewIssuingPoint, now: datetime
) -> tuple[IssuingPoint, bool]:
    """Open an issuing point, with the ledger account of its cash.

    :raises Refusal: ``town.unknown``, ``request.conflict``.
    """
    await get_town(work, town_id)
    wanted = IssuingPoint(id=new.id or new_id(), town_id=town_id, name=new.name, opened_at=now)
    if await repository.insert_issuing_point(work, wanted):
        await open_accounts(work, [Account(town_id, AccountKind.CASH, wanted.id)], now)
        return wanted, True
    found = await get_issuing_point(work, town_id, wanted.id)
    if replace(found, opened_at=now) != wanted:
        raise Refusal("request.conflict")
    return found, False


async def get_issuing_point(work: Work, town_id: TownId, point_id: UUID) -> IssuingPoint:
    """Return an issuing point of a town.

    :raises Refusal: ``issuing_point.unknown``.
    """
    found = await repository.list_issuing_points(work, town_id, point_id)
    if not found:
        raise Refusal("issuing_point.unknown")
    return found[0]


def _opened(new: NewBranch, merchant_id: MerchantId, now: datetime) -> Branch:
    return Branch(
        id=new.id or new_id(), merchant_id=merchant_id, name=new.name, opened_at=now, closed_at=None
    )
