"""What a merchant is written about its payout account, at the address known so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gutschein.bank.iban import masked_iban
from gutschein.kernel.clock import berlin_day, format_day
from gutschein.mail.message import Mail
from gutschein.merchants.rules import AccountChange
from gutschein.merchants.schemas import PayoutAccount

_REQUESTED = """\
Guten Tag,

für {merchant} in {town} wurde am {day} beantragt:

{changes}

Das gilt erst, wenn eine zweite Person der Stadt es freigibt{waiting}. Darüber bekommen Sie
dann noch eine Nachricht.

{warning}
"""

_APPROVED = """\
Guten Tag,

für {merchant} in {town} wurde am {day} freigegeben:

{changes}
{begin}
{warning}
"""

_WARNING = """\
Wissen Sie davon nichts? Dann rufen Sie bitte sofort bei der Stadt {town} an, unter einer Nummer,
die Sie schon kennen."""


@dataclass(frozen=True, slots=True)
class Change:
    """What changes for a merchant.

    :param account: ``None`` when the payout account stays.
    :param contact: whom notices have gone to so far; ``None`` when nobody is known.
    :param new_contact: whom they go to in future; ``None`` when that stays.
    """

    town_name: str
    merchant_name: str
    account: AccountChange | None
    contact: str | None
    new_contact: str | None


def requested(to: str, change: Change, waiting: timedelta, now: datetime) -> Mail:
    """Tell that a change was asked for."""
    waits = change.account is not None and change.account.waits
    text = _REQUESTED.format(
        waiting=f", und frühestens {waiting.days} Tage danach" if waits else "",
        **_words(change, now),
    )
    subject = f"{change.town_name}: Änderung Ihrer Bankverbindung beantragt"
    return Mail(to=to, subject=subject, text=text, language="de")


def approved(to: str, change: Change, now: datetime) -> Mail:
    """Tell that a change was approved, and from when on it counts."""
    begin = ""
    if change.account is not None:
        begin = f"\nDas gilt ab dem {_day(change.account.new.valid_from)}.\n"
    text = _APPROVED.format(begin=begin, **_words(change, now))
    subject = f"{change.town_name}: Änderung Ihrer Bankverbindung freigegeben"
    return Mail(to=to, subject=subject, text=text, language="de")


def shown(account: PayoutAccount) -> str:
    """Write an account for people, without giving it away."""
    return f"{masked_iban(account.iban)} ({account.account_holder})"


def recognised(account: PayoutAccount) -> str:
    """Write an account for what is stored unsealed, for those who know it."""
    holder = " ".join(f"{word[0]}…" for word in account.account_holder.split())
    return f"{masked_iban(account.iban)} ({holder})"


def _words(change: Change, now: datetime) -> dict[str, str]:
    lines = []
    if change.account is not None:
        lines += [f"  Auszahlungen auf {shown(change.account.new)}"]
        lines += [f"  statt auf {shown(change.account.old)}"]
    if change.new_contact is not None:
        lines += ["  Nachrichten wie diese gehen künftig an eine andere E-Mail-Adresse."]
    return {
        "merchant": change.merchant_name,
        "town": change.town_name,
        "day": _day(now),
        "changes": "\n".join(lines),
        "warning": _WARNING.format(town=change.town_name),
    }


def _day(instant: datetime) -> str:
    return format_day(berlin_day(instant))
