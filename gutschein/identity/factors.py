"""Change what one signs in with: the password, and the authenticator app.

Whoever changes a factor has proved a moment ago who they are, or is setting up the first
second factor right after the password. Every other session of theirs ends with the change,
this one goes on under a new token, and a mail tells of it.
"""

from __future__ import annotations

from datetime import datetime

from gutschein.db.access import IDENTITY
from gutschein.db.unit_of_work import Work
from gutschein.identity import repository, session_repository
from gutschein.identity.notices import Change, tell
from gutschein.identity.password_rules import check_password
from gutschein.identity.passwords import hash_password, verify_password
from gutschein.identity.persons import email_of
from gutschein.identity.roles import grants_of
from gutschein.identity.rules import is_fresh, needs_second_factor
from gutschein.identity.sessions import Session, end_sessions, replace_session
from gutschein.identity.sign_in import Doorkeeper, enter_code
from gutschein.identity.throttle import Origin, admit_own_password
from gutschein.identity.totp import matching_step, new_secret, sealed_secret
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import PersonId
from gutschein.signing.sealing import place
from gutschein.signing.service_keys import ServiceKeys


async def prove_again(
    door: Doorkeeper, session: Session, *, password: str, code: str, origin: Origin
) -> str:
    """Give password and one-time code again, and return the token of a session in which
    factors may be changed.

    :raises Refusal: ``password.wrong``, ``sign_in.code``, ``sign_in.fresh`` where only a
        passkey will do, ``limit.rate``, ``service.busy``.
    """
    if session.has_passkey and not session.has_totp:
        raise Refusal("sign_in.fresh")
    await _check_password(door, session, password, origin)
    if session.has_totp:
        return await enter_code(door, session, code, origin)
    async with door.database.acting(IDENTITY).unit_of_work() as work:
        return await replace_session(
            work, session, second_factor=session.second_factor, now=door.now
        )


async def change_password(
    door: Doorkeeper, session: Session, *, current: str, new: str, origin: Origin
) -> str:
    """Change a password and return the token of the session that takes the place of this.

    :param current: the password until now; not looked at where there is none yet.
    :raises Refusal: ``password.…``, ``sign_in.fresh``, ``limit.rate``, ``service.busy``.
    """
    if session.has_password:
        stored = await _check_password(door, session, current, origin)
    else:
        require_fresh(session, door.now)
        stored = None
    identity = door.database.acting(IDENTITY)
    async with identity.reading() as work:
        check_password(new, await _known_of(work, door.keys, session.person_id))
    password_hash = await hash_password(door.keys, new)
    async with identity.unit_of_work() as work:
        if await repository.lock_password(work, session.person_id) != stored:
            raise Refusal("password.wrong")
        await repository.change_person(work, session.person_id, password_hash=password_hash)
        return await changed(work, door.keys, session, "password", door.now)


async def new_totp_secret(work: Work, keys: ServiceKeys, session: Session, now: datetime) -> str:
    """Return the secret of an authenticator that is being set up, the same all session long.

    :raises Refusal: ``sign_in.fresh``.
    """
    require_fresh(session, now)
    if session.sealed_new_totp is not None:
        return _unsealed_new(keys, session, session.sealed_new_totp)
    secret = new_secret()
    sealed = keys.seal("contact", secret.encode("ascii"), _new_totp_place(session))
    await session_repository.keep_new_totp(work, session.id, sealed)
    return secret


async def set_up_totp(
    work: Work, keys: ServiceKeys, session: Session, code: str, now: datetime
) -> str:
    """Let an authenticator count from its first code on, in place of an earlier one.

    :returns: the token of the session that takes the place of this, with two factors.
    :raises Refusal: ``sign_in.code``, ``sign_in.fresh``.
    """
    require_fresh(session, now)
    if session.sealed_new_totp is None:
        raise Refusal("sign_in.code")
    secret = _unsealed_new(keys, session, session.sealed_new_totp)
    step = matching_step(secret, code, now)
    if step is None:
        raise Refusal("sign_in.code")
    await repository.change_person(
        work,
        session.person_id,
        sealed_totp=sealed_secret(keys, session.person_id, secret),
        totp_used_step=step,
    )
    return await changed(work, keys, session, "totp_added", now, second_factor=True)


async def remove_totp(work: Work, keys: ServiceKeys, session: Session, now: datetime) -> str:
    """Forget an authenticator, and return the token of the session that takes the place.

    :raises Refusal: ``sign_in.fresh``; ``factor.last`` where another one must come first.
    """
    require_fresh(session, now)
    require_other_factor(session, left=session.has_passkey)
    await repository.change_person(work, session.person_id, sealed_totp=None, totp_used_step=None)
    return await changed(work, keys, session, "totp_removed", now)


def require_fresh(session: Session, now: datetime) -> None:
    """Let factors be changed only right after they were shown, or while the first second one
    is set up.

    :raises Refusal: ``sign_in.fresh``; ``auth.required`` where a factor waits to be shown.
    """
    if session.waiting and session.has_factor:
        raise Refusal("auth.required")
    if not session.waiting and not is_fresh(session.proved_at, now):
        raise Refusal("sign_in.fresh")


def require_other_factor(session: Session, *, left: bool) -> None:
    """Keep a second factor for those whose roles need one.

    :param left: whether one is left.
    :raises Refusal: ``factor.last``.
    """
    if not left and needs_second_factor(session.roles, has_factor=False):
        raise Refusal("factor.last")


async def changed(
    work: Work,
    keys: ServiceKeys,
    session: Session,
    change: Change,
    now: datetime,
    *,
    second_factor: bool | None = None,
) -> str:
    """Tell of a change, end all other sessions, and go on under a new token; return it."""
    await tell(work, keys, session.person_id, change, browser=session.browser, now=now)
    await end_sessions(work, session.person_id, now, but=session.id)
    shown = session.second_factor if second_factor is None else second_factor
    return await replace_session(work, session, second_factor=shown, now=now)


async def _check_password(
    door: Doorkeeper, session: Session, password: str, origin: Origin
) -> str | None:
    """Check the password of somebody signed in, and return its hash."""
    await admit_own_password(door.limits, session.person_id, origin, door.now)
    async with door.database.acting(IDENTITY).reading() as work:
        person = await repository.find_person(work, session.person_id)
    stored: str | None = None if person is None else person.password_hash
    if not await verify_password(door.keys, stored, password):
        raise Refusal("password.wrong")
    return stored


async def _known_of(work: Work, keys: ServiceKeys, person_id: PersonId) -> list[str]:
    """Return what everybody knows of somebody, and tries first as their password."""
    person = await repository.find_person(work, person_id)
    name = [] if person is None else [person.name]
    places = [grant.place for grant in await grants_of(work, person_id)]
    return [*name, await email_of(work, keys, person_id), *places]


def _unsealed_new(keys: ServiceKeys, session: Session, sealed: bytes) -> str:
    return keys.unseal("contact", sealed, _new_totp_place(session)).decode("ascii")


def _new_totp_place(session: Session) -> bytes:
    return place("session", "sealed_new_totp", session.id)
