"""Give the demo region a little life, once: vouchers sold, some of them spent."""

from __future__ import annotations

from pathlib import Path

from gutschein.demo import erzgebirge, till
from gutschein.demo.client import fixed_id
from gutschein.demo.crew import Crew
from gutschein.demo.furnish import DemoRegion, DemoTown, furnish
from gutschein.demo.issuing import Held, Issuer
from gutschein.demo.readback import read_pages
from gutschein.demo.storefronts import dress
from gutschein.demo.tally import Tally

_RUN = till.RUN
#: A voucher to hold up to a camera.
TO_SCAN = "zum-scannen.pdf"
#: The id of what is done last.
_LAST = fixed_id(_RUN, "change of bank")


def seed(client: Crew, folder: Path) -> tuple[DemoRegion, Held]:
    """Make the region unless it is there, and return it with a voucher to try.

    Every step has an id of its own, so a start that was cut short is simply made good.
    """
    region = furnish(client, _RUN, erzgebirge.REGION)
    first = next(iter(region.towns.values()))
    issuer = Issuer(client, region, folder, Tally())
    folder.mkdir(parents=True, exist_ok=True)
    if not _is_done(client, first):
        held = issuer.issue_all()
        _spend(client, [each for place, each in enumerate(held) if place % 2])
        _redeem(client, [each for each in held if each.town is first][2], "last", 5_00)
        _ask(client, first)
    batch = f"towns/{first.id}/batches/{issuer.batch_id(first, first.data.programmes[0])}"
    voucher = client.get(f"{batch}/vouchers")["vouchers"][0]
    pdf = client.file(f"towns/{first.id}/vouchers/{voucher['id']}/document")
    (folder / TO_SCAN).write_bytes(pdf)
    [printed] = read_pages(pdf)
    dress(client, region)
    client.staff.own(first.id, first.tills[0].merchant_id)
    till.equip(client)
    return region, Held(first, first.data.programmes[0], voucher["id"], printed)


def _is_done(client: Crew, town: DemoTown) -> bool:
    """Tell whether the last step was taken, without asking for what there may not be."""
    asked = client.get(f"towns/{town.id}/approvals")["approvals"]
    return any(each["id"] == _LAST for each in asked)


def _ask(client: Crew, town: DemoTown) -> None:
    """Let something wait for a second person."""
    shop = town.data.shops[0]
    client.post(
        f"towns/{town.id}/approvals",
        {
            "id": _LAST,
            "reason": "Brief vom Montag: die Buchhandlung hat die Bank gewechselt",
            "terms": {
                "kind": "payout_account",
                "merchant_id": town.tills[0].merchant_id,
                "iban": erzgebirge.iban(town.data, len(town.data.shops) + 1),
                "account_holder": shop.holder,
            },
        },
    )


def _spend(client: Crew, held: list[Held]) -> None:
    """Spend every second voucher by a third, or whole where it is only used whole."""
    for place, voucher in enumerate(held):
        value_cents = voucher.programme.value_cents
        _redeem(
            client, voucher, str(place), value_cents if voucher.whole_only else value_cents // 3
        )


def _redeem(client: Crew, held: Held, name: str, amount_cents: int) -> None:
    client.post(
        "redemptions",
        {
            "id": fixed_id(_RUN, name),
            "amount_cents": amount_cents,
            **held.shown(),
            **held.town.tills[0].fields,
        },
    )
