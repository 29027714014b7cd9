from __future__ import annotations

import asyncio
import unicodedata
from concurrent.futures import Future
from typing import Any

import pytest
from argon2 import extract_parameters

from gutschein.identity import passwords
from gutschein.identity.passwords import hash_password, needs_new_hash, verify_password
from gutschein.kernel.errors import Refusal
from gutschein.signing.service_keys import ServiceKeys

KEYS = ServiceKeys({"pepper": b"p" * 32})
OTHER_KEYS = ServiceKeys({"pepper": b"q" * 32})


async def test_a_password_opens_only_with_the_pepper() -> None:
    stored = await hash_password(KEYS, "Ameise-Kochtopf")
    assert await verify_password(KEYS, stored, "Ameise-Kochtopf")
    assert not await verify_password(KEYS, stored, "ameise-Kochtopf")
    assert not await verify_password(OTHER_KEYS, stored, "Ameise-Kochtopf")


async def test_the_same_password_is_stored_differently_each_time() -> None:
    assert await hash_password(KEYS, "Ameise-Kochtopf") != await hash_password(
        KEYS, "Ameise-Kochtopf"
    )


async def test_however_a_keyboard_composes_it_it_is_one_password() -> None:
    stored = await hash_password(KEYS, unicodedata.normalize("NFD", "Schlüsselblümchen"))
    assert await verify_password(KEYS, stored, unicodedata.normalize("NFC", "Schlüsselblümchen"))


async def test_the_parameters_are_those_of_rfc_9106() -> None:
    """Section 4, the second recommended option; the salt has 128 bits, the tag 256."""
    stored = await hash_password(KEYS, "Ameise-Kochtopf")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    parameters = extract_parameters(stored)
    assert (parameters.salt_len, parameters.hash_len) == (16, 32)
    assert not needs_new_hash(stored)
    assert needs_new_hash(stored.replace("t=3", "t=2"))


async def test_nobodys_password_costs_as_much_and_is_never_right() -> None:
    assert not needs_new_hash(passwords._NOBODYS)
    assert not await verify_password(KEYS, None, "Ameise-Kochtopf")


async def test_more_than_fifty_in_the_queue_are_told_to_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waiting: set[Future[Any]] = {Future() for _ in range(51)}
    monkeypatch.setattr(passwords, "_under_way", waiting)
    stored = await hash_password(KEYS, "Ameise-Kochtopf")
    await asyncio.sleep(0)
    waiting.add(Future())
    with pytest.raises(Refusal, match=r"service\.busy"):
        await verify_password(KEYS, stored, "Ameise-Kochtopf")
