"""Who may do what: the one table of rights.

Every route names its right (``opt=needs(Right.…)``) or says that it is public. The table
is printed into ``docs/reference/rights.md``, and a test holds every route to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct


class Role(StrEnum):
    """What somebody is to a region, a town or a merchant."""

    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"
    APPROVER = "approver"
    CLERK = "clerk"
    AUDITOR = "auditor"
    OWNER = "owner"
    CASHIER = "cashier"
    DEVICE = "device"
    REGISTER = "register"


#: What a role belongs to.
OF_REGION = frozenset({Role.OPERATOR})
OF_TOWN = frozenset({Role.ADMINISTRATOR, Role.APPROVER, Role.CLERK, Role.AUDITOR})
OF_MERCHANT = frozenset({Role.OWNER, Role.CASHIER})
#: Roles that no person has: a paired device, and a cash register with an API key.
TECHNICAL = frozenset({Role.DEVICE, Role.REGISTER})
#: Roles that can move money, change payout data or hand out rights. They count only in a
#: session that was opened with two factors.
TWO_FACTOR = frozenset({Role.OPERATOR, Role.ADMINISTRATOR, Role.APPROVER, Role.CLERK, Role.OWNER})


class Scope(StrEnum):
    """What a right is held for, and so which rows a route may touch."""

    REGION = "region"
    """The region in the path."""
    TOWN = "town"
    """The town in the path."""
    MERCHANT = "merchant"
    """The merchant in the path: its town's people, and its own."""
    TILL = "till"
    """The caller's own shop; the route compares it with the shop that is named."""
    SELF = "self"
    """The person who is signed in."""


class Rule(Struct, frozen=True):
    """Which roles have a right, and for what. Of a ``SELF`` right, every person has it."""

    scope: Scope
    roles: frozenset[Role]
    about: str


class Right(StrEnum):
    """What can be done."""

    REGION_OPEN = "region.open"
    REGION_LIST = "region.list"
    REGION_READ = "region.read"
    TOWN_OPEN = "town.open"
    TOWN_LIST = "town.list"
    TOWN_READ = "town.read"
    TERMS_CHANGE = "terms.change"
    STOREFRONT_EDIT = "storefront.edit"
    NETTING_READ = "netting.read"
    NETTING_RUN = "netting.run"
    MERCHANT_ADMIT = "merchant.admit"
    MERCHANT_LIST = "merchant.list"
    MERCHANT_READ = "merchant.read"
    POINT_OPEN = "issuing_point.open"
    COUNTER_SELL = "counter.sell"
    COUNTER_CLOSE = "counter.close"
    COUNTER_READ = "counter.read"
    STOCK_ORDER = "stock.order"
    PAYMENT_BOOK = "payment.book"
    PAYMENT_READ = "payment.read"
    BANK_IMPORT = "bank.import"
    DEPOSIT_READ = "deposit.read"
    DEPOSIT_ASSIGN = "deposit.assign"
    WITHDRAWAL_READ = "withdrawal.read"
    WITHDRAWAL_RESOLVE = "withdrawal.resolve"
    VOUCHER_ISSUE = "voucher.issue"
    VOUCHER_READ = "voucher.read"
    VOUCHER_PRINT = "voucher.print"
    VOUCHER_BLOCK = "voucher.block"
    VOUCHER_REPLACE = "voucher.replace"
    VOUCHER_EXPIRE = "voucher.expire"
    TILL_REDEEM = "till.redeem"
    TILL_BALANCE = "till.balance"
    CLAIM_SEND = "claim.send"
    CLAIM_RESOLVE = "claim.resolve"
    REDEMPTION_READ = "redemption.read"
    SETTLEMENT_CLOSE = "settlement.close"
    SETTLEMENT_READ = "settlement.read"
    STATEMENT_READ = "statement.read"
    PAYOUT_BOOK = "payout.book"
    PAYOUT_FILE = "payout.file"
    AUDIT_RUN = "audit.run"
    LOG_READ = "log.read"
    PAYOUT_ACCOUNT_REQUEST = "payout_account.request"
    KEY_RENEW = "key.renew"
    APPROVAL_REQUEST = "approval.request"
    APPROVAL_READ = "approval.read"
    APPROVAL_DECIDE = "approval.decide"
    ACCOUNT_OWN = "account.own"
    DEVICE_READ = "device.read"
    DEVICE_MANAGE = "device.manage"
    DEVICE_LOCK = "device.lock"
    DEVICE_OWN = "device.own"
    CASHIER_MANAGE = "cashier.manage"
    API_KEY_MANAGE = "api_key.manage"
    PEOPLE_FIND = "people.find"
    PEOPLE_READ = "people.read"
    PEOPLE_MANAGE = "people.manage"
    MERCHANT_PEOPLE_READ = "merchant_people.read"
    MERCHANT_PEOPLE_MANAGE = "merchant_people.manage"
    REGION_PEOPLE_MANAGE = "region_people.manage"


