"""A town's page as a citizen opens it, at fifty a second: the time until it is all there.

A town with 120 shops in all categories, partner towns and several programmes. The floor is the
same page, finished, answered by the same server.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import httpx

from bench.answers import Answer
from bench.furnish import Furnisher, furnishing
from bench.generator import run
from bench.load import Load, WrongAnswer
from bench.measure import ROUNDS, Benchmark, Further, Place, Round
from bench.outcome import Outcome
from bench.service import Served, served
from bench.still_page import PAGE_VARIABLE
from gutschein.kernel.author import SERVICE
from gutschein.kernel.clock import utc_now
from gutschein.kernel.ids import BranchId, MerchantId, RegionId, TownId
from gutschein.storefront.editing import put_profile, put_storefront
from gutschein.storefront.rules import CATEGORIES
from gutschein.storefront.schemas import BranchProfile, NewStorefront
from gutschein.towns.schemas import NewAcceptance, NewRegion
from gutschein.towns.service import agree_acceptance, create_region
from gutschein.web import static
from gutschein.web.address import Address

RATE = 50.0
MOST_MS = 50.0
MOST_KB = 60.0
SHOPS, PARTNERS, PROGRAMMES = 120, 3, 3
CONNECTIONS = 8
_WARM_UP_SECONDS = 3.0
#: What the first view loads besides the page: styles, and a script where one is used.
_FIRST_VIEW = ("src/site.css", "src/town.css", "src/pages/shops.ts")
_ADDRESS = Address(street="Markt", house_number="1", postcode="08297", post_town="Zwönitz")
_SLUG = "zwoenitz"


@dataclass
class EachWhole:
    """Every answer is the whole page."""

    end: bytes = b"</html>"

    def judge(self, place: int, answer: Answer) -> bool:  # noqa: ARG002 - as it is called
        """Tell that the page came; see :class:`bench.load.Check`."""
        if answer.status != 200 or not answer.body.rstrip().endswith(self.end):
            raise WrongAnswer(f"{answer.status}: {answer.body[:300].decode('utf-8', 'replace')}")
        return True

    def conclude(self) -> dict[int, int]:
        """Nothing is moved."""
        return {}


def _run(place: Place) -> Iterator[Round]:
    key = secrets.token_hex(32)
    asyncio.run(_furnished(place.database_url, key))
    with served(place.database_url, place.folder, key) as service:
        still = place.folder / "page.html"
        still.write_text(_page(service), encoding="utf-8")
        aimed = {"program": ("bench.aimed", "bench.still_page:wired")}
        environment = {PAGE_VARIABLE: str(still)}
        with served(
            place.database_url, place.folder, key, environment=environment, **aimed
        ) as floor:
            for each in (service, floor):
                _opened(each, "", _WARM_UP_SECONDS)
            for _ in range(ROUNDS):
                least = _opened(floor, "", place.seconds)
                shops = _opened(service, "/akzeptanzstellen?q=laden", place.seconds)
                ours = _opened(service, "", place.seconds)
                yield Round(
                    ours.latency(0.95) * 1000,
                    least.latency(0.95) * 1000,
                    (
                        Further("95th percentile", ours.latency(0.95) * 1000, "ms", MOST_MS),
                        Further("median", ours.latency(0.5) * 1000, "ms"),
                        Further(
                            "list of shops, searched, 95th percentile",
                            shops.latency(0.95) * 1000,
                            "ms",
                            MOST_MS,
                        ),
                        Further("styles and script of the first view", _kilobytes(), "kB", MOST_KB),
                    ),
                )


def _opened(at: Served, rest: str, seconds: float) -> Outcome:
    """Open a page at the fixed rate, whether or not the service keeps up."""
    head = (
        f"GET /{_SLUG}{rest} HTTP/1.1\r\nhost: {at.authority}\r\naccept: text/html\r\n"
        "accept-language: de\r\n\r\n"
    )
    requests = [(head.encode("ascii"),)] * round(RATE * seconds + 1)
    return run(Load(at.port, requests, EachWhole(), CONNECTIONS, seconds, RATE))


def _page(service: Served) -> str:
    answer = httpx.get(f"http://{service.authority}/{_SLUG}", headers={"accept": "text/html"})
    return answer.raise_for_status().text


def _kilobytes() -> float:
    """Return what a browser fetches, compressed as it is sent."""
    names = {
        path.removeprefix(f"{static.STATIC_PATH}/")
        for each in _FIRST_VIEW
        for path in static.paths_of(each)
        if path.endswith((".css", ".js"))
    }
    return sum(len(static.files()[name].gzipped or b"") for name in names) / 1000


async def _furnished(database_url: str, key: str) -> None:
    now = utc_now()
    async with furnishing(database_url, key, now) as furnisher:
        async with furnisher.database.unit_of_work() as work:
            region, _ = await create_region(work, NewRegion(name="Erzgebirge"), now)
            town_ids = [
                await furnisher.town(work, RegionId(region.id), number)
                for number in range(1, PARTNERS + 2)
            ]
            for town_id in town_ids[1:]:
                agreed = NewAcceptance(accepting_town_id=town_id, valid_from=date(2026, 1, 1))
                await agree_acceptance(work, town_ids[0], agreed, now)
            for town_id, slug in zip(
                town_ids, (_SLUG, "b-stadt", "c-stadt", "d-stadt"), strict=True
            ):
                front = NewStorefront(slug=slug, intro="Ein Gutschein für alle.", intro_en=None)
                await put_storefront(work, town_id, front, taken=(), by=SERVICE, now=now)
            for _ in range(PROGRAMMES):
                await furnisher.programme(work, town_ids[0], 250_00)
        for number in range(SHOPS):
            await _shop(furnisher, town_ids[0], number)


async def _shop(furnisher: Furnisher, town_id: TownId, number: int) -> None:
    profile = BranchProfile(
        category=CATEGORIES[number % len(CATEGORIES)],
        address=_ADDRESS,
        phone="03733 1234",
        opening_hours=("Mo-Fr 9-18 Uhr", "Sa 9-13 Uhr"),
        wheelchair="yes",
        latitude=50.63,
        longitude=12.81,
    )
    async with furnisher.database.unit_of_work() as work:
        merchant = await furnisher.merchant(work, town_id, number)
        await put_profile(
            work,
            town_id,
            MerchantId(merchant.id),
            BranchId(merchant.branches[0].id),
            profile,
            by=SERVICE,
            now=furnisher.now,
        )


BENCHMARK = Benchmark(
    name="town-page",
    unit="ms",
    about="the 95th percentile of a town's page at 50 a second, beside the same page finished",
    target=6.0,
    better="lower",
    run=_run,
)
