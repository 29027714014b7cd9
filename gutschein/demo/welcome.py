"""What the demo says when all is there: where to look, and as whom."""

from __future__ import annotations

from pathlib import Path

from gutschein.demo.crew import Crew
from gutschein.demo.furnish import DemoRegion
from gutschein.demo.high_street import FRONTS
from gutschein.demo.issuing import Held
from gutschein.demo.seed import TO_SCAN
from gutschein.demo.till import CASHIER, PIN, pairing_address
from gutschein.kernel.ids import new_id


def welcome(crew: Crew, region: DemoRegion, held: Held, folder: Path) -> str:
    """Return the words, with a fresh pairing code and a fresh API key in them."""
    town, shop = held.town.data, held.town.data.shops[0]
    place = held.town.tills[0]
    key = crew.key_of(place.town_id, place.merchant_id)
    people = "\n".join(
        f"  {member.email:22} {member.password}  {member.about}"
        for member in crew.staff.members.values()
    )
    return f"""
The region {region.name} is served at {crew.url}

  its towns          {crew.url}/
  one of them        {crew.url}/{FRONTS[town.name].slug}
  sign in            {crew.url}/anmelden
  a voucher          {held.printed.qr_text}
  vouchers to print  {folder}
  the API described  {crew.url}/schema/openapi.json

Buy a voucher as a citizen does; there is no bank here, so play it yourself:

  buy                {crew.url}/{FRONTS[town.name].slug}/kaufen
  pay                .venv/bin/gutschein demo --pay 'the address of the order'

The till of {shop.name}, in any browser of this computer, within five minutes:

  become the till    {pairing_address(crew)}
  later              .venv/bin/gutschein demo --till
  scan               {folder / TO_SCAN}
  or type            {held.printed.typed_code}
  cashier            {CASHIER}, PIN {PIN}

Sign in as one of these, then with the code of: .venv/bin/gutschein demo --codes

{people}

Try it, in another window:

  # what is left on a voucher of {town.name}
  curl -H 'Authorization: Bearer {key}' \\
    {crew.url}/api/v1/vouchers/{held.printed.typed_code}

  # redeem 5 euros from it at {shop.name}
  curl -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' \\
    {crew.url}/api/v1/redemptions -d '{{"id": "{new_id()}",
    "code": "{held.printed.typed_code}", "amount_cents": 500,
    "town_id": "{place.town_id}", "merchant_id": "{place.merchant_id}",
    "branch_id": "{place.branch_id}"}}'

  .venv/bin/gutschein demo --headless --json   # the whole job, from sale to audit
  .venv/bin/gutschein audit                    # are all books right?"""
