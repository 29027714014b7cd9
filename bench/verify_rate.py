"""The floor of authenticity: the Ed25519 check of tokens, and nothing else, on all cores."""

from __future__ import annotations

import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gutschein.kernel.ids import TownId, new_id
from gutschein.signing.keyset import PublicKey

#: As long as what a token's signature is of (RFC 9052, section 4.4).
_MESSAGE_BYTES = 62
_TOKENS = 1_000


def verify_rate(seconds: float) -> float:
    """Return the signatures a second that all cores check together, as the service checks."""
    cores = len(os.sched_getaffinity(0))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(cores, mp_context=context) as processes:
        return sum(processes.map(_rate_of_one, [seconds] * cores))


def _rate_of_one(seconds: float) -> float:
    private_key = Ed25519PrivateKey.generate()
    public = private_key.public_key().public_bytes_raw()
    begin, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2056, 1, 1, tzinfo=UTC)
    key = PublicKey(public[:4], public, begin, end, TownId(new_id()))
    messages = [os.urandom(_MESSAGE_BYTES) for _ in range(_TOKENS)]
    signed = [(private_key.sign(message), message) for message in messages]
    checked, start = 0, time.perf_counter()
    while (passed := time.perf_counter() - start) < seconds:
        if not all(key.verifies(signature, message) for signature, message in signed):
            raise AssertionError("a good signature was not recognised")
        checked += _TOKENS
    return checked / passed
