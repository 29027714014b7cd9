"""100,000 guesses from 20,000 addresses, and an honest till beside them.

A real service with two worker processes, behind a proxy that names the addresses.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import asynccontextmanager
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path
from random import Random

import httpx
import pytest
from api_fixtures import Api, Clock, fresh_id, started
from everybody import Everybody
from flood import Answers, Guess, addresses, flood
from stage import Paper, Stage, new_stage

from gutschein.app import create_app
from gutschein.kernel.clock import utc_now
from gutschein.limits.rules import BALANCE_FAILED
from gutschein.secrets import Secrets
from gutschein.settings import Settings
from gutschein.signing.code import format_code, new_code
from tests.running_service import served

GUESSES = 100_000
ADDRESSES = 20_000
CONNECTIONS = 64
#: Guesses that wait for their answer on one connection, so that the guesser costs little.
AHEAD = 8
#: Codes of vouchers that exist, but must not be told from others that do not.
HIDDEN = 40
#: Then a till would give up and ask again.
SECONDS_A_TILL_WAITS = 10
pytestmark = pytest.mark.slow


@asynccontextmanager
async def stage_on(url: str) -> AsyncIterator[Stage]:
    """A stage of its own on a database, at the time of the real clock."""
    clock = Clock()
    clock.now = utc_now()
    settings = Settings(data_dir=Path("/nowhere"), database_url=url, pool_size=4)
    app = create_app(settings, secrets=Secrets(key_encryption_key=bytes(32)), clock=clock)
    credentials = Everybody(url, clock)
    try:
        async with started(app) as client:
            client.auth = credentials
            yield await new_stage(Api(client), app, clock, url)
    finally:
        await credentials.close()


@pytest.fixture
async def stage(fresh_database_url: str) -> AsyncIterator[Stage]:
    async with stage_on(fresh_database_url) as stage:
        yield stage


@pytest.fixture
def service_url(fresh_database_url: str, tmp_path: Path) -> Iterator[str]:
    with served(
        fresh_database_url, tmp_path, workers="2", trusted_proxies="127.0.0.0/8"
    ) as service:
        yield service.url


@pytest.fixture
def elsewhere() -> Iterator[ProcessPoolExecutor]:
    """A process of its own, so that its work does not slow what is measured here."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        yield process


def unknown(count: int) -> list[str]:
    return [format_code(new_code()) for _ in range(count)]


async def hidden_codes(stage: Stage) -> list[str]:
    """Codes of blocked and of replaced vouchers."""
    vouchers = await stage.vouchers(stage.zwoenitz, 10_00, HIDDEN)
    for number, voucher in enumerate(vouchers):
        if number % 2:
            await stage.block(voucher)
        else:
            await stage.replace(voucher)
    return [voucher.code for voucher in vouchers]


class Till:
    """A shop's cash register, which redeems one euro again and again."""

    def __init__(self, stage: Stage, url: str) -> None:
        self._stage = stage
        # As in a shop: one connection, which stays open.
        self._client = httpx.AsyncClient(base_url=url, auth=stage.api.client.auth, timeout=30)
        self.seconds: list[float] = []

    async def redeem_until(self, done: Callable[[], bool]) -> None:
        """Scan and type by turns, and look at the balance as a customer does."""
        vouchers = await self._stage.vouchers(self._stage.zwoenitz, 50_00, 30)
        waiting = cycle(vouchers)
        async with self._client:
            while not done() or len(self.seconds) < 10:
                voucher = next(waiting)
                by_hand = len(self.seconds) % 2
                await self._redeem(voucher, voucher.typed if by_hand else voucher.shown)
                seen = await self._client.get("/V/" + voucher.token.rpartition("/V/")[2])
                assert seen.status_code == 200, seen.text
                await asyncio.sleep(0.2)
        left = [await self._stage.left(voucher) for voucher in vouchers]
        assert sum(left) == 30 * 50_00 - 1_00 * len(self.seconds)

    async def _redeem(self, voucher: Paper, presented: dict[str, str]) -> None:
        body = {"id": fresh_id(), "amount_cents": 1_00} | presented | voucher.town.shop.fields
        begun = time.monotonic()
        answer = await self._client.post("/api/v1/redemptions", json=body)
        self.seconds.append(time.monotonic() - begun)
        assert answer.status_code == 200, answer.text


