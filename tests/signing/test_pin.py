"""PINs of vouchers: drawn, and kept so that only the town's keys tell them."""

from __future__ import annotations

from uuid import UUID

import pytest

from gutschein.kernel.ids import TownId, VoucherId
from gutschein.signing.pin import format_pin, is_pattern, new_pin
from gutschein.signing.sealing import BrokenSeal, CodeKeys

KEYS = CodeKeys(TownId(UUID(int=1)), bytes(32), bytes(range(32)))
OTHER_TOWN = CodeKeys(TownId(UUID(int=2)), bytes(31) + b"2", bytes(range(1, 33)))
ONE, TWO = VoucherId(UUID(int=11)), VoucherId(UUID(int=12))


def test_a_pin_has_six_digits_and_leading_zeros_count() -> None:
    assert {len(new_pin()) for _ in range(100)} == {6}
    assert new_pin(lambda _: 42) == "000042"
    assert format_pin("000042") == "000 042"


def test_they_are_drawn_from_all_there_are() -> None:
    asked: list[int] = []

    def below(limit: int) -> int:
        asked.append(limit)
        return limit - 2

    assert new_pin(below) == "999998"
    assert asked == [1_000_000]
    assert len({new_pin() for _ in range(1_000)}) > 980


@pytest.mark.parametrize(
    "pin",
    ["000000", "999999", "123456", "234567", "654321", "890123", "246802", "121212"],
)
def test_a_pattern_is_drawn_again(pin: str) -> None:
    drawn = iter([int(pin), 482_913])
    assert is_pattern(pin)
    assert new_pin(lambda _: next(drawn)) == "482913"


@pytest.mark.parametrize("pin", ["482913", "112233", "123457", "100000"])
def test_others_are_as_good_as_any(pin: str) -> None:
    assert not is_pattern(pin)


def test_only_the_pin_of_the_voucher_is_its_own() -> None:
    kept = KEYS.pin_hashed(ONE, "482913")
    assert KEYS.is_pin(ONE, "482913", kept)
    assert not KEYS.is_pin(ONE, "482914", kept)
    assert not KEYS.is_pin(TWO, "482913", kept)
    assert not OTHER_TOWN.is_pin(ONE, "482913", kept)


def test_the_same_pin_looks_different_on_each_voucher() -> None:
    assert KEYS.pin_hashed(ONE, "482913") != KEYS.pin_hashed(TWO, "482913")
    assert KEYS.pin_sealed(ONE, "482913") != KEYS.pin_sealed(ONE, "482913")


def test_a_sealed_pin_opens_where_it_belongs_and_nowhere_else() -> None:
    sealed = KEYS.pin_sealed(ONE, "482913")
    assert KEYS.pin_unsealed(ONE, sealed) == "482913"
    for keys, voucher in ((KEYS, TWO), (OTHER_TOWN, ONE)):
        with pytest.raises(BrokenSeal):
            keys.pin_unsealed(voucher, sealed)
    with pytest.raises(BrokenSeal):
        KEYS.unsealed(ONE, sealed)
