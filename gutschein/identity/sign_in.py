"""Sign in: password, then the one-time code of an authenticator where one is asked for.

These steps open units of work of their own: none is held open while a password waits for its
turn to be hashed. Each leaves a line in the technical log, with the id of the person or the
beginning of the account's keyed hash, never with a name, an address or a secret.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime

from gutschein.db.access import IDENTITY
from gutschein.db.unit_of_work import Database, Work
from gutschein.identity import repository
from gutschein.identity.passwords import hash_password, needs_new_hash, verify_password
from gutschein.identity.persons import email_hash
from gutschein.identity.rules import normal_email
from gutschein.identity.sessions import Session, replace_session, start_session
from gutschein.identity.throttle import Origin, admit_code, admit_password, note_failure
from gutschein.identity.totp import matching_step, unsealed_secret
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import PersonId
from gutschein.limits.counting import Limits
from gutschein.signing.service_keys import ServiceKeys

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """What signing in needs of the service."""

    database: Database
    limits: Limits
    keys: ServiceKeys
    now: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """An e-mail address and a password, and where they come from.

    :param browser: see :func:`gutschein.identity.sessions.browser_name`.
    """

    account: bytes
    password: str = field(repr=False)
    origin: Origin
    browser: str


def account_of(keys: ServiceKeys, email: str) -> bytes:
    """Return the keyed hash by which tries for an e-mail address are counted, and its person
    found; also of what is no e-mail address.
    """
    try:
        return email_hash(keys, normal_email(email))
    except Refusal:
        return email_hash(keys, email.strip().lower())


async def enter_password(door: Doorkeeper, attempt: Attempt) -> str:
    """Begin a session and return its token. It may wait for a second factor.

    Unknown, without a password, not allowed to sign in any more, and wrong password are
    answered alike, and take as long.

    :raises Refusal: ``sign_in.failed``, ``limit.rate``, ``service.busy``.
    """
    await admit_password(door.limits, attempt.account, attempt.origin, door.now)
    identity = door.database.acting(IDENTITY)
    async with identity.reading() as work:
        found = await repository.find_by_email(work, attempt.account)
    stored = None if found is None or found.disabled_at else found.password_hash
    right = await verify_password(door.keys, stored, attempt.password)
    if found is None or stored is None or not right:
        _log.warning("password refused: account %s", attempt.account.hex()[:16])
        await note_failure(door.limits, attempt.origin, door.now)
        raise Refusal("sign_in.failed")
    person_id = PersonId(found.id)
    renewed = None
    if needs_new_hash(stored):
        renewed = await hash_password(door.keys, attempt.password)
    async with identity.unit_of_work() as work:
        if await repository.lock_password(work, person_id) != stored:  # changed in between
            raise Refusal("sign_in.failed")
        if renewed is not None:
            await repository.change_person(work, person_id, password_hash=renewed)
        token = await start_session(
            work, person_id, second_factor=False, browser=attempt.browser, now=door.now
        )
    _log.info("password accepted: person %s", person_id)
    return token


async def enter_code(door: Doorkeeper, session: Session, code: str, origin: Origin) -> str:
    """Show a one-time code and return the token of the session that takes the place of this.

    :param session: one that waits for its second factor, or one to be proved again.
    :raises Refusal: ``sign_in.code``, ``limit.rate``.
    """
    await admit_code(door.limits, session.person_id, origin, door.now)
    try:
        async with door.database.acting(IDENTITY).unit_of_work() as work:
            await _use_code(work, door, session.person_id, code)
            token = await replace_session(work, session, second_factor=True, now=door.now)
    except Refusal:
        _log.warning("one-time code refused: person %s", session.person_id)
        await note_failure(door.limits, origin, door.now)
        raise
    _log.info("one-time code accepted: person %s", session.person_id)
    return token


async def _use_code(work: Work, door: Doorkeeper, person_id: PersonId, code: str) -> None:
    person = await repository.find_person(work, person_id)
    if person is None or person.sealed_totp is None:
        raise Refusal("sign_in.code")
    secret = unsealed_secret(door.keys, person_id, person.sealed_totp)
    step = matching_step(secret, code, door.now)
    if step is None or not await repository.use_totp_step(work, person_id, step):
        raise Refusal("sign_in.code")