async def test_none_is_answered_differently_and_the_till_goes_on(
    stage: Stage, service_url: str, elsewhere: ProcessPoolExecutor
) -> None:
    random = Random(3)
    from_anywhere = list(addresses(ADDRESSES, random))
    hidden = await hidden_codes(stage)
    codes = unknown(GUESSES - 10 * HIDDEN) + 10 * hidden
    random.shuffle(codes)
    guesses = [Guess(code, from_anywhere[number % ADDRESSES]) for number, code in enumerate(codes)]
    port = httpx.URL(service_url).port
    till = Till(stage, service_url)
    running: Future[Answers] = elsewhere.submit(flood, port, guesses, CONNECTIONS, ahead=AHEAD)
    await till.redeem_until(running.done)
    answers = running.result()

    # Every guess got the one answer, or none: too many were wrong before.
    statuses = answers.statuses()
    assert set(statuses) == {404, 429}, answers.examples
    assert sum(statuses.values()) == GUESSES
    assert len(answers.kinds) == 2, answers.examples
    # As many were looked for as the limit on failures lets through, and what was under way.
    rate = BALANCE_FAILED.burst / BALANCE_FAILED.per_seconds
    assert statuses[404] <= BALANCE_FAILED.burst + rate * answers.lasted + 2 * CONNECTIONS
    assert statuses[404] >= BALANCE_FAILED.burst

    # Generous, since the guesser and other tests want the same processors as the service.
    assert statistics.median(till.seconds) < SECONDS_A_TILL_WAITS / 4
    assert max(till.seconds) < SECONDS_A_TILL_WAITS
    await stage.audit()


async def test_time_does_not_tell_them_apart(
    stage: Stage, service_url: str, elsewhere: ProcessPoolExecutor
) -> None:
    random = Random(4)
    hidden = set(await hidden_codes(stage))
    codes = unknown(8 * HIDDEN) + 8 * list(hidden)
    random.shuffle(codes)
    guesses = [
        Guess(code, address)
        for code, address in zip(codes, addresses(len(codes), random), strict=True)
    ]
    answers = elsewhere.submit(flood, httpx.URL(service_url).port, guesses, 24).result()
    assert answers.statuses() == {404: len(codes)}
    there = [each for code, took in answers.seconds.items() if code in hidden for each in took]
    nowhere = [
        each for code, took in answers.seconds.items() if code not in hidden for each in took
    ]
    assert len(there) == len(nowhere) == 8 * HIDDEN
    assert min(there + nowhere) >= 0.25
    assert not are_told_apart(there, nowhere, random)


def test_twenty_milliseconds_would_be_noticed() -> None:
    """On a machine that needs some milliseconds itself, now more and now less."""
    random = Random(5)
    one, other = ([0.25 + random.expovariate(50) for _ in range(8 * HIDDEN)] for _ in range(2))
    assert not are_told_apart(one, other, random)
    assert are_told_apart([took + 0.02 for took in one], other, random)


def are_told_apart(one: list[float], other: list[float], random: Random) -> bool:
    """Whether their medians are further apart than those of the same times dealt by chance.

    That holds on a machine that is busy with other things too: what makes it slow does not
    know which is which. By chance it says so once in a thousand times.
    """

    def apart(first: list[float], second: list[float]) -> float:
        return abs(statistics.median(first) - statistics.median(second))

    found, dealt = apart(one, other), one + other
    further = 0
    for _ in range(2_000):
        random.shuffle(dealt)
        further += apart(dealt[: len(one)], dealt[len(one) :]) >= found
    return further <= 2