_OPERATOR = frozenset({Role.OPERATOR})
_ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
_DESK = frozenset({Role.ADMINISTRATOR, Role.CLERK})
_OFFICE = frozenset({Role.ADMINISTRATOR, Role.APPROVER, Role.AUDITOR})
_TOWN_HALL = OF_TOWN
_NOBODY_SPECIAL: frozenset[Role] = frozenset()


def _rules() -> Mapping[Right, Rule]:
    region, town, merchant, till, own = Scope
    return {
        Right.REGION_OPEN: Rule(own, _OPERATOR, "Open another region, and be its operator."),
        Right.REGION_LIST: Rule(own, _NOBODY_SPECIAL, "List the regions one belongs to."),
        Right.REGION_READ: Rule(region, _OPERATOR, "Read a region."),
        Right.TOWN_OPEN: Rule(region, _OPERATOR, "Open a town in a region."),
        Right.TOWN_LIST: Rule(own, _NOBODY_SPECIAL, "List the towns one belongs to."),
        Right.TOWN_READ: Rule(town, _TOWN_HALL, "Read a town, its VAT rates and agreements."),
        Right.TERMS_CHANGE: Rule(
            town, _ADMINISTRATOR, "Change VAT rates, agreements with towns, kinds of voucher."
        ),
        Right.STOREFRONT_EDIT: Rule(
            town, _ADMINISTRATOR, "Say what the public sees of the town, its shops and texts."
        ),
        Right.NETTING_READ: Rule(region, _OPERATOR, "Read what towns owe one another."),
        Right.NETTING_RUN: Rule(region, _OPERATOR, "Net the towns and book their payments."),
        Right.MERCHANT_ADMIT: Rule(
            town, _ADMINISTRATOR, "Take a merchant under contract; open and close branches."
        ),
        Right.MERCHANT_LIST: Rule(town, _TOWN_HALL, "List merchants and issuing points."),
        Right.MERCHANT_READ: Rule(merchant, _TOWN_HALL | {Role.OWNER}, "Read a merchant."),
        Right.POINT_OPEN: Rule(town, _ADMINISTRATOR, "Open an issuing point."),
        Right.COUNTER_SELL: Rule(town, _DESK, "Sell vouchers at an issuing point."),
        Right.COUNTER_CLOSE: Rule(town, _DESK, "Count the cash of an issuing point."),
        Right.COUNTER_READ: Rule(
            town, _TOWN_HALL, "Read sales, stock and cash closings of issuing points."
        ),
        Right.STOCK_ORDER: Rule(
            town, _ADMINISTRATOR, "Have vouchers printed for stock, and assign them to points."
        ),
        Right.PAYMENT_BOOK: Rule(town, _DESK, "Book money that has come in."),
        Right.PAYMENT_READ: Rule(town, _TOWN_HALL, "Read a payment."),
        Right.BANK_IMPORT: Rule(town, _DESK, "Read in bank statements of the trust account."),
        Right.DEPOSIT_READ: Rule(
            town, _TOWN_HALL, "See bank statements, and money that is not assigned yet."
        ),
        Right.DEPOSIT_ASSIGN: Rule(town, _DESK, "Say which order money that came in is for."),
        Right.WITHDRAWAL_READ: Rule(
            town, _TOWN_HALL, "See which orders citizens have withdrawn from, and what is owed."
        ),
        Right.WITHDRAWAL_RESOLVE: Rule(town, _DESK, "Note how a withdrawal was settled."),
        Right.VOUCHER_ISSUE: Rule(town, _DESK, "Issue vouchers against a booked payment."),
        Right.VOUCHER_READ: Rule(town, _TOWN_HALL, "Read vouchers and batches, without codes."),
        Right.VOUCHER_PRINT: Rule(town, _DESK, "Print vouchers."),
        Right.VOUCHER_BLOCK: Rule(town, _DESK, "Block a voucher."),
        Right.VOUCHER_REPLACE: Rule(town, _DESK, "Replace a lost voucher by a new one."),
        Right.VOUCHER_EXPIRE: Rule(town, _ADMINISTRATOR, "Let due vouchers lapse."),
        Right.TILL_REDEEM: Rule(till, TECHNICAL, "Redeem a voucher, and take it back that day."),
        Right.TILL_BALANCE: Rule(till, TECHNICAL, "See what is left on a voucher held up."),
        Right.CLAIM_SEND: Rule(
            till,
            frozenset({Role.DEVICE}),
            "Send what was taken without a net, and read what became of it.",
        ),
        Right.CLAIM_RESOLVE: Rule(
            town, _DESK, "Note how the town has made good what a shop took without a net."
        ),
        Right.REDEMPTION_READ: Rule(
            town, _TOWN_HALL | TECHNICAL, "Read a redemption; a till those of its own merchant."
        ),
        Right.SETTLEMENT_CLOSE: Rule(town, _ADMINISTRATOR, "Close a period."),
        Right.SETTLEMENT_READ: Rule(town, _OFFICE, "Read settlements and statements."),
        Right.STATEMENT_READ: Rule(
            merchant, _OFFICE | {Role.OWNER}, "Read a merchant's approved statements."
        ),
        Right.PAYOUT_BOOK: Rule(town, _ADMINISTRATOR, "Book what the bank says of payouts."),
        Right.PAYOUT_FILE: Rule(
            town, frozenset({Role.ADMINISTRATOR, Role.APPROVER}), "Fetch the payout file."
        ),
        Right.AUDIT_RUN: Rule(own, _OFFICE, "Audit the books of the towns one belongs to."),
        Right.LOG_READ: Rule(town, _OFFICE, "Read the business log."),
        Right.PAYOUT_ACCOUNT_REQUEST: Rule(
            merchant,
            _DESK | {Role.OWNER},
            "Ask for another payout account of a merchant, and take the request back.",
        ),
        Right.KEY_RENEW: Rule(town, _ADMINISTRATOR, "Ask for a new signing key of the town."),
        Right.APPROVAL_REQUEST: Rule(
            town, _DESK, "Ask for what needs a second person, and take the request back."
        ),
        Right.APPROVAL_READ: Rule(town, _TOWN_HALL, "See what waits for a second person."),
        Right.APPROVAL_DECIDE: Rule(
            town, frozenset({Role.APPROVER}), "Approve or reject what another person asked for."
        ),
        Right.ACCOUNT_OWN: Rule(
            own, _NOBODY_SPECIAL, "See one's own sessions and keys, sign out, change them."
        ),
        Right.DEVICE_READ: Rule(
            merchant,
            frozenset({Role.ADMINISTRATOR, Role.AUDITOR, Role.OWNER}),
            "See a merchant's devices, cashiers and API keys.",
        ),
        Right.DEVICE_MANAGE: Rule(
            merchant, frozenset({Role.OWNER}), "Pair devices of a merchant's branches."
        ),
        Right.DEVICE_LOCK: Rule(
            merchant,
            frozenset({Role.ADMINISTRATOR, Role.OWNER}),
            "Lock a device at once, and release it; what the town locked, only the town.",
        ),
        Right.DEVICE_OWN: Rule(
            till,
            frozenset({Role.DEVICE}),
            "Ask what one is, see the day of one's branch, sign cashiers on and off.",
        ),
        Right.CASHIER_MANAGE: Rule(
            merchant, frozenset({Role.OWNER}), "Name cashiers, and give them new PINs."
        ),
        Right.API_KEY_MANAGE: Rule(
            merchant,
            frozenset({Role.ADMINISTRATOR, Role.OWNER}),
            "Make, replace and revoke API keys of cash registers.",
        ),
        Right.PEOPLE_FIND: Rule(
            own, _OFFICE | {Role.OPERATOR, Role.OWNER}, "Find whose people one may see."
        ),
        Right.PEOPLE_READ: Rule(town, _OFFICE, "See who has which role in the town."),
        Right.PEOPLE_MANAGE: Rule(
            town,
            _ADMINISTRATOR,
            "Invite people to the town's roles, take roles away, ask for a way back in.",
        ),
        Right.MERCHANT_PEOPLE_READ: Rule(
            merchant, _OFFICE | {Role.OWNER}, "See who has which role at a merchant."
        ),
        Right.MERCHANT_PEOPLE_MANAGE: Rule(
            merchant,
            _ADMINISTRATOR | {Role.OWNER},
            "Invite owners and cashiers of a merchant, and take their roles away.",
        ),
        Right.REGION_PEOPLE_MANAGE: Rule(
            region,
            _OPERATOR,
            "Invite operators, and a town's first administrators and approvers.",
        ),
    }


#: The table of rights.
RIGHTS: Mapping[Right, Rule] = _rules()


#: A till's request whose handler asks of the credential itself what only the database knows.
SIGNS_IN_WITH_REQUEST = "signs_in_with_request"


def needs(right: Right, *, signs_in_with_request: bool = False) -> dict[str, Any]:
    """Return what a handler says in ``opt`` about the right that it needs.

    :param signs_in_with_request: of a handler that checks ``Caller.sign_in`` in the
        transaction that its request is done in.
    """
    return {"right": right, SIGNS_IN_WITH_REQUEST: signs_in_with_request}
