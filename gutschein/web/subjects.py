"""What the API is about."""

from __future__ import annotations

#: The subjects of the API, in the order its description shows them.
TAGS = {
    "Towns": "Regions, their towns, VAT rates, and which town honours whose vouchers.",
    "Merchants": "Who takes vouchers and who hands them out.",
    "Devices": "A merchant's tills: paired devices, their cashiers, API keys of cash registers.",
    "Programmes": "Kinds of voucher.",
    "Storefronts": "What the public sees of a town: its page, its texts, where its shops are.",
    "Payments": "Money that has come in for vouchers.",
    "Deposits": "Bank statements read in, and money that waits to be assigned.",
    "Vouchers": "Issued against payments, printed, blocked, replaced, expired.",
    "Issuing points": "Vouchers sold at a desk, from stock or new; receipts; the cash counted.",
    "Redemption": "Spending a voucher, and taking it back on the same day.",
    "Offline": "What shops may take without a net, and the claims that come of it.",
    "Settlement": "The month's end: statements, payouts and what the bank says of them.",
    "Netting": "What the towns of a region owe one another, in the fewest payments.",
    "Log": "Who did what to rights, rules about money and payout data, and why.",
    "Approvals": "What one person asks for and another approves.",
    "People": "Who has which role in a town, at a merchant or for a region, and who is invited.",
    "Keys": "The public keys that vouchers are verified with.",
    "Audit": "Whether every cent is covered, recomputed on the spot.",
    "Errors": "What problem documents mean.",
    "Health": "For load balancers and watchers.",
}
