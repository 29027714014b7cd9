"""A real browser on the real service.

Chromium comes from the machine. Where there is none, these tests are skipped, but not in a
continuous integration: there it must be.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from camera_feed import Feed
from playwright.async_api import Browser, async_playwright
from till_stage import Cashier, Market, opened_market
from visitor import Visiting, Visitor

from tests.conftest import _execute, plain_url
from tests.running_service import Served, served
from tools.find_chromium import find_chromium

SIZES = {"desktop": (1280, 800), "phone": (360, 740)}
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of this folder run in the loop that their browser was started in."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium."""
    found = find_chromium()
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("Chromium is missing (Debian: apt install chromium)")
    if found is None:
        pytest.skip("no Chromium on this machine (Debian: apt install chromium)")
    return found


@pytest.fixture(scope="session")
def service(
    server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """The service on a database of its own, for all tests of this folder."""
    name = f"{template}_browser"
    asyncio.run(_execute(server_url, f"CREATE DATABASE {name} TEMPLATE {template}"))
    try:
        with served(plain_url(server_url, name), tmp_path_factory.mktemp("service")) as running:
            yield running
    finally:
        asyncio.run(_execute(server_url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """One for all tests: it is the loop of the session that speaks to it.

    A visitor is a context of it, which shares nothing with another.
    """
    # Chromium's own sandbox does not work as root, as which containers run tests.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Feed:
    """What the cameras of all tills see."""
    return Feed(tmp_path_factory.mktemp("camera") / "counter.y4m")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def camera_browser(chromium: str, feed: Feed) -> AsyncIterator[Browser]:
    """One with a camera, for the till."""
    arguments = [
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={feed.path}",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
    ]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visiting(browser: Browser, service: Served, tmp_path: Path) -> AsyncIterator[Visiting]:
    """Let somebody visit: ``await visiting("phone", dark=True, locale="en-GB")``.

    What their browser has complained about by the end of the test fails it.
    """
    visitors: list[Visitor] = []

    async def visit(
        device: str = "desktop", *, dark: bool = False, locale: str = "de-DE"
    ) -> Visitor:
        visitors.append(
            await _visitor(browser, service, tmp_path, device, dark=dark, locale=locale)
        )
        return visitors[-1]

    yield visit
    await _all_leave(visitors)


@pytest_asyncio.fixture(loop_scope="session")
async def market(service: Served) -> AsyncIterator[Market]:
    async with opened_market(service) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def till(
    camera_browser: Browser, feed: Feed, market: Market, service: Served, tmp_path: Path
) -> AsyncIterator[Callable[..., Awaitable[Cashier]]]:
    """Give somebody a phone with a camera: ``await till(dark=True)``."""
    visitors: list[Visitor] = []

    async def stand(
        device: str = "phone", *, dark: bool = False, locale: str = "de-DE", camera: bool = True
    ) -> Cashier:
        feed.show_nothing()
        visitor = await _visitor(
            camera_browser, service, tmp_path, device, dark=dark, locale=locale
        )
        if camera:
            await visitor.context.grant_permissions(["camera"])
        visitors.append(visitor)
        return Cashier(visitor, feed, market)

    yield stand
    await _all_leave(visitors)


async def _visitor(
    browser: Browser, service: Served, folder: Path, device: str, *, dark: bool, locale: str
) -> Visitor:
    width, height = SIZES[device]
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        locale=locale,
        has_touch=device == "phone",
        is_mobile=device == "phone",
        reduced_motion="reduce",
    )
    return Visitor(context, await context.new_page(), service.base_url, folder)


async def _all_leave(visitors: list[Visitor]) -> None:
    for visitor in visitors:
        await visitor.context.close()
    for visitor in visitors:
        visitor.check_quiet()


@pytest_asyncio.fixture(params=list(SIZES), loop_scope="session")
async def browser_page(request: pytest.FixtureRequest, visiting: Visiting) -> Visitor:
    """A visitor at a desk, and one with a phone."""
    return await visiting(request.param)
