"""The load generator finds out what is true, and says so when something is wrong."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from till_server import BUSY, TillServer, listening, load_on, outcome_on, papers

from bench.generator import run
from bench.load import WrongAnswer
from bench.outcome import Fate


async def test_a_closed_loop_counts_what_was_answered_and_no_more() -> None:
    server = TillServer()
    outcome = await outcome_on(server, seconds=0.5, count=100_000)
    assert outcome.wrong == []
    assert outcome.count(Fate.ACCEPTED) == server.served > 50
    assert outcome.rate == pytest.approx(server.served / 0.5, rel=0.1)
    assert not outcome.ran_out


async def test_each_connection_waits_for_its_answer() -> None:
    server = TillServer(takes=0.01)
    await outcome_on(server, connections=7)
    assert server.most_together == 7


async def test_requests_that_do_not_last_are_told_and_shorten_the_time() -> None:
    server = TillServer(takes=0.01)
    outcome = await outcome_on(server, count=40, connections=4, seconds=5)
    assert outcome.ran_out
    assert outcome.seconds < 2
    assert outcome.rate == pytest.approx(40 / outcome.seconds)


async def test_what_is_left_on_each_voucher_is_returned() -> None:
    server = TillServer()
    outcome = await outcome_on(server, count=30)
    assert outcome.balances == dict.fromkeys(range(3), papers()[0].balance_cents - 10)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "01990000-0000-7000-8000-0000000000ff"),
        ("amount_cents", 2),
        ("voucher_id", papers()[0].id[:-1] + "9"),
        ("branch_id", None),
        ("balance_after_cents", 99_999),  # told for every third answer
    ],
)
async def test_a_wrong_field_is_noticed(field: str, value: object) -> None:
    def change(number: int, fields: dict[str, Any]) -> None:
        if number > 3:
            fields[field] = value

    outcome = await outcome_on(TillServer(changed=change), count=30)
    assert outcome.wrong
    assert field.partition("_")[0] in outcome.wrong[0] or "steps" in outcome.wrong[0]


async def test_a_redemption_that_is_booked_twice_is_noticed() -> None:
    def change(number: int, fields: dict[str, Any]) -> None:
        fields["balance_after_cents"] -= number > 10

    outcome = await outcome_on(TillServer(changed=change), count=30)
    assert "went down to" in outcome.wrong[0]


@pytest.mark.parametrize(
    "response",
    [
        b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnull and more",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        BUSY,  # nobody may be refused in a closed loop
    ],
)
async def test_another_response_is_noticed(response: bytes) -> None:
    server = TillServer(instead=lambda number: response if number == 5 else None)
    outcome = await outcome_on(server, count=30)
    assert outcome.count(Fate.WRONG) == 1
    assert outcome.wrong


async def test_a_broken_connection_is_lost_and_nothing_else() -> None:
    server = TillServer(instead=lambda number: b"" if number == 5 else None)
    outcome = await outcome_on(server, count=30, rate=1_000)
    assert (outcome.count(Fate.LOST), outcome.count(Fate.ACCEPTED)) == (1, 29)


async def test_a_connection_that_was_lost_is_opened_again() -> None:
    server = TillServer(instead=lambda number: b"" if number in {3, 6} else None)
    outcome = await outcome_on(server, count=30, rate=100, connections=1)
    assert (outcome.count(Fate.LOST), outcome.count(Fate.ACCEPTED)) == (2, 28)


async def test_a_clear_refusal_is_none_of_the_accepted() -> None:
    server = TillServer(instead=lambda number: BUSY if number % 2 else None)
    outcome = await outcome_on(server, count=30, rate=1_000)
    assert outcome.wrong == []
    assert (outcome.count(Fate.REFUSED), outcome.count(Fate.ACCEPTED)) == (15, 15)


@pytest.mark.parametrize(("part", "other"), [(b"retry-after: 1\r\n", b""), (b"busy", b"dead")])
async def test_an_unclear_refusal_is_wrong(part: bytes, other: bytes) -> None:
    unclear = BUSY.replace(part, other)
    server = TillServer(instead=lambda number: unclear if number == 5 else None)
    outcome = await outcome_on(server, count=30, rate=1_000)
    assert outcome.count(Fate.WRONG) == 1


async def test_in_an_open_loop_a_standstill_is_felt_by_all_who_come_meanwhile() -> None:
    """100 requests a second, and half a second in which nothing moves: 50 have waited."""
    outcome = await outcome_on(
        TillServer(frozen={30: 0.5}), rate=100, count=100, seconds=1, connections=2
    )
    waited = sorted(took for took in outcome.latencies() if took > 0.05)
    assert 40 <= len(waited) <= 70  # a slow machine adds some of its own
    assert waited[len(waited) // 2] == pytest.approx(0.27, abs=0.1)


async def test_a_closed_loop_would_not_have_shown_it() -> None:
    outcome = await outcome_on(
        TillServer(frozen={30: 0.5}, takes=0.002), count=100, seconds=2, connections=2
    )
    assert sum(took > 0.2 for took in outcome.latencies()) <= 2


async def test_an_open_loop_keeps_its_rate_and_leaves_nothing_out() -> None:
    outcome = await outcome_on(TillServer(), rate=400, count=200, seconds=0.5)
    assert len(outcome.latencies()) == 200
    assert list(outcome.intended) == pytest.approx([place / 400 for place in range(200)])


async def test_what_was_due_and_never_sent_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.course.GRACE_SECONDS", 0.1)
    outcome = await outcome_on(
        TillServer(takes=0.1), rate=100, count=100, seconds=0.5, connections=1
    )
    assert outcome.count(Fate.UNSENT) > 30


async def test_from_a_process_of_its_own_a_wrong_answer_is_an_error() -> None:
    server = TillServer(changed=lambda _, fields: fields.update(amount_cents=7))
    async with listening(server):
        with pytest.raises(WrongAnswer, match="amount_cents"):
            await asyncio.to_thread(run, load_on(server, count=5, connections=1))
