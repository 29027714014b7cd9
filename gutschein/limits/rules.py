"""How often anything may be tried: one table, with the reason beside each number.

``burst`` tries at once, and as many again over ``per_seconds``, evenly: the generic cell
rate algorithm (GCRA, ITU-T I.371), which keeps one instant for each key. Over any time t
no more than ``burst + t * burst / per_seconds`` tries are let through.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from gutschein.limits.networks import host_of, network_of


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit on tries that share a key, such as an account.

    :param name: part of what is counted under; to change it is to count anew.
    :param burst: tries at once.
    :param per_seconds: the time in which a used-up burst is whole again.
    :param why: the reason for these numbers, for whoever may want to change them.
    """

    name: str
    burst: int
    per_seconds: int
    why: str

    @property
    def interval(self) -> timedelta:
        """The time that one try uses up."""
        return timedelta(seconds=self.per_seconds) / self.burst

    @property
    def window(self) -> timedelta:
        return timedelta(seconds=self.per_seconds)

    def left(self, used_until: datetime, now: datetime) -> int:
        """Return how many tries are let through at once, if tries are used up to an instant."""
        used = max(used_until - now, timedelta())
        return max(0, (self.window - used) // self.interval)

    def free_at(self, used_until: datetime) -> datetime:
        """Return when the next try is let through, if tries are used up to an instant."""
        return used_until + self.interval - self.window


@dataclass(frozen=True, slots=True)
class AddressLimit:
    """A limit on one host, and a wider one on the network around it.

    A host is an IPv4 address or an IPv6 /64, which is what one subscriber has at least;
    the network is the /24 or /48 around it, against who owns many.
    """

    host: Limit
    network: Limit


Rule = Limit | AddressLimit


@dataclass(frozen=True, slots=True)
class Count:
    """One thing to be counted: a limit and the key it applies to."""

    limit: Limit
    key: str


def counts(rule: Rule, key: str) -> tuple[Count, ...]:
    """Return what a try counts against.

    :param key: for an :class:`AddressLimit`, the caller's address.
    """
    if isinstance(rule, AddressLimit):
        return (Count(rule.host, host_of(key)), Count(rule.network, network_of(key)))
    return (Count(rule, key),)


def seconds_until(instant: datetime, now: datetime) -> int:
    """Return the whole seconds to wait for *instant*, at least 1."""
    return max(1, math.ceil((instant - now).total_seconds()))


def _address(name: str, host: tuple[int, int, str], network: tuple[int, int, str]) -> AddressLimit:
    return AddressLimit(Limit(f"{name}.address", *host), Limit(f"{name}.network", *network))


# Signing in. Of an address failures count; of an account every try does, so that many at once
# are no way around.

SIGN_IN = _address(
    "sign_in",
    (30, 600, "a town hall or a shopping street behind one address mistypes now and then"),
    (150, 600, "five such houses at once"),
)
SIGN_IN_ACCOUNT_HERE = Limit(
    "sign_in.account_here",
    10,
    900,
    "one person, from one host: ten wrong passwords are no slip any more",
)
SIGN_IN_ACCOUNT = Limit(
    "sign_in.account",
    100,
    3600,
    "one account, from everywhere: high, so that strangers cannot lock its owner out quickly, "
    "and still a guess every 36 seconds at most",
)
SECOND_FACTOR = Limit(
    "second_factor",
    5,
    300,
    "six digits, of which three are valid at once: five tries in five minutes let a guesser "
    "who has the password try for four months on average",
)
PASSKEY_CHALLENGE = _address(
    "passkey.challenge",
    (60, 600, "each asks for a row; a town hall behind one address signs in at eight o'clock"),
    (300, 600, "five such houses at once"),
)
ONE_TIME_LINK = _address(
    "one_time_link",
    (20, 600, "invitations are opened once; a training room opens twenty"),
    (100, 600, "five training rooms"),
)
MAIL_REQUEST = Limit(
    "mail_request", 3, 3600, "mails that strangers can have sent to one person in an hour"
)

# Devices, tills and keys.

PAIRING = _address(
    "pairing",
    (20, 600, "a merchant with many tills pairs them in one afternoon"),
    (100, 600, "a street of shops does the same"),
)
CASHIER_PIN = Limit(
    "cashier_pin",
    5,
    900,
    "four digits, on a device that is already known: a guess every three minutes, ten days "
    "on average",
)
CASHIER_PIN_DAY = Limit(
    "cashier_pin.day",
    30,
    86_400,
    "wrong PINs of one cashier at one device: from the thirty-first on one in 48 minutes, so that "
    "a search takes half a year; a new PIN begins anew, and colleagues sign on all the same",
)
CASHIER_SIGN_ON = Limit(
    "cashier_sign_on",
    20,
    600,
    "right PINs and wrong ones: many guesses at the same moment are no way around the limits on "
    "wrong ones, and nobody changes shifts every half minute",
)
VOUCHER_PIN = Limit(
    "voucher_pin",
    5,
    900,
    "wrong PINs of one voucher, wherever: six digits, so that a guess every three minutes takes "
    "three years on average",
)
VOUCHER_PIN_DAY = Limit(
    "voucher_pin.day",
    30,
    86_400,
    "from the thirty-first wrong one on one in 48 minutes: a search takes longer than any "
    "voucher is good for",
)
VOUCHER_PIN_TRIED = Limit(
    "voucher_pin.tried",
    20,
    600,
    "right PINs and wrong ones: many guesses at the same moment are no way around the limits on "
    "wrong ones, and nobody pays every half minute with one voucher",
)
CALLER = Limit(
    "caller",
    3000,
    60,
    "load only, counted in each worker: fifty requests a second from one till, key or person "
    "is a program that has run wild",
)
CREDENTIAL_FAILED = _address(
    "credential_failed",
    (
        60,
        600,
        "a till whose clock is wrong repeats itself, and its shop has one address",
    ),
    (600, 600, "a carrier's network address translation puts many shops behind one network"),
)
GUESS_CALLER = Limit(
    "guess.caller",
    30,
    600,
    "unknown or forged vouchers at one till: an evening of jokes, not a search",
)
GUESS_MERCHANT = Limit(
    "guess.merchant", 120, 600, "all tills of a merchant together: four of them at their limit"
)

# The public page of balances.

BALANCE_PAGE = _address(
    "balance.page",
    (300, 60, "load only: a school class behind one address scans its vouchers at once"),
    (3000, 60, "load only: a mobile carrier puts a whole town behind one network"),
)
BALANCE_TYPED = _address(
    "balance.typed",
    (60, 600, "a town hall behind one address types a code every ten seconds, all day"),
    (300, 600, "five such houses at once"),
)
BALANCE_VOUCHER = Limit(
    "balance.voucher",
    30,
    600,
    "one voucher is looked at when it is bought, given and spent; a script looks every second",
)
BALANCE_FAILED = Limit(
    "balance.failed",
    600,
    60,
    "typed codes that pass their check and are not recognised, from everywhere: ten a second. "
    "The check character catches slips, so in an honest hour there are a handful; 1.7 million "
    "guesses an hour, as seen in 2017, become 36,000",
)

# The shop.

ORDER_DRAFTED = _address(
    "order.drafted",
    (60, 600, "each writes a row; a class that buys for its teacher changes its mind now and then"),
    (600, 600, "a mobile carrier puts a whole town behind one network on the day before Christmas"),
)
ORDER_PLACED = _address(
    "order.placed",
    (20, 3600, "a company orders for its branches; thousands from one address are no customer"),
    (200, 3600, "a mobile carrier puts a whole town behind one network"),
)
ORDER_MAILED = Limit(
    "order.mailed",
    10,
    3600,
    "orders with one e-mail address: strangers could have their mails sent to anybody",
)

WITHDRAWAL_DECLARED = _address(
    "withdrawal.declared",
    (20, 3600, "each is kept for ever; whoever mistypes confirms again, a house shares an address"),
    (200, 3600, "a mobile carrier puts a whole town behind one network"),
)
WITHDRAWAL_MAILED = Limit(
    "withdrawal.mailed",
    10,
    3600,
    "receipts to one e-mail address: strangers could have their words sent to anybody, and a "
    "buyer who withdraws from several orders is not kept waiting",
)

#: Every limit there is.
LIMITS: tuple[Rule, ...] = (
    SIGN_IN,
    SIGN_IN_ACCOUNT_HERE,
    SIGN_IN_ACCOUNT,
    SECOND_FACTOR,
    PASSKEY_CHALLENGE,
    ONE_TIME_LINK,
    MAIL_REQUEST,
    PAIRING,
    CASHIER_PIN,
    CASHIER_PIN_DAY,
    CASHIER_SIGN_ON,
    VOUCHER_PIN,
    VOUCHER_PIN_DAY,
    VOUCHER_PIN_TRIED,
    CALLER,
    CREDENTIAL_FAILED,
    GUESS_CALLER,
    GUESS_MERCHANT,
    BALANCE_PAGE,
    BALANCE_TYPED,
    BALANCE_VOUCHER,
    BALANCE_FAILED,
    ORDER_DRAFTED,
    ORDER_PLACED,
    ORDER_MAILED,
    WITHDRAWAL_DECLARED,
    WITHDRAWAL_MAILED,
)
