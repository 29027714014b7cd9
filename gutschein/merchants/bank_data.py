"""Where a merchant's money goes, and who is told when that changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import asdict

from gutschein.bank.iban import masked_iban, parse_iban
from gutschein.bank.sepa_text import sepa_text
from gutschein.db.unit_of_work import Work
from gutschein.kernel.ids import MerchantId, TownId
from gutschein.merchants import repository, rules
from gutschein.merchants.schemas import (
    ListedMerchant,
    MaskedAccount,
    Merchant,
    MerchantWithAccount,
    NewPayoutAccount,
    PayoutAccount,
)
from gutschein.signing.data_keys import town_data_keys
from gutschein.signing.sealing import KeyEncryptionKey, place


def checked_account(new: NewPayoutAccount, valid_from: datetime) -> PayoutAccount:
    """Return an account that a bank can pay to.

    :raises Refusal: ``iban.invalid``, ``sepa_text.empty`` for a name no bank can read.
    """
    sepa_text(new.account_holder, max_length=70)
    return PayoutAccount(
        iban=parse_iban(new.iban), account_holder=new.account_holder, valid_from=valid_from
    )


async def add_account(
    work: Work, town_id: TownId, merchant_id: MerchantId, new: PayoutAccount, kek: KeyEncryptionKey
) -> bool:
    """Write down a payout account; tell whether none began at that very instant."""
    key = await town_data_keys(work, town_id, kek)
    return await repository.insert_payout_account(work, key, merchant_id, new)


async def accounts_of(
    work: Work, town_id: TownId, merchant_id: MerchantId, kek: KeyEncryptionKey
) -> list[PayoutAccount]:
    """Return all payout accounts of a merchant that there is, the oldest first.

    :raises Refusal: ``key.sealed``, ``bank_data.altered``.
    """
    key = await town_data_keys(work, town_id, kek)
    return (await repository.payout_accounts(work, key, [merchant_id]))[merchant_id]


async def contacts_of(
    work: Work, town_id: TownId, merchant_ids: Sequence[UUID], kek: KeyEncryptionKey
) -> dict[UUID, str]:
    """Return the e-mail addresses of those of the merchants that have named one."""
    sealed = await repository.sealed_contacts(work, town_id, merchant_ids)
    if not sealed:
        return {}
    key = await town_data_keys(work, town_id, kek)
    return {id_: key.unseal(each, _contact_place(id_)) for id_, each in sealed.items()}


async def set_contact(
    work: Work, town_id: TownId, merchant_id: MerchantId, email: str, kek: KeyEncryptionKey
) -> None:
    """Write down who is told from now on."""
    key = await town_data_keys(work, town_id, kek)
    sealed = key.seal(email, _contact_place(merchant_id))
    await repository.set_contact(work, town_id, merchant_id, sealed)


async def with_accounts(
    work: Work,
    town_id: TownId,
    merchants: Sequence[Merchant],
    *,
    kek: KeyEncryptionKey,
    now: datetime,
) -> list[MerchantWithAccount]:
    """Return merchants with their payout accounts of now, and those to come.

    :raises Refusal: ``key.sealed``, ``bank_data.altered``.
    """
    ids = [each.id for each in merchants]
    key = await town_data_keys(work, town_id, kek)
    accounts = await repository.payout_accounts(work, key, ids)
    contacts = await contacts_of(work, town_id, ids, kek)
    return [
        MerchantWithAccount(
            **asdict(each),
            payout_account=rules.account_in_force(accounts[each.id], now),
            next_payout_account=rules.account_to_come(accounts[each.id], now),
            contact_email=contacts.get(each.id),
        )
        for each in merchants
    ]


async def listed(
    work: Work,
    town_id: TownId,
    merchants: Sequence[Merchant],
    *,
    kek: KeyEncryptionKey,
    now: datetime,
) -> list[ListedMerchant]:
    """Return merchants with the masked numbers of their payout accounts of now.

    :raises Refusal: ``key.sealed``, ``bank_data.altered``.
    """
    key = await town_data_keys(work, town_id, kek)
    accounts = await repository.payout_accounts(work, key, [each.id for each in merchants])
    return [
        ListedMerchant(
            **asdict(each), payout_account=_masked(rules.account_in_force(accounts[each.id], now))
        )
        for each in merchants
    ]


def _masked(account: PayoutAccount) -> MaskedAccount:
    return MaskedAccount(iban=masked_iban(account.iban), valid_from=account.valid_from)


def _contact_place(merchant_id: UUID) -> bytes:
    return place("merchant", "sealed_contact_email", merchant_id)
