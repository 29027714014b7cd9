"""What anybody may ask about a voucher, and how little those learn who guess."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar
from stage import Paper, Stage

from gutschein.redemption import public_balance
from gutschein.signing.code import format_code, new_code

HTML = {"accept": "text/html"}


def caller_from(app: Litestar, address: str) -> httpx.AsyncClient:
    """A browser at an address."""
    transport = httpx.ASGITransport(app=app, client=(address, 50_000))
    return httpx.AsyncClient(transport=transport, base_url="http://test", headers=HTML)


def some_address() -> str:
    """An address in a network of its own."""
    bits = uuid4().hex
    return f"2001:{bits[:4]}:{bits[4:8]}:{bits[8:12]}::1"


@pytest.fixture
async def browser(stage: Stage) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody in the street."""
    async with caller_from(stage.app, some_address()) as browser:
        yield browser


def scanned(voucher: Paper) -> str:
    return "/V/" + voucher.token.rpartition("/V/")[2]


async def typed(browser: httpx.AsyncClient, code: str, **more: Any) -> httpx.Response:
    return await browser.post("/guthaben", data={"code": code}, **more)


def words_of(answer: httpx.Response) -> str:
    """What stands on a page, in one line."""
    assert answer.headers["content-type"].startswith("text/html")
    content = answer.text.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", content))


@pytest.mark.parametrize("ask", ["scanned", "typed", "small letters"])
async def test_whoever_holds_a_voucher_sees_what_is_left(
    stage: Stage, browser: httpx.AsyncClient, ask: str
) -> None:
    voucher = await stage.voucher(stage.zwoenitz, 50_00)
    await stage.redeemed(voucher, 12_50)
    if ask == "scanned":
        answer = await browser.get(scanned(voucher))
    else:
        code = voucher.code if ask == "typed" else voucher.code.lower().replace("-", " ")
        answer = await typed(browser, code)
    assert answer.status_code == 200
    said = words_of(answer)
    for words in ("37,50 €", "Zwönitz", "Gutschein Zwönitz", "31.12.2029"):
        assert words in said
    assert "Buchladen" not in said  # where it was spent is nobody's business
    assert answer.headers["cache-control"] == "no-store"
    assert "noindex" in answer.headers["x-robots-tag"]


async def test_in_english(stage: Stage, browser: httpx.AsyncClient) -> None:
    voucher = await stage.voucher(stage.zwoenitz, 50_00)
    answer = await browser.get(scanned(voucher) + "?sprache=en")
    assert "Balance" in words_of(answer)
    assert "Valid until 31.12.2029" in words_of(answer)
    assert answer.headers["content-language"] == "en"
    refused = await typed(browser, format_code(new_code()), headers={"accept-language": "en"})
    assert "This code was not recognised." in words_of(refused)


async def test_a_scanned_address_is_told_to_nobody(
    stage: Stage, browser: httpx.AsyncClient
) -> None:
    answer = await browser.get(scanned(await stage.voucher(stage.zwoenitz)))
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_the_form_sends_a_code_in_no_address(browser: httpx.AsyncClient) -> None:
    form = (await browser.get("/guthaben")).text
    assert re.search(r'<form[^>]*action="/guthaben" method="post"', form)
    assert '<label class="kern-label" for="code">' in form


async def test_what_has_run_out_and_what_is_spent_is_said(
    stage: Stage, browser: httpx.AsyncClient
) -> None:
    voucher = await stage.voucher(stage.zwoenitz, 20_00)
    await stage.redeemed(voucher, 20_00)
    said = words_of(await browser.get(scanned(voucher)))
    assert "0,00 € Alles ist eingelöst." in said
    other = await stage.voucher(stage.zwoenitz, 20_00)
    stage.clock.now = stage.clock.now.replace(year=2030)
    said = words_of(await typed(browser, other.code))
    assert "Abgelaufen am 31.12.2029." in said
    assert "€" not in said


Make = Callable[[Stage], Awaitable[str]]


async def unknown(_: Stage) -> str:
    return format_code(new_code())


async def blocked(stage: Stage) -> str:
    voucher = await stage.voucher(stage.zwoenitz)
    await stage.block(voucher)
    return voucher.code


async def replaced(stage: Stage) -> str:
    voucher = await stage.voucher(stage.zwoenitz)
    await stage.replace(voucher)
    return voucher.code


