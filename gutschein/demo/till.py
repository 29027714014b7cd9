"""A till to try: that of the first shop, with a cashier, in a town that allows some vouchers to
be taken without a net.
"""

from __future__ import annotations

from gutschein.demo import erzgebirge
from gutschein.demo.crew import Crew
from gutschein.demo.furnish import Till, tills_of

RUN = "demo"
CASHIER, PIN = "Petra", "7391"
_OFFLINE = {
    "enabled": True,
    "voucher_cents": 30_00,
    "device_cents": 100_00,
    "outage_minutes": 240,
    "bearer": "merchant",
}


def first_till() -> Till:
    """Return where the till stands: in the first branch of the first shop."""
    town = erzgebirge.TOWNS[0]
    return tills_of(RUN, town, town.shops[0])[0]


def equip(crew: Crew) -> None:
    """Let a cashier work there and the town take vouchers without a net, unless somebody has
    said anything about either before.
    """
    till = first_till()
    terms = f"towns/{till.town_id}/offline-terms"
    if not crew.get(terms)["terms"]:
        crew.post(terms, _OFFLINE)
    cashiers = f"towns/{till.town_id}/merchants/{till.merchant_id}/cashiers"
    if not crew.get(cashiers)["cashiers"]:
        crew.post(cashiers, {"name": CASHIER, "pin": PIN})


def pairing_address(crew: Crew) -> str:
    """Return an address that makes one browser a till of the shop, within five minutes."""
    till = first_till()
    path = f"towns/{till.town_id}/merchants/{till.merchant_id}/pairing-codes"
    made = crew.post(path, {"branch_id": till.branch_id, "name": "Kasse zum Ausprobieren"})
    return str(made["address"])
