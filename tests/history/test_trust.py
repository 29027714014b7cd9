"""History is sealed by a clock that is to be believed, and by no other."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import pytest
from rows_by_hand import NOW, Ledger

from gutschein.db.unit_of_work import Database
from gutschein.history.jobs import Sealer
from gutschein.history.rules import Sealed
from gutschein.history.trust import PATIENCE, TOLERANCE, Trust
from gutschein.kernel.clock import SMALL_STEP, SteadyClock, utc_now

MINUTE = timedelta(minutes=1)


class Machine:
    """A machine with a clock that can be set, and one that cannot."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now
        self.up = timedelta(hours=3)

    def wait(self, passed: timedelta) -> None:
        self.now += passed
        self.up += passed

    def wall(self) -> datetime:
        return self.now

    def uptime(self) -> timedelta:
        return self.up

    def steady(self) -> SteadyClock:
        return SteadyClock(self.wall, self.uptime)

    def trust(self) -> Trust:
        return Trust(self.now, self.up)

    def believed(self, trust: Trust) -> bool:
        return trust.believes(self.now, self.up)


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.mark.parametrize("step", [timedelta(seconds=1), timedelta(minutes=10)])
def test_a_small_step_back_slows_time_down_until_the_clock_has_caught_up(
    machine: Machine, step: timedelta
) -> None:
    clock = machine.steady()
    before = clock()
    machine.now -= step
    assert clock() == before
    machine.wait(step)
    assert clock() == before + step / 2
    machine.wait(step)
    assert clock() == before + step == machine.now
    machine.wait(MINUTE)
    assert clock() == machine.now


@pytest.mark.parametrize(
    "step", [-SMALL_STEP, -timedelta(days=1), timedelta(minutes=10), timedelta(days=1)]
)
def test_a_large_step_back_and_every_step_forward_is_followed(
    machine: Machine, step: timedelta
) -> None:
    clock = machine.steady()
    machine.now += step
    assert clock() == machine.now


def test_a_clock_that_goes_as_it_should_is_told_as_it_is(machine: Machine) -> None:
    clock = machine.steady()
    for _ in range(100):
        machine.wait(timedelta(milliseconds=7))
        assert clock() == machine.now


def test_small_steps_back_do_not_add_up_unseen(machine: Machine) -> None:
    """Two of ten minutes are one of twenty: whoever was told the time is no further ahead."""
    clock = machine.steady()
    for _ in range(2):
        machine.now -= timedelta(minutes=10)
        told = clock()
    assert told == machine.now


@pytest.mark.parametrize("step", [timedelta(minutes=10), timedelta(days=-1)])
def test_a_clock_that_was_set_is_believed_when_it_is_set_back(
    machine: Machine, step: timedelta
) -> None:
    trust = machine.trust()
    machine.now += step
    for _ in range(5):
        machine.wait(MINUTE)
        assert not machine.believed(trust)
    machine.now -= step
    assert machine.believed(trust)


def test_a_clock_that_was_set_is_believed_when_it_stays_so(machine: Machine) -> None:
    trust = machine.trust()
    machine.now += timedelta(days=1)
    assert not machine.believed(trust)
    machine.wait(PATIENCE - MINUTE)
    assert not machine.believed(trust)
    machine.wait(MINUTE)
    assert machine.believed(trust)
    machine.now -= timedelta(days=1)
    assert not machine.believed(trust)


def test_patience_begins_anew_with_each_setting(machine: Machine) -> None:
    trust = machine.trust()
    for _ in range(3):
        machine.now += timedelta(minutes=5)
        assert not machine.believed(trust)
        machine.wait(PATIENCE - MINUTE)
    assert not machine.believed(trust)


def test_a_clock_that_is_helped_along_little_by_little_is_believed(machine: Machine) -> None:
    trust = machine.trust()
    for _ in range(100):
        machine.wait(MINUTE)
        machine.now += TOLERANCE
        assert machine.believed(trust)


async def test_nothing_is_sealed_while_the_clock_is_not_believed(
    fresh_database: Database, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    machine = Machine(utc_now())
    seal = Sealer(machine.wall, machine.uptime)
    await ledger.transfer(machine.now - timedelta(hours=1))
    right = machine.now
    machine.now += timedelta(minutes=10)
    with caplog.at_level(logging.ERROR):
        assert await seal(fresh_database, right) is None
    assert "The history is not sealed: the clock was set" in caplog.text
    assert await ledger.blocks("transfer") == []
    machine.now = right
    assert (await seal(fresh_database, right) or Sealed()).rows == 1


async def test_nothing_is_sealed_while_the_database_has_another_time(
    fresh_database: Database, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    await ledger.transfer(utc_now() - timedelta(hours=1))
    seal = Sealer()
    for wrong_by in (timedelta(days=1), timedelta(minutes=-2)):
        with caplog.at_level(logging.ERROR):
            assert await seal(fresh_database, utc_now() + wrong_by) is None
        assert ", that of the database 2" in caplog.messages[-1]
    assert await ledger.blocks("transfer") == []
    assert (await seal(fresh_database, utc_now()) or Sealed()).rows == 1
