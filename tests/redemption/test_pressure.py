"""A burst is let through; a queue that stands is not let grow."""

from __future__ import annotations

from gutschein.redemption.pressure import BURST, CALM, FRESH, LONG, Pressure

SHORT, LONGER = LONG / 2, 2 * LONG


def test_a_burst_is_let_through() -> None:
    pressure = Pressure()
    for tenth in range(int(10 * BURST)):
        pressure.see([LONGER], tenth / 10)
        assert not pressure.is_too_high(tenth / 10)
    pressure.see([SHORT], BURST + 0.1)
    assert not pressure.is_too_high(BURST + 0.2)


def test_when_the_queue_stands_who_comes_is_turned_away() -> None:
    pressure = Pressure()
    pressure.see([LONGER], 0)
    pressure.see([LONGER], BURST + 0.1)
    assert pressure.is_too_high(BURST + 0.1)


def test_as_soon_as_the_wait_is_short_somebody_is_let_in_again() -> None:
    pressure = Pressure()
    pressure.see([LONGER], 0)
    pressure.see([LONGER], BURST + 0.1)
    pressure.see([SHORT], BURST + 0.2)
    assert not pressure.is_too_high(BURST + 0.2)


def test_but_a_flood_that_goes_on_is_no_new_burst() -> None:
    pressure = Pressure()
    pressure.see([LONGER], 0)
    pressure.see([SHORT], 1)
    pressure.see([LONGER], 1.1)
    assert pressure.is_too_high(1.1)


def test_when_it_has_been_calm_the_next_burst_is_let_through() -> None:
    pressure = Pressure()
    pressure.see([LONGER], 0)
    pressure.see([SHORT], CALM + 0.1)
    pressure.see([LONGER], CALM + 0.2)
    assert not pressure.is_too_high(CALM + BURST)


def test_where_no_batch_begins_nobody_is_turned_away_for_it() -> None:
    pressure = Pressure()
    pressure.see([LONGER], 0)
    pressure.see([LONGER], BURST + 0.1)
    assert not pressure.is_too_high(BURST + 0.1 + FRESH)


def test_who_waited_for_something_that_was_held_up_does_not_count() -> None:
    pressure = Pressure()
    pressure.disturbed(10)
    for now in (10, 10.1, 10.1 + BURST):
        pressure.see([now - 9.9], now)
        assert not pressure.is_too_high(now)
    pressure.see([LONGER], 11)
    pressure.see([LONGER, SHORT], 11.1 + BURST)
    assert pressure.is_too_high(11.1 + BURST)


def test_who_waits_for_nobody_is_never_turned_away() -> None:
    pressure = Pressure()
    assert not pressure.is_too_high(1e9)
