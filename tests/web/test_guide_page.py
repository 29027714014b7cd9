"""The guide for shops speaks of what the till says, and its pictures come with the package."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from gutschein.web.guide import GUIDE_PATH, SCREENS

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "merchant_app/public/anleitung"
LANGUAGES = ("de", "en")
PICTURE = re.compile(r'<img class="guide__picture" src="([^"]+)"')
QUOTED = re.compile(r"[„“]([^„“”]+)[“”]")
#: What the owner's pages say.
ELSEWHERE = {"Geräte und Kassen", "Gerät koppeln", "Devices and tills", "Pair a device"}


def said_by_the_till(language: str) -> list[re.Pattern[str]]:
    """Every text of the till, and of those with several sentences the first."""
    source = (ROOT / f"merchant_app/src/till/words/{language}.ts").read_text("utf-8")
    texts = re.findall(r'^ +\w+:\s+"(.*)",$', source, re.MULTILINE)
    sentences = [*texts, *(text.partition(".")[0] for text in texts)]
    return [re.compile(re.sub(r"\\\{\w+\\\}", ".+", re.escape(each))) for each in sentences]


async def read(anonymous: httpx.AsyncClient, language: str) -> str:
    answer = await anonymous.get(
        GUIDE_PATH, headers={"accept": "text/html", "accept-language": language}
    )
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_it_quotes_stands_on_the_till(
    anonymous: httpx.AsyncClient, language: str
) -> None:
    quoted = set(QUOTED.findall(await read(anonymous, language)))
    assert len(quoted) > 15
    said = said_by_the_till(language)
    unknown = {words for words in quoted if not any(each.fullmatch(words) for each in said)}
    assert unknown <= ELSEWHERE


@pytest.mark.parametrize("language", LANGUAGES)
async def test_its_pictures_are_served_and_kept_until_they_change(
    anonymous: httpx.AsyncClient, language: str
) -> None:
    addresses = PICTURE.findall(await read(anonymous, language))
    assert len(addresses) == len(SCREENS)
    for name, address in zip(SCREENS, addresses, strict=True):
        picture = await anonymous.get(address)
        assert picture.content == (PICTURES / language / f"{name}.png").read_bytes()
        assert picture.headers["etag"].strip('"').startswith(address.partition("?")[2])


def test_its_pictures_are_small() -> None:
    pictures = list(PICTURES.rglob("*.png"))
    assert len(pictures) == len(LANGUAGES) * len(SCREENS)
    assert sum(path.stat().st_size for path in pictures) < 150_000
