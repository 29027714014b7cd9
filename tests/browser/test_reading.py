"""How much of what is photographed badly the till reads: its own decoder and looks, in a browser.

``docs/explanation/reading.md`` tells what came of it; the test holds the page to it.
"""

from __future__ import annotations

import io
import re
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pytest
import pytest_asyncio
from bad_pictures import EACH, KINDS, Shot, shots
from playwright.async_api import Browser, Page, Route

from tools.build_front_end import find_node

ROOT = Path(__file__).parents[2]
APP = ROOT / "merchant_app"
PAGE = ROOT / "docs" / "explanation" / "reading.md"
#: A kind, how it was spoiled, how many were read, and by which look.
ROW = re.compile(r"^\| (?P<kind>[^|]+?) \| [^|]+ \| (?P<read>\d+)(?: \| \d+){3} \|$", re.MULTILINE)
#: So many fewer of a kind, and it is no longer as the page says.
TOLERANCE = 1

MEDIA_TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".wasm": "application/wasm",
}


@dataclass(frozen=True)
class Reading:
    """What the looks at a picture have read.

    :param texts: of each look, all that it read.
    :param took: of each look, in milliseconds.
    """

    shot: Shot
    texts: list[list[str]]
    took: list[float]

    @property
    def is_read(self) -> bool:
        return any(self.texts)

    @property
    def is_right(self) -> bool:
        """Whether nothing was read but what is printed."""
        return {text for texts in self.texts for text in texts} <= {self.shot.text}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the page that reads, of the till's own sources."""
    folder = tmp_path_factory.mktemp("reading")
    node, _ = find_node()
    vite = APP / "node_modules" / "vite" / "bin" / "vite.js"
    options = ("--outDir", str(folder), "--emptyOutDir", "--logLevel", "warn")
    done = subprocess.run(
        [node, vite, "build", APP / "tests" / "reading", *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest_asyncio.fixture(loop_scope="session")
async def reader(browser: Browser, built: Path) -> Page:
    context = await browser.new_context()
    page = await context.new_page()

    async def serve(route: Route) -> None:
        path = built / route.request.url.split("/", 3)[3]
        await route.fulfill(path=path, content_type=MEDIA_TYPES[path.suffix])

    await page.route("https://till.example/**", serve)
    await page.goto("https://till.example/index.html")
    return page


async def test_bad_pictures_are_read_as_often_as_told_and_never_wrongly(
    reader: Page, tmp_path: Path
) -> None:
    readings = [await _read(reader, shot) for shot in shots()]
    (tmp_path / "table.md").write_text(_table(readings), encoding="utf-8")
    assert len(readings) == EACH * len(KINDS) == 200
    assert [each.shot.kind for each in readings if not each.is_right] == []

    told = {row["kind"]: int(row["read"]) for row in ROW.finditer(PAGE.read_text("utf-8"))}
    seen = dict.fromkeys(KINDS, 0)
    for each in readings:
        seen[each.shot.kind] += each.is_read
    assert list(told) == list(seen)
    fewer = {kind: (seen[kind], told[kind]) for kind in seen if seen[kind] < told[kind] - TOLERANCE}
    assert not fewer, "read, and told by the page"


async def _read(reader: Page, shot: Shot) -> Reading:
    kept = io.BytesIO()
    shot.picture.save(kept, "PNG", compress_level=1)

    async def show(route: Route) -> None:
        await route.fulfill(body=kept.getvalue(), content_type="image/png")

    await reader.route("**/picture.png", show, times=1)
    looks = await reader.evaluate("read('/picture.png')")
    return Reading(shot, [each["texts"] for each in looks], [each["took"] for each in looks])


def _table(readings: list[Reading]) -> str:
    """Write what came of it as the page shows it."""
    by_kind: dict[str, list[Reading]] = defaultdict(list)
    for each in readings:
        by_kind[each.shot.kind].append(each)
    looks = range(len(readings[0].texts))

    def row(name: str, of: list[Reading]) -> str:
        each_look = " | ".join(str(sum(bool(one.texts[look]) for one in of)) for look in looks)
        return f"| {name} | {sum(one.is_read for one in of)} | {each_look} |"

    rows = [row(kind, of) for kind, of in by_kind.items()]
    took = " | ".join(f"{median(one.took[look] for one in readings):.0f} ms" for look in looks)
    return "\n".join([*rows, row("all", readings), f"| | | {took} |", ""])
