"""Somebody with a browser: opens pages, looks at them, and notices what goes wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request, Response

#: WCAG 2.1 AA, and what axe holds for good practice.
AXE_OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
}


@dataclass
class Visitor:
    """One page in a browser, on the running service."""

    context: BrowserContext
    page: Page
    base_url: str
    folder: Path
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("request", self._see_request)
        self.page.on("requestfailed", self._see_failure)
        self.page.on("response", self._see_response)

    async def goto(self, path: str) -> Response:
        """Open a page of the service."""
        response = await self.page.goto(f"{self.base_url}{path}")
        assert response is not None
        return response

    async def check_accessibility(self) -> None:
        """Let axe look at the page as it stands, once all of it is there."""
        await self.page.wait_for_load_state()
        results = await Axe().run(self.page, options=AXE_OPTIONS)
        assert results.violations_count == 0, results.generate_report()

    async def check_width(self) -> None:
        """Nobody has to scroll sideways (WCAG 1.4.10)."""
        wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        await self.page.wait_for_load_state()
        assert await self.page.evaluate(wider) <= 0

    async def screenshot(self, name: str, *, whole: bool = True) -> Path:
        """Take a picture into the test's folder: of the whole page, or of what is in sight."""
        path = self.folder / f"{name}.png"
        await self.page.wait_for_load_state()
        await self.page.screenshot(path=path, full_page=whole)
        return path

    async def focused(self) -> str:
        """Return the text of what the keyboard is on."""
        return str(await self.page.evaluate("document.activeElement.textContent.trim()"))

    def check_quiet(self) -> None:
        """The browser had nothing to complain about: no error, nothing that a policy
        forbade, nothing asked of anybody else.
        """
        assert not self.complaints, self.complaints

    def _hear(self, message: ConsoleMessage) -> None:
        # That a page is an error page is said of it, too; parts that are missing are seen below.
        told = message.text.startswith("Failed to load resource")
        if message.type in {"error", "warning"} and not told:
            self.complaints.append(f"{message.type}: {message.text}")

    def _see_request(self, request: Request) -> None:
        if not request.url.startswith((self.base_url, "data:", "blob:")):
            self.complaints.append(f"asked somebody else: {request.url}")

    def _see_failure(self, request: Request) -> None:
        # Whoever goes on to the next page has no need of the rest of this one.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"failed: {request.url} ({request.failure})")

    def _see_response(self, response: Response) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            self.complaints.append(f"{response.status}: {response.url}")


#: Lets somebody visit, with a device, in the dark, and with a language.
Visiting = Callable[..., Awaitable[Visitor]]
