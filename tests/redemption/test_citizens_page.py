"""The page that a voucher's QR code opens: what happened to it, by day, and where to take it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from stage import Paper, Stage

from gutschein.kernel.author import Author
from gutschein.kernel.ids import TownId
from gutschein.redemption import public_balance
from gutschein.redemption.time_left import TimeLeft, time_left
from gutschein.storefront.editing import put_storefront
from gutschein.storefront.schemas import NewStorefront

MINUS = "\N{MINUS SIGN}"


@pytest.fixture
async def browser(stage: Stage) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody in the street, at an address of their own."""
    bits = uuid4().hex
    transport = httpx.ASGITransport(
        app=stage.app, client=(f"2001:{bits[:4]}:{bits[4:8]}::1", 50_000)
    )
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers={"accept": "text/html"}
    ) as browser:
        yield browser


async def opened(browser: httpx.AsyncClient, voucher: Paper, language: str = "de") -> str:
    """What stands on the page, in one line."""
    path = "/V/" + voucher.token.rpartition("/V/")[2]
    answer = await browser.get(f"{path}?sprache={language}")
    assert answer.status_code == 200
    content = answer.text.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", content))


async def test_each_redemption_and_reversal_by_day_and_not_by_shop(
    stage: Stage, browser: httpx.AsyncClient
) -> None:
    voucher = await stage.voucher(stage.zwoenitz, 50_00)
    first_day = f"{stage.clock.now:%d.%m.%Y}"
    await stage.redeemed(voucher, 12_50)
    taken_back = await stage.redeemed(voucher, 8_00, stage.schneeberg.shop)
    assert (await stage.reverse(taken_back)).status_code == 200
    stage.clock.now += timedelta(days=1)
    second_day = f"{stage.clock.now:%d.%m.%Y}"
    await stage.redeemed(voucher, 1_99)
    said = await opened(browser, voucher)
    entries = [
        f"{second_day} eingelöst {MINUS}1,99 €",
        f"{first_day} zurückgebucht +8,00 €",
        f"{first_day} eingelöst {MINUS}8,00 €",
        f"{first_day} eingelöst {MINUS}12,50 €",
    ]
    places = [said.index(entry) for entry in entries]
    assert places == sorted(places)
    assert "35,51 €" in said
    answer = await browser.post("/guthaben", data={"code": voucher.code})
    for secret in ("Buchladen", "Hauptstraße", f"{stage.clock.now:%H:%M}", taken_back["id"]):
        assert secret not in answer.text
    assert answer.text.count('class="balance__move"') == 4


async def test_what_happens_to_others_is_not_there(
    stage: Stage, browser: httpx.AsyncClient
) -> None:
    voucher, other = await stage.vouchers(stage.zwoenitz, 50_00, 2)
    await stage.redeemed(other, 7_77)
    said = await opened(browser, voucher)
    assert "7,77" not in said
    assert "Was bisher geschah" not in said


async def test_of_a_long_history_the_latest_is_shown(
    stage: Stage, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_balance, "MOST_MOVES", 2)
    voucher = await stage.voucher(stage.zwoenitz, 50_00)
    for cents in (1_01, 2_02):
        await stage.redeemed(voucher, cents)
    assert "Was davor war" not in await opened(browser, voucher)
    await stage.redeemed(voucher, 3_03)
    said = await opened(browser, voucher)
    assert f"{MINUS}3,03 €" in said
    assert f"{MINUS}1,01 €" not in said
    assert "Was davor war" in said


async def test_where_it_is_taken_and_what_to_do_when_it_is_lost(
    stage: Stage, browser: httpx.AsyncClient
) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    said = await opened(browser, voucher)
    assert "In allen Geschäften, die mitmachen." in said
    assert said.index("Zwönitz", said.index("In allen")) < said.index("Schneeberg")
    assert "Wenn er verloren geht" in said
    english = await opened(browser, voucher, "en")
    for german in ("Wo Sie ihn", "Wenn er", "Geschäften", "noch"):
        assert german not in english


async def test_what_is_spent_is_taken_nowhere(stage: Stage, browser: httpx.AsyncClient) -> None:
    voucher = await stage.voucher(stage.zwoenitz, 20_00)
    await stage.redeemed(voucher, 20_00)
    said = await opened(browser, voucher)
    assert "In allen Geschäften" not in said
    assert f"{MINUS}20,00 €" in said


async def test_a_town_with_a_storefront_shows_the_way_to_its_shops(
    stage: Stage, browser: httpx.AsyncClient
) -> None:
    town = stage.zwoenitz
    slug = f"zwoenitz-{uuid4().hex[:8]}"
    facts = NewStorefront(
        slug=slug, intro="Ein Gutschein, viele Läden.", intro_en=None, contact_phone="037754 35-0"
    )
    async with stage.database.unit_of_work() as work:
        town_id, by, now = TownId(UUID(town.id)), Author(None, "Anna"), stage.clock.now
        await put_storefront(work, town_id, facts, taken=(), by=by, now=now)
    answer = await browser.get("/V/" + (await stage.voucher(town)).token.rpartition("/V/")[2])
    assert 'href="tel:037754350"' in answer.text
    assert f'href="/{slug}/akzeptanzstellen"' in answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("today", "last_day", "left"),
    [
        (date(2029, 12, 31), date(2029, 12, 31), TimeLeft(0, "days")),
        (date(2029, 12, 30), date(2029, 12, 31), TimeLeft(1, "days")),
        (date(2030, 1, 1), date(2029, 12, 31), TimeLeft(-1, "days")),
        (date(2029, 11, 1), date(2030, 1, 1), TimeLeft(61, "days")),
        (date(2029, 11, 1), date(2030, 1, 2), TimeLeft(2, "months")),
        (date(2028, 1, 31), date(2029, 12, 30), TimeLeft(22, "months")),
        (date(2028, 1, 31), date(2029, 12, 31), TimeLeft(23, "months")),
        (date(2027, 12, 31), date(2029, 12, 31), TimeLeft(2, "years")),
        (date(2026, 11, 23), date(2029, 12, 31), TimeLeft(3, "years")),
        (date(2027, 1, 1), date(2029, 12, 31), TimeLeft(2, "years")),
    ],
)
def test_time_is_told_in_the_unit_that_people_think_in(
    today: date, last_day: date, left: TimeLeft
) -> None:
    assert time_left(today, last_day) == left


@pytest.mark.parametrize(
    ("day", "german", "english"),
    [
        (date(2026, 12, 5), "noch mehr als 3 Jahre", "for more than 3 more years"),
        (date(2029, 1, 5), "noch mehr als 11 Monate", "for more than 11 more months"),
        (date(2029, 12, 1), "noch 30 Tage", "30 days left"),
        (date(2029, 12, 30), "nur noch heute und morgen", "today and tomorrow only"),
        (date(2029, 12, 31), "heute ist der letzte Tag", "today is the last day"),
    ],
)
async def test_how_long_it_is_good_is_said_in_words(
    stage: Stage, browser: httpx.AsyncClient, day: date, german: str, english: str
) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    stage.clock.now = stage.clock.now.replace(year=day.year, month=day.month, day=day.day)
    assert german in await opened(browser, voucher)
    assert english in await opened(browser, voucher, "en")
