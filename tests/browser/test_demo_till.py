"""``make demo`` lets a newcomer click through the till with nothing but what it prints."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from camera_feed import Feed
from playwright.async_api import Browser, Page, ViewportSize, expect
from visitor import Visitor

from gutschein.demo.crew import Crew
from gutschein.demo.readback import read_pages
from gutschein.demo.till import CASHIER, PIN, first_till
from gutschein.demo_staff import DemoStaff
from gutschein.installation import opened
from tests.running_service import KEK_HEX

PHONE: ViewportSize = {"width": 360, "height": 740}
LAST_WORDS = "Stop it with Ctrl+C."


@dataclass(frozen=True)
class Demo:
    """A demo that runs."""

    url: str
    env: dict[str, str]
    printed: str

    def told(self, name: str) -> str:
        """What stands behind a name on the screen."""
        found = re.search(rf"^  {name} +(\S.*)$", self.printed, re.MULTILINE)
        assert found is not None, self.printed
        return found[1]

    def again(self, *arguments: str) -> str:
        """Run it a second time, beside itself."""
        return subprocess.run(
            command(*arguments),
            env=self.env,
            capture_output=True,
            text=True,
            timeout=100,
            check=True,
        ).stdout

    def books(self) -> dict[str, Any]:
        """What the region holds of what the demo makes."""
        till = first_till()
        with opened(env=self.env) as installation:
            folder = installation.settings.data_dir / "demo"
            with Crew(self.url, DemoStaff(installation, folder)) as crew:
                town = f"towns/{till.town_id}"
                shop = f"{town}/merchants/{till.merchant_id}"
                audit = crew.get("audit", town_id=[till.town_id])
                assert audit["findings"] == []
                return {
                    "issued": [each["issued_cents"] for each in audit["towns"]],
                    "merchants": len(crew.get(f"{town}/merchants")["merchants"]),
                    "cashiers": [each["name"] for each in crew.get(f"{shop}/cashiers")["cashiers"]],
                    "terms": crew.get(f"{town}/offline-terms")["terms"],
                    "approvals": len(crew.get(f"{town}/approvals")["approvals"]),
                }


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "gutschein", "demo", *arguments]


@contextmanager
def running(env: dict[str, str]) -> Iterator[str]:
    """Run the demo until the block ends; give what it printed until all was there."""
    with subprocess.Popen(command(), env=env, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        lines: list[str] = []
        try:
            while not lines or LAST_WORDS not in lines[-1]:
                lines.append(demo.stdout.readline())
                assert lines[-1], f"the demo ended: {''.join(lines)}"
            yield "".join(lines)
        finally:
            demo.terminate()


@pytest.fixture
def demo(fresh_database_url: str, tmp_path: Path) -> Iterator[Demo]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": fresh_database_url,
        "GUTSCHEIN_DATA_DIR": str(tmp_path),
        "GUTSCHEIN_PORT": str(port),
        "GUTSCHEIN_KEY_ENCRYPTION_KEY": KEK_HEX,
    }
    with running(env) as printed:
        yield Demo(f"http://127.0.0.1:{port}", env, printed)


async def test_a_newcomer_sells_with_what_it_prints(
    demo: Demo, camera_browser: Browser, feed: Feed, tmp_path: Path
) -> None:
    feed.show_nothing()
    context = await camera_browser.new_context(
        viewport=PHONE,
        locale="de-DE",
        permissions=["camera"],
    )
    visitor = Visitor(context, await context.new_page(), demo.url, tmp_path)
    page = visitor.page
    await become_the_till(page, demo.told("become the till"))
    await page.get_by_role("button", name="Mehr").click()
    assert demo.told("cashier") == f"{CASHIER}, PIN {PIN}"
    await page.get_by_label("PIN").fill(PIN)
    await page.locator("form").get_by_role("button", name="Anmelden").click()
    await expect(page.get_by_role("button", name=f"{CASHIER} abmelden")).to_be_visible()
    await page.get_by_role("button", name="Scannen").click()

    [paper] = read_pages(await asyncio.to_thread(Path(demo.told("scan")).read_bytes))
    assert paper.typed_code == demo.told("or type")
    feed.show(paper.qr_text)
    await redeem(page, "500", "5,00 €")
    feed.show_nothing()

    await page.get_by_role("button", name="Code eintippen").click()
    await page.get_by_label("Code auf dem Gutschein").fill(demo.told("or type"))
    await page.get_by_role("button", name="Prüfen").click()
    await redeem(page, "700", "7,00 €")
    await page.get_by_role("button", name="Heute").click()
    by_cashier = page.get_by_role("table", name="Nach Kassenkraft")
    await expect(by_cashier.get_by_role("row", name=f"{CASHIER} 2 12,00 €")).to_be_visible()
    visitor.check_quiet()

    await page.get_by_role("button", name="Scannen").click()
    await context.set_offline(True)
    await expect(page.get_by_text("bis 30,00 € je Gutschein")).to_be_visible()
    feed.show(paper.qr_text)
    await redeem(page, "300", "3,00 €")
    feed.show_nothing()
    await context.set_offline(False)
    await page.get_by_role("button", name="Heute").click()
    await expect(page.get_by_text("3,00 € gebucht")).to_be_visible(timeout=20_000)
    await context.close()

    await asyncio.to_thread(started_again_it_makes_nothing_twice, demo)


def started_again_it_makes_nothing_twice(demo: Demo) -> None:
    before = demo.books()
    assert before["cashiers"] == [CASHIER]
    assert len(before["terms"]) == 1
    assert "The service is running already." in demo.again()
    assert demo.books() == before
    address = demo.again("--till").strip()
    assert address.startswith(f"{demo.url}/kasse/koppeln#")
    assert address != demo.told("become the till")


async def become_the_till(page: Page, address: str) -> None:
    await page.goto(address)
    await page.get_by_role("button", name="Koppeln").click()
    await page.get_by_role("link", name="Zur Kasse").click()
    await expect(page.locator(".till-camera--on")).to_be_visible(timeout=15_000)


async def redeem(page: Page, digits: str, words: str) -> None:
    pad = page.get_by_role("group", name="Tastenfeld")
    for digit in digits:
        await pad.get_by_role("button", name=digit, exact=True).click()
    await page.get_by_role("button", name=f"{words} einlösen").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"{words} eingelöst.")
    await page.get_by_role("button", name="Nächster Kunde").click()
