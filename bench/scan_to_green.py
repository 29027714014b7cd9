"""From a voucher that is held up to green, in a browser: its camera, our decoder, the service.

The clock starts when the film that is the camera shows the voucher, and stops when the
heading of the green screen is painted. A script taps as soon as a button is there: first the
whole balance, then redeem.

The floor is the least that a sale can be in this browser, on the same machine: a frame of
the same film with the voucher in it, decoded once, two requests as long as ours that are
answered without any work, one after the other as they must be, and one frame painted. It
leaves out signatures, screens, what the till keeps before it books, and the booking.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Page

from bench.furnish import Size
from bench.load import WrongAnswer
from bench.measure import ROUNDS, Benchmark, Further, Place, Round
from bench.outcome import percentile
from bench.till import CORNER, HEIGHT, READER, Counter, counter
from gutschein.web import static

SALES = 30
MOST_MS = 400.0

_WARM_UP = 3
#: Longer than the camera and the decoder go on from one look to the next.
_SPREAD_SECONDS = 0.15
#: Besides what a browser sends in any case: a signature, and the shop, the token and the rest
#: in the body; of the two requests together.
_PADDING = "x" * 700
_SCRIPT = Path(__file__).with_name("till_sale.js")

#: Instants by what was to be seen, in milliseconds since 1970.
Marks = dict[str, float]


def _run(place: Place) -> Iterator[Round]:
    sales = max(3, round(SALES * place.share))
    papers = _WARM_UP + ROUNDS * sales
    with counter(place, Size(towns=1, merchants=1, tills=1, papers=papers)) as here:
        page = here.phone().new_page()
        page.add_init_script(path=_SCRIPT)
        here.pair(page)
        waiting = iter(here.region.papers)
        for _ in range(_WARM_UP):
            _sell(here, page, next(waiting).token)
        for _ in range(ROUNDS):
            least = [_least(here, page, here.region.papers[0].token) for _ in range(sales)]
            sold = [_sell(here, page, next(waiting).token) for _ in range(sales)]
            yield _round(least, sold)


def _round(least: list[Marks], sold: list[Marks]) -> Round:
    def typical(of: list[Marks], first: str, last: str) -> float:
        return median(each[last] - each[first] for each in of)

    whole = [each["green"] - each["shown"] for each in sold]
    parts = {
        "from the decoder's call to green": (sold, "looked", "green"),
        "the camera, until the look that read it": (sold, "shown", "looked"),
        "decoding": (sold, "looked", "read"),
        "looking up": (sold, "read", "found"),
        "redeeming, from the first tap to green": (sold, "found", "green"),
        "floor, the camera": (least, "shown", "seen"),
        "floor, decoding": (least, "seen", "decoded"),
        "floor, two requests": (least, "decoded", "answered"),
        "floor, a frame painted": (least, "answered", "green"),
    }
    return Round(
        median(whole),
        typical(least, "shown", "green"),
        (
            Further("from the picture to green", median(whole), "ms", at_most=MOST_MS),
            Further("from the picture to green, 95th percentile", percentile(whole, 0.95), "ms"),
            *(Further(name, typical(*part), "ms") for name, part in parts.items()),
        ),
    )


def _sell(here: Counter, page: Page, token: str) -> Marks:
    """Sell the whole of a voucher.

    :raises WrongAnswer: when it is not green.
    """
    if page.locator(".till-main--done").count():
        page.get_by_role("button", name="Nächster Kunde").click()
    page.locator(".till-camera--on").wait_for()
    page.evaluate("void (window.sold = sell())")
    return _marks(here, page, token, "sold", "100,00\xa0€ eingelöst.")


def _least(here: Counter, page: Page, token: str) -> Marks:
    """Do the least, on the green screen of the sale before."""
    wanted = {
        "reader": static.paths_of(READER)[0],
        "corner": CORNER,
        "side": round(HEIGHT * 0.75),  # of the part of the picture that the till looks at first
        "padding": _PADDING,
    }
    page.evaluate("wanted => prepareLeast(wanted)", wanted)
    return _marks(here, page, token, "least", token)


def _marks(here: Counter, page: Page, token: str, awaited: str, words: str) -> Marks:
    """Hold a voucher up, and return what was when, in milliseconds since 1970."""
    time.sleep(random.uniform(0.05, 0.05 + _SPREAD_SECONDS))  # noqa: S311 - between two frames
    shown = time.time() * 1000
    here.film.show(token)
    marks: dict[str, Any] = page.evaluate(f"window.{awaited}")
    here.film.show_nothing()
    if (seen := marks.pop("words")) != words:
        raise WrongAnswer(f"to be seen was {seen!r}, not {words!r}")
    return {"shown": shown, **marks}


BENCHMARK = Benchmark(
    name="scan-to-green",
    unit="ms",
    about="from a voucher before the camera to green in Chromium, beside a frame of the camera, "
    "one decoding, two requests that are answered at once and a frame painted",
    target=3.0,
    better="lower",
    run=_run,
)