def told(answer: httpx.Response, code: str) -> tuple[int, str, dict[str, str]]:
    """All of an answer, but for the code, which is what was sent."""
    headers = {name: value for name, value in answer.headers.items() if name != "date"}
    return answer.status_code, answer.text.replace(code, "?"), headers


async def test_unknown_blocked_and_replaced_are_answered_alike(
    stage: Stage, browser: httpx.AsyncClient
) -> None:
    codes = [await make(stage) for make in (unknown, blocked, replaced)]
    answers = [told(await typed(browser, code), code) for code in codes]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] == 404
    assert "Dieser Code wurde nicht erkannt." in answers[0][1]


async def test_scanned_too(stage: Stage, browser: httpx.AsyncClient) -> None:
    """Genuine but blocked or replaced; altered; of an unknown key; no token at all."""
    gone, old, genuine = [await stage.voucher(stage.zwoenitz) for _ in range(3)]
    await stage.block(gone)
    await stage.replace(old)
    whole = scanned(genuine)
    altered = whole[:-40] + ("A" if whole[-40] != "A" else "B") + whole[-39:]
    foreign = whole[:13] + ("A" if whole[13] != "A" else "B") + whole[14:]
    asked = [scanned(gone), scanned(old), altered, foreign, "/V/" + "A" * 173, "/V/x"]
    answers = [told(await browser.get(each), each) for each in asked]
    for answer in answers:
        assert answer == answers[0]
    assert answers[0][0] == 404
    assert (await browser.get(whole)).status_code == 200


async def test_a_slip_of_the_finger_is_said(browser: httpx.AsyncClient) -> None:
    """It follows from the check character alone."""
    code = format_code(new_code())
    for wrong in (code[:-1] + ("0" if code[-1] != "0" else "1"), "ABCD", "ÄÖÜ"):
        answer = await typed(browser, wrong)
        assert answer.status_code == 422
        assert "Bitte die Eingabe prüfen." in words_of(answer)
        assert wrong in answer.text
    assert (await typed(browser, "")).status_code == 422
    assert (await typed(browser, "x" * 65)).status_code == 422


async def test_what_was_typed_is_shown_as_text(browser: httpx.AsyncClient) -> None:
    answer = await typed(browser, '"><script>alert(1)</script>')
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text


async def test_typed_codes_are_answered_at_one_pace(
    stage: Stage, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slower here than it is, so that it can be told from what the machine needs besides."""
    pace = 1
    monkeypatch.setattr(public_balance, "PACE", timedelta(seconds=pace))
    good = (await stage.voucher(stage.zwoenitz)).code
    for code in (good, await unknown(stage), await blocked(stage)):
        begun = time.monotonic()
        await typed(browser, code)
        seconds = time.monotonic() - begun
        assert seconds >= pace
        assert seconds % pace < pace / 2


async def test_one_address_may_type_so_many_codes(stage: Stage) -> None:
    """61 at once from one house, each for another voucher; another house goes on."""
    house = some_address()
    async with caller_from(stage.app, house) as browser:
        answers = await asyncio.gather(
            *(typed(browser, format_code(new_code())) for _ in range(61))
        )
        statuses = [answer.status_code for answer in answers]
        assert statuses.count(404) == 60
        [refused] = [answer for answer in answers if answer.status_code == 429]
        assert refused.headers["retry-after"] == "10"
        assert "Bitte 10 Sekunden warten." in words_of(refused)
        voucher = await stage.voucher(stage.zwoenitz)
        assert (await typed(browser, voucher.code)).status_code == 429
        assert (await browser.get(scanned(voucher))).status_code == 200
    async with caller_from(stage.app, some_address()) as neighbour:
        assert (await typed(neighbour, voucher.code)).status_code == 200


async def test_one_voucher_may_be_asked_for_so_often(stage: Stage) -> None:
    """Whether there is one or not."""
    voucher = await stage.voucher(stage.zwoenitz)
    for code, usual in ((voucher.code, 200), (await unknown(stage), 404)):
        statuses = []
        for _ in range(4):
            async with caller_from(stage.app, some_address()) as browser:
                answers = await asyncio.gather(*(typed(browser, code) for _ in range(9)))
                statuses += [answer.status_code for answer in answers]
        assert (statuses.count(usual), statuses.count(429)) == (30, 6)
