"""The first time that a phone opens the till, on a slow net: until its first tap does something.

Chromium's DevTools call the net "Slow 4G": 1.6 Mbit/s down and 750 kbit/s up, nine tenths of
them, and 150 ms, of which each request has 3.75 (``Slow4GConditions`` of devtools-frontend,
since May 2024; before, it went by "Fast 3G"). Nothing is in the cache, and no worker is there.
The device is paired, so the first tap is on »Code eintippen« and what it does is to show the
field; the first screen of one that is not paired is told beside it, and so is a processor that
is four times slower.

The floor is the least that a page with scripts can be on that net: a document, and when it is
there, all at once the scripts and styles that the till needs before its first screen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from playwright.sync_api import CDPSession, Page

from bench.furnish import Size
from bench.measure import ROUNDS, Benchmark, Further, Place, Round
from bench.till import READER, Counter, counter
from gutschein.web import static

LOADS = 5
MOST_MS = 2_000.0
MOST_KB = 70.0
SLOWDOWN = 4

_SLOW_4G = {
    "offline": False,
    "downloadThroughput": 1.6e6 / 8 * 0.9,
    "uploadThroughput": 750e3 / 8 * 0.9,
    "latency": 150 * 3.75,
}
_SCRIPT = Path(__file__).with_name("till_load.js")
#: What has been loaded, and how many bytes that were on the way.
_LOADED = """() => performance.getEntriesByType("resource")
    .filter(({name}) => /\\.(js|css)$/.test(name))
    .map(({name, encodedBodySize}) => [new URL(name).pathname, encodedBodySize])"""
_ALL_AT_ONCE = """
    const got = async (path) => (await fetch(path, {cache: "no-store"})).arrayBuffer();
    window.least = Promise.all(PATHS.map(got)).then(() => performance.now());
"""


def _run(place: Place) -> Iterator[Round]:
    loads = max(1, round(LOADS * place.share))
    with counter(place, Size(towns=1, merchants=1, tills=1, papers=4)) as here:
        unpaired, paired = here.phone().new_page(), here.phone().new_page()
        here.pair(paired)
        paired.goto("about:blank")
        waiting = paired.context.new_page()
        for page in (unpaired, paired):
            page.add_init_script(path=_SCRIPT)
        for _ in range(ROUNDS):
            loaded: dict[str, int] = {}
            at = [_first_load(here, paired, loaded) for _ in range(loads)]
            bare = unpaired.context.new_page()
            bare.add_init_script(_ALL_AT_ONCE.replace("PATHS", json.dumps([*loaded])))
            least = [_least(here, bare) for _ in range(loads)]
            bare.close()
            strange = [_first_load(here, unpaired, {}) for _ in range(loads)]
            slow = [_first_load(here, paired, {}, SLOWDOWN) for _ in range(loads)]
            reads = _reads(here, waiting)
            size = sum(loaded.values()) / 1_000
            yield Round(
                median(at),
                median(least),
                (
                    Further("until the first tap shows", median(at), "ms", at_most=MOST_MS),
                    Further("not paired", median(strange), "ms", at_most=MOST_MS),
                    Further("scripts and styles, compressed", size, "kB", at_most=MOST_KB),
                    Further(f"with a processor {SLOWDOWN} times slower", median(slow), "ms"),
                    Further("until the camera reads", reads, "ms"),
                ),
            )


def _first_load(here: Counter, page: Page, loaded: dict[str, int], slowdown: int = 1) -> float:
    """Open the till for the first time; return milliseconds.

    :param loaded: is told the scripts and styles that were there by then, and their bytes.
    """
    session = _slow_net(here, page, slowdown)
    page.goto(f"{here.url}/kasse", wait_until="commit")
    at = float(page.evaluate("window.interactive"))
    reader = static.paths_of(READER)[0]  # comes after the first screen, now and then in time
    loaded |= {path: size for path, size in page.evaluate(_LOADED) if path != reader}
    _leave(page, session)
    return at


def _reads(here: Counter, page: Page) -> float:
    """Open the till for the first time; return milliseconds until codes are looked for."""
    session = _slow_net(here, page, 1)
    page.goto(f"{here.url}/kasse", wait_until="commit")
    page.locator(".till-camera--on").wait_for()
    at = float(page.evaluate("performance.now()"))
    _leave(page, session)
    return at


def _least(here: Counter, page: Page) -> float:
    session = _slow_net(here, page, 1)
    session.send("Page.setBypassCSP", {"enabled": True})  # that of this answer allows nothing
    page.goto(f"{here.url}/health/live", wait_until="commit")
    at = float(page.evaluate("window.least"))
    _leave(page, session)
    return at


def _leave(page: Page, session: CDPSession) -> None:
    """Close the till: only one window can be it."""
    session.detach()
    page.goto("about:blank")


def _slow_net(here: Counter, page: Page, slowdown: int) -> CDPSession:
    """Forget what was loaded before, and slow the net and the processor down."""
    session = page.context.new_cdp_session(page)
    wanted = {"origin": here.url, "storageTypes": "cache_storage,service_workers"}
    session.send("Storage.clearDataForOrigin", wanted)
    session.send("Network.enable")
    session.send("Network.clearBrowserCache")
    session.send("Network.emulateNetworkConditions", _SLOW_4G)
    session.send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
    return session


BENCHMARK = Benchmark(
    name="first-load",
    unit="ms",
    about="the till opened for the first time on Chromium's »Slow 4G«, until a tap shows, beside "
    "a document and the same scripts and styles without anything done with them",
    target=1.5,
    better="lower",
    run=_run,
)
