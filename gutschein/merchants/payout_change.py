"""Another payout account for a merchant: two persons, a waiting period, a word to the merchant.

Between the approval and the first payout to the new account lies the waiting period, in
which the merchant, who is written to at the address known so far, can object. A change
that has not begun is taken back by asking for the account that is in force; that needs a
second person too, but no waiting.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from gutschein.approvals.kinds import Case, Described, Done, Kind, Terms
from gutschein.bank.iban import format_iban, parse_iban
from gutschein.db.unit_of_work import Work
from gutschein.kernel.author import Author
from gutschein.kernel.clock import berlin_day, format_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import MerchantId
from gutschein.mail.outbox import enqueue
from gutschein.merchants import notices, rules
from gutschein.merchants.bank_data import (
    accounts_of,
    add_account,
    checked_account,
    contacts_of,
    set_contact,
)
from gutschein.merchants.notices import Change, recognised
from gutschein.merchants.schemas import ContactEmail, NewPayoutAccount
from gutschein.merchants.service import get_merchant
from gutschein.towns.service import get_town
from gutschein.web.fields import AccountHolder, Iban, Id
from gutschein.web.rights import Right
from gutschein.web.words import german


class PayoutChange(Terms, frozen=True, kw_only=True, tag="payout_account"):
    """Where a merchant is to be paid, and who is told of it from then on.

    Whoever was told so far is told of the request and of the approval.
    """

    merchant_id: Id
    iban: Iban
    account_holder: AccountHolder
    contact_email: ContactEmail | None = None


def payout_account_kind(waiting: timedelta) -> Kind[PayoutChange]:
    """Return the kind of request.

    :param waiting: between the approval and the instant from which the account counts.
    """
    return Kind(
        terms=PayoutChange,
        title=german("Andere Bankverbindung eines Ladens"),
        right=Right.PAYOUT_ACCOUNT_REQUEST,
        describe=partial(_describe, waiting),
        execute=partial(_execute, waiting),
        details=_details,
        announce=partial(_announce, waiting),
    )


async def _describe(waiting: timedelta, work: Work, case: Case, terms: PayoutChange) -> Described:
    change = await _change(waiting, work, case, terms)
    words = [f"{change.merchant_name}:"]
    if (account := change.account) is not None:
        when = f"{waiting.days} Tage nach" if account.waits else "mit"
        same_holder = account.new.account_holder == account.old.account_holder
        words += [f"Auszahlungen auf {recognised(account.new)} statt {recognised(account.old)},"]
        words += ["derselbe Kontoinhaber," if same_holder else "anderer Kontoinhaber,"]
        words += [f"frühestens {when} der Freigabe."]
    if change.new_contact is not None:
        words += ["Nachrichten gehen an eine andere E-Mail-Adresse."]
    if change.contact is None:
        words += ["Eine E-Mail-Adresse ist nicht hinterlegt: Bitte beim Laden nachfragen."]
    return Described(subject_id=terms.merchant_id, summary=" ".join(words))


def _details(terms: PayoutChange) -> list[tuple[str, str]]:
    details = [
        (german("IBAN"), format_iban(parse_iban(terms.iban))),
        (german("Kontoinhaber"), terms.account_holder),
    ]
    if terms.contact_email is not None:
        details += [(german("E-Mail-Adresse"), terms.contact_email)]
    return details


async def _announce(waiting: timedelta, work: Work, case: Case, terms: PayoutChange) -> None:
    change = await _change(waiting, work, case, terms)
    if change.contact is not None:
        notice = notices.requested(change.contact, change, waiting, case.now)
        await enqueue(work, case.keys, notice, case.now)


async def _execute(
    waiting: timedelta, work: Work, case: Case, terms: PayoutChange, _approver: Author
) -> Done:
    change = await _change(waiting, work, case, terms)
    merchant_id = MerchantId(terms.merchant_id)
    before, after = [], []
    if (account := change.account) is not None:
        if not await add_account(work, case.town_id, merchant_id, account.new, case.kek):
            raise Refusal("request.conflict")
        before += [recognised(account.old)]
        after += [f"{recognised(account.new)} ab {format_day(berlin_day(account.new.valid_from))}"]
    if change.contact is not None:
        await enqueue(work, case.keys, notices.approved(change.contact, change, case.now), case.now)
    if change.new_contact is not None:
        await set_contact(work, case.town_id, merchant_id, change.new_contact, case.kek)
        after += ["andere E-Mail-Adresse für Nachrichten"]
    return Done(before="; ".join(before) or None, after="; ".join(after))


async def _change(waiting: timedelta, work: Work, case: Case, terms: PayoutChange) -> Change:
    """Return what would change now.

    :raises Refusal: ``merchant.unknown``, ``iban.invalid``, ``sepa_text.empty``,
        ``payout_account.same``.
    """
    merchant_id = MerchantId(terms.merchant_id)
    merchant = await get_merchant(work, case.town_id, merchant_id)
    new = NewPayoutAccount(iban=terms.iban, account_holder=terms.account_holder)
    account = rules.change_of_account(
        await accounts_of(work, case.town_id, merchant_id, case.kek),
        checked_account(new, case.now),
        case.now,
        waiting,
    )
    contact = (await contacts_of(work, case.town_id, [merchant_id], case.kek)).get(merchant_id)
    other_contact = terms.contact_email not in {None, contact}
    if account is None and not other_contact:
        raise Refusal("payout_account.same")
    return Change(
        town_name=(await get_town(work, case.town_id)).name,
        merchant_name=merchant.name,
        account=account,
        contact=contact,
        new_contact=terms.contact_email if other_contact else None,
    )
