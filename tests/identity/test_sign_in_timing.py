"""How long the answer takes tells nothing about an account."""

from __future__ import annotations

from statistics import median
from time import perf_counter
from typing import Literal

import pytest
from identity_stage import NewPerson, Reader

Kind = Literal["wrong", "unknown", "without password"]


@pytest.fixture
def light_hashes() -> None:
    """Passwords are hashed here as in real life."""


@pytest.mark.slow
async def test_an_unknown_account_takes_as_long_as_a_wrong_password(
    reader: Reader, new_person: NewPerson
) -> None:
    """Medians of interleaved tries; without a hash for nobody they differ tenfold."""
    rounds = 5
    taken: dict[Kind, list[float]] = {"wrong": [], "unknown": [], "without password": []}
    for number in range(rounds):
        known, invited = await new_person(), await new_person(password=None)
        emails: dict[Kind, str] = {
            "wrong": known.email,
            "unknown": f"{number}.{known.email}",
            "without password": invited.email,
        }
        for kind, email in emails.items():
            begun = perf_counter()
            answer = await reader.send("/anmelden", email=email, password="Falsch-geraten-27")
            taken[kind].append(perf_counter() - begun)
            assert answer.status_code == 422
    medians = {kind: median(times) for kind, times in taken.items()}
    assert max(medians.values()) < 2 * min(medians.values()), medians
