"""The PIN of a voucher: six digits, for whoever holds more than a photocopy."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from itertools import pairwise

PIN_DIGITS = 6


def new_pin(below: Callable[[int], int] = secrets.randbelow) -> str:
    """Draw a PIN that is not among the first that anybody tries.

    :param below: returns a random number below the one it is asked for.
    """
    while True:
        pin = f"{below(10**PIN_DIGITS):0{PIN_DIGITS}}"
        if not is_pattern(pin):
            return pin


def is_pattern(pin: str) -> bool:
    """Tell whether a PIN is a pattern: each digit as far from the one before, as in 000000,
    123456 or 975319, or two or three over and over, as in 121212. Of a million
    they are 1,170.
    """
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    return len(steps) == 1 or pin == pin[:2] * 3 or pin == pin[:3] * 2


def format_pin(pin: str) -> str:
    """Write a PIN for people: ``482 913``."""
    return f"{pin[:3]} {pin[3:]}"
