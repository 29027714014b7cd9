"""A till at work: Chromium with a film as its camera, paired, on the running service."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.furnish import Size, furnish, furnishing
from bench.measure import Place
from bench.region import Region
from bench.service import served
from gutschein.devices.device_schemas import NewPairingCode
from gutschein.devices.pairing import make_pairing_code
from gutschein.kernel.author import SERVICE
from gutschein.kernel.clock import utc_now
from gutschein.kernel.ids import MerchantId, TownId
from tests.browser.camera_feed import picture_of
from tools.find_chromium import find_chromium

#: The decoder, as the build names its source.
READER = "node_modules/barcode-detector/dist/es/ponyfill.js"
PHONE = {"width": 360, "height": 740}
#: What the till asks cameras for.
WIDTH, HEIGHT = 1280, 720
#: Of the code with its quiet zone, in points of the picture.
_SIDE = 440
#: A place in the quiet zone of the code: white, where the counter is grey.
CORNER = ((WIDTH - _SIDE) // 2 + 8, (HEIGHT - _SIDE) // 2 + 8)


class Film:
    """What the camera sees: one grey picture, which Chromium reads anew for every frame."""

    def __init__(self, path: Path) -> None:
        self.path = path
        head = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F30:1 Ip A1:1 C420jpeg\nFRAME\n".encode()
        self._begin = len(head)
        path.write_bytes(head + _counter().tobytes() + bytes([128]) * (WIDTH * HEIGHT // 2))

    def show(self, text: str) -> None:
        """Hold up a voucher."""
        frame = _counter()
        frame.paste(picture_of(text, _SIDE), ((WIDTH - _SIDE) // 2, (HEIGHT - _SIDE) // 2))
        self._play(frame)

    def show_nothing(self) -> None:
        self._play(_counter())

    def _play(self, frame: Image.Image) -> None:
        with self.path.open("r+b", buffering=0) as film:
            film.seek(self._begin)
            film.write(frame.tobytes())


def _counter() -> Image.Image:
    return Image.new("L", (WIDTH, HEIGHT), 190)


@dataclass
class Counter:
    """A shop's counter, with what stands and lies there.

    :param url: of the service, without a path.
    """

    browser: Browser
    film: Film
    region: Region
    url: str
    pairing_code: str

    def phone(self) -> BrowserContext:
        """Return a phone that has not been here before, and may use its camera."""
        return self.browser.new_context(
            viewport={"width": PHONE["width"], "height": PHONE["height"]},
            locale="de-DE",
            has_touch=True,
            is_mobile=True,
            permissions=["camera"],
        )

    def pair(self, page: Page) -> None:
        """Make the phone the till of the shop; once."""
        page.goto(f"{self.url}/kasse/koppeln#{self.pairing_code}")
        page.get_by_role("button", name="Koppeln").click()
        page.get_by_role("link", name="Zur Kasse").click()
        page.locator(".till-camera--on").wait_for()


@contextmanager
def counter(place: Place, size: Size) -> Iterator[Counter]:
    """Furnish a region, serve it, and start the browser.

    :raises RuntimeError: without Chromium.
    """
    chromium = find_chromium()
    if chromium is None:
        raise RuntimeError("Chromium is missing (Debian: apt install chromium)")
    region = furnish(place.database_url, size)
    film = Film(place.folder / "counter.y4m")
    with served(place.database_url, place.folder, region.key_encryption_key) as service:
        url = f"http://{service.authority}"
        code = asyncio.run(_pairing_code(place, region, url))
        arguments = [
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={film.path}",
            *(["--no-sandbox"] if os.geteuid() == 0 else []),  # as which containers run
        ]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
            yield Counter(browser, film, region, url, code)
            browser.close()


async def _pairing_code(place: Place, region: Region, url: str) -> str:
    shop = region.registers[0].shop
    async with (
        furnishing(place.database_url, region.key_encryption_key, utc_now()) as furnisher,
        furnisher.database.unit_of_work() as work,
    ):
        made = await make_pairing_code(
            work,
            TownId(UUID(shop.town_id)),
            MerchantId(UUID(shop.merchant_id)),
            NewPairingCode(branch_id=UUID(shop.branch_id), name="Handy"),
            keys=furnisher.keys,
            public_url=url,
            by=SERVICE,
            now=furnisher.now,
        )
    return str(made.code)
