"""Challenges for passkeys: 256 random bits, answered once, within five minutes.

A challenge is used up in a unit of work of its own before its answer is looked at, so that a
wrong answer uses it up too (WebAuthn level 3, section 13.4.3).
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Literal
from uuid import UUID

from webauthn.helpers.exceptions import WebAuthnException

from gutschein.db.access import IDENTITY
from gutschein.db.unit_of_work import Database, Work
from gutschein.identity import passkey_repository as repository
from gutschein.identity.rules import CHALLENGE
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import PersonId, new_id

Purpose = Literal["sign_in", "add_passkey"]

#: What the library raises for an answer that is wrong, and, as it does not look at the shape
#: of everything it reads, for one that is none at all.
WRONG_ANSWER = (
    WebAuthnException,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)
TIMEOUT_MS = int(CHALLENGE.total_seconds() * 1000)
_BYTES = 32


async def make_challenge(
    database: Database, purpose: Purpose, person_id: PersonId | None, now: datetime
) -> tuple[UUID, bytes]:
    """Make a challenge; return its id and its bytes.

    :param person_id: who may answer it; ``None`` where that is what it is to tell.
    """
    challenge_id, value = new_id(), secrets.token_bytes(_BYTES)
    row = {"id": challenge_id, "value": value, "purpose": purpose, "person_id": person_id}
    async with database.acting(IDENTITY).unit_of_work() as work:
        await repository.insert_challenge(work, {**row, "ends_at": now + CHALLENGE})
    return challenge_id, value


async def use_challenge(
    database: Database,
    challenge_id: UUID,
    purpose: Purpose,
    person_id: PersonId | None,
    now: datetime,
) -> bytes:
    """Use a challenge up and return its bytes.

    :raises Refusal: ``passkey.refused`` when it is unknown, past, used, or for another.
    """
    async with database.acting(IDENTITY).unit_of_work() as work:
        value = await repository.use_challenge(work, challenge_id, purpose, person_id, now)
    if value is None:
        raise Refusal("passkey.refused")
    return value


async def purge_challenges(work: Work, now: datetime) -> int:
    """Delete challenges that are past; return how many. Once a day will do."""
    return await repository.purge_challenges(work, now)
