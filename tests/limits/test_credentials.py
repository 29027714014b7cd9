"""Bad credentials are counted by address, callers by their rate, without asking the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from api_fixtures import code_of
from litestar import Litestar, Request, get

from gutschein.kernel.errors import Refusal
from gutschein.limits.client import Proxies
from gutschein.limits.counting import Limits
from gutschein.limits.credentials import Credentials
from gutschein.limits.local import LocalLimit
from gutschein.limits.rules import CREDENTIAL_FAILED, Limit
from gutschein.web.caller import Caller
from gutschein.web.problem import to_problem
from gutschein.web.request_limits import limited

NOW = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)
TILL = Caller("api_key", UUID(int=7), "Kasse", ())
FAILURES = CREDENTIAL_FAILED.host.burst


@get("/api/v1/whoami")
async def whoami(request: Request[Any, Any, Any]) -> str:
    async def authenticate() -> Caller | None:
        sent = request.headers.get("authorization", request.cookies.get("sitzung"))
        sent = request.headers.get("signature", sent)
        if sent is None:
            return None
        if sent != "good":
            raise Refusal("auth.required")
        return TILL

    caller = await limited(request, authenticate, NOW)
    if caller is None:
        raise Refusal("auth.required")
    return caller.name


def worker(limits: Limits) -> Litestar:
    app = Litestar([whoami], exception_handlers={Exception: to_problem}, logging_config=None)
    app.state.proxies = Proxies()
    app.state.credentials = Credentials(limits)
    app.state.caller_limit = LocalLimit(Limit("caller", 500, 500, "as in the service, smaller"))
    return app


@pytest.fixture
def address() -> str:
    bits = uuid4().hex
    return f"2001:{bits[:4]}:{bits[4:8]}:{bits[8:12]}::1"


@pytest.fixture
async def till(limits: Limits, address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(worker(limits), address) as client:
        yield client


def calling(app: Litestar, address: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, client=(address, 50_000))
    return httpx.AsyncClient(transport=transport, base_url="http://test")


async def ask(client: httpx.AsyncClient, credential: str | None = None) -> str:
    headers = {} if credential is None else {"authorization": credential}
    answer = await client.get("/api/v1/whoami", headers=headers)
    return answer.text if answer.is_success else code_of(answer)


async def guess(client: httpx.AsyncClient) -> list[str]:
    return [await ask(client, f"guess {n}") for n in range(FAILURES + 1)]


async def test_after_too_many_wrong_ones_the_right_one_gets_no_answer_either(
    till: httpx.AsyncClient,
) -> None:
    assert await guess(till) == ["auth.required"] * FAILURES + ["limit.rate"]
    assert await ask(till, "good") == "limit.rate"


async def test_a_till_that_works_goes_on_beside_a_guesser(till: httpx.AsyncClient) -> None:
    """They share the address of the shop."""
    assert await ask(till, "good") == "Kasse"
    assert (await guess(till))[-1] == "limit.rate"
    assert await ask(till, "good") == "Kasse"


async def test_another_address_is_not_concerned(limits: Limits, till: httpx.AsyncClient) -> None:
    await guess(till)
    async with calling(worker(limits), "192.0.2.1") as other:
        assert await ask(other, "good") == "Kasse"


async def test_another_worker_knows_from_its_own_first_failure(
    other_worker: Limits, till: httpx.AsyncClient, address: str
) -> None:
    await guess(till)
    async with calling(worker(other_worker), address) as other:
        assert await ask(other, "wrong") == "auth.required"
        assert await ask(other, "wrong") == "limit.rate"


async def test_nobody_is_counted_who_sends_no_key(till: httpx.AsyncClient) -> None:
    for _ in range(FAILURES + 1):
        assert await ask(till) == "auth.required"
        till.cookies.set("sitzung", "ended")
        assert code_of(await till.get("/api/v1/whoami")) == "auth.required"
        till.cookies.clear()
    assert await ask(till, "good") == "Kasse"


async def test_a_signing_key_is_known_by_its_name(till: httpx.AsyncClient) -> None:
    def signed(nonce: str, signature: str) -> dict[str, str]:
        return {
            "signature-input": f'sig=("@method");created=1;nonce="{nonce}";keyid="a.b"',
            "signature": signature,
        }

    async def get_signed(nonce: str, signature: str) -> int:
        headers = signed(nonce, signature)
        return (await till.get("/api/v1/whoami", headers=headers)).status_code

    assert await get_signed("one", "good") == 200
    await guess(till)
    assert await get_signed("two", "good") == 200
    assert await ask(till, "good") == "limit.rate"


async def test_the_known_are_so_many(limits: Limits, address: str) -> None:
    app = worker(limits)
    app.state.credentials = Credentials(limits, room=1)
    async with calling(app, address) as till:
        headers = {"signature-input": 'sig=();keyid="a"', "signature": "good"}
        assert (await till.get("/api/v1/whoami", headers=headers)).is_success
        assert await ask(till, "good") == "Kasse"  # forgets the other
        await guess(till)
        assert await ask(till, "good") == "Kasse"
        assert code_of(await till.get("/api/v1/whoami", headers=headers)) == "limit.rate"


async def test_a_caller_that_runs_wild_is_slowed_down(till: httpx.AsyncClient) -> None:
    answers = [await ask(till, "good") for _ in range(505)]
    assert answers[:500] == ["Kasse"] * 500
    assert answers.count("limit.rate") >= 3  # a second or two have passed


def test_a_local_limit_counts_as_the_others_do() -> None:
    seconds = [100.0]
    local = LocalLimit(Limit("five", 5, 50, "five"), clock=lambda: seconds[0])

    def passed(tries: int) -> int:
        count = 0
        for _ in range(tries):
            try:
                local.take("till")
            except Refusal:
                continue
            count += 1
        return count

    assert passed(9) == 5
    with pytest.raises(Refusal) as refused:
        local.take("till")
    assert refused.value.params == {"seconds": 10}
    seconds[0] += 9.5
    assert passed(3) == 0
    seconds[0] += 0.5
    assert passed(3) == 1
    seconds[0] += 500
    assert passed(9) == 5
    local.take("another till")


def test_a_local_limit_forgets_the_longest_unseen() -> None:
    local = LocalLimit(Limit("one", 1, 1000, "one"), room=2)
    for key in ("a", "b", "c"):
        local.take(key)
    with pytest.raises(Refusal):
        local.take("c")
    local.take("a")
