from __future__ import annotations

import asyncio
from base64 import b32encode
from datetime import UTC, datetime, timedelta

import pytest
from identity_stage import NOW, NewPerson

from gutschein.db.unit_of_work import Database
from gutschein.identity import repository
from gutschein.identity.totp import (
    code_at,
    matching_step,
    new_secret,
    provisioning_uri,
    sealed_secret,
    unsealed_secret,
)
from gutschein.kernel.ids import new_id
from gutschein.signing.sealing import BrokenSeal
from gutschein.signing.service_keys import ServiceKeys

RFC_SECRET = b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
    ],
)
def test_the_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    """Appendix B; of its eight digits, ours are the last six."""
    assert code_at(RFC_SECRET, datetime.fromtimestamp(seconds, UTC)) == code[-6:]


def test_a_code_counts_one_step_before_and_after_its_own() -> None:
    secret = new_secret()
    code = code_at(secret, NOW)
    step = matching_step(secret, code, NOW)
    assert step is not None
    for away in (-30, 30):
        assert matching_step(secret, code, NOW + timedelta(seconds=away)) == step
    for away in (-60, 60):
        assert matching_step(secret, code, NOW + timedelta(seconds=away)) is None


def test_spaces_between_the_digits_do_no_harm() -> None:
    code = code_at(RFC_SECRET, NOW)
    assert matching_step(RFC_SECRET, f" {code[:3]} {code[3:]} ", NOW) is not None


@pytest.mark.parametrize(
    "typed", ["", "0", "00000a", "\uff11\uff12\uff13\uff14\uff15\uff16", "1234567", "-12345", "💶"]
)
def test_what_is_no_code_matches_nothing(typed: str) -> None:
    assert matching_step(RFC_SECRET, typed, NOW) is None


def test_a_secret_has_160_bits_and_apps_can_read_it() -> None:
    secret = new_secret()
    assert len(secret) == 32
    uri = provisioning_uri(secret, "erika@rathaus.example")
    assert uri == (
        f"otpauth://totp/Gutschein:erika%40rathaus.example?secret={secret}&issuer=Gutschein"
    )


def test_a_secret_moved_to_another_person_does_not_open(keys: ServiceKeys) -> None:
    mine, yours = new_id(), new_id()
    sealed = sealed_secret(keys, mine, RFC_SECRET)
    assert unsealed_secret(keys, mine, sealed) == RFC_SECRET
    with pytest.raises(BrokenSeal):
        unsealed_secret(keys, yours, sealed)


async def test_of_many_requests_with_one_code_at_once_a_single_one_wins(
    people: Database, new_person: NewPerson
) -> None:
    somebody = await new_person(totp=True)

    async def use(step: int) -> bool:
        async with people.unit_of_work() as work:
            return await repository.use_totp_step(work, somebody.id, step)

    for step in range(1, 6):
        assert sorted(await asyncio.gather(*(use(step) for _ in range(8)))) == [False] * 7 + [True]
    assert not await use(4)
    assert await use(6)
