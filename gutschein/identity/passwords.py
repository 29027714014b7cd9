"""Keep passwords: peppered, then argon2id, in threads of their own.

A password is first put through HMAC-SHA256 under the key "pepper", which is not in the
database, then through argon2id with the second recommended parameters of RFC 9106,
section 4: 64 MiB of memory, 3 passes, 4 lanes, a salt of 128 and a tag of 256 bits (the OWASP
Password Storage Cheat Sheet asks for 19 MiB and 2 passes at least).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerifyMismatchError

from gutschein.identity.password_rules import normal_password
from gutschein.kernel.errors import Refusal
from gutschein.signing.service_keys import ServiceKeys

#: Hashes at once in one process: each takes 64 MiB and the better part of a processor.
AT_ONCE = 2
#: How many may wait for their turn; more are told to come back.
WAITING_MAX = 50

_T = TypeVar("_T")

_hasher = PasswordHasher(
    time_cost=3, memory_cost=64 * 1024, parallelism=4, hash_len=32, salt_len=16, type=Type.ID
)
_threads = ThreadPoolExecutor(AT_ONCE, "password")
_under_way: set[Future[Any]] = set()

#: Of a password that nobody has: compared with where there is none, so that the answer takes
#: as long as ever.
_NOBODYS = (
    "$argon2id$v=19$m=65536,t=3,p=4$cfNxk85UllicBCGX0DAuKA"
    "$wmVN8nhBdv88C89Tzus7HjLO81GXXCIs9hpX7hgduHA"
)


async def hash_password(keys: ServiceKeys, password: str) -> str:
    """Return what is stored of a password.

    :raises Refusal: ``service.busy`` when too many wait for their turn.
    """
    peppered = _peppered(keys, password)
    return await _in_thread(lambda: _hasher.hash(peppered))


async def verify_password(keys: ServiceKeys, stored: str | None, password: str) -> bool:
    """Tell whether a password is the stored one; ``None`` is nobody's and takes as long.

    :raises Refusal: ``service.busy``.
    """
    peppered = _peppered(keys, password)
    return await _in_thread(lambda: _is(stored or _NOBODYS, peppered))


def needs_new_hash(stored: str) -> bool:
    """Tell whether a password was hashed with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def _is(stored: str, peppered: bytes) -> bool:
    try:
        return _hasher.verify(stored, peppered)
    except VerifyMismatchError:
        return False


def _peppered(keys: ServiceKeys, password: str) -> bytes:
    return keys.hmac("pepper", normal_password(password).encode("utf-8", "surrogatepass"))


async def _in_thread(work: Callable[[], _T]) -> _T:
    if len(_under_way) >= AT_ONCE + WAITING_MAX:
        raise Refusal("service.busy")
    future = _threads.submit(work)
    _under_way.add(future)
    future.add_done_callback(_under_way.discard)
    return await asyncio.wrap_future(future)
