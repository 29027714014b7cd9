"""Sign in with a passkey: one answer, two factors.

An answer counts for this site alone, only with the user verified by the device, and only if
the device's counter, where it keeps one, has gone up.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import webauthn
from webauthn.helpers import base64url_to_bytes, options_to_json_dict
from webauthn.helpers.structs import UserVerificationRequirement

from gutschein.db.access import IDENTITY
from gutschein.identity import passkey_repository as repository
from gutschein.identity.notices import tell
from gutschein.identity.passkey_challenges import (
    TIMEOUT_MS,
    WRONG_ANSWER,
    make_challenge,
    use_challenge,
)
from gutschein.identity.passkey_schemas import Challenge, SignedChallenge, credential_dict
from gutschein.identity.sessions import start_session
from gutschein.identity.sign_in import Doorkeeper
from gutschein.identity.site import Site
from gutschein.identity.throttle import Origin, admit_passkey, note_failure
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import PersonId

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PasskeySignIn:
    """What came of a good answer: a session's token, and the keyed hash of whose it is."""

    token: str
    account: bytes


async def ask_to_sign_in(door: Doorkeeper, site: Site, origin: Origin) -> Challenge:
    """Ask whoever it is to answer with any passkey of this site.

    :raises Refusal: ``limit.rate``.
    """
    await admit_passkey(door.limits, origin, door.now)
    challenge_id, value = await make_challenge(door.database, "sign_in", None, door.now)
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=value,
        timeout=TIMEOUT_MS,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return Challenge(challenge_id, options_to_json_dict(options))


async def sign_in_with_passkey(
    door: Doorkeeper, site: Site, answer: SignedChallenge, *, origin: Origin, browser: str
) -> PasskeySignIn:
    """Begin a session with two factors, by one answer.

    :raises Refusal: ``passkey.refused``, whatever is wrong with it.
    """
    try:
        value = await use_challenge(door.database, answer.challenge_id, "sign_in", None, door.now)
        signed_in = await _signed_in(door, site, value, answer, browser)
    except Refusal:
        _log.warning("passkey refused")
        await note_failure(door.limits, origin, door.now)
        raise
    if signed_in is None:
        raise Refusal("passkey.refused")
    return signed_in


async def _signed_in(
    door: Doorkeeper, site: Site, value: bytes, answer: SignedChallenge, browser: str
) -> PasskeySignIn | None:
    """Return what comes of an answer; ``None`` when the passkey seems to exist twice."""
    async with door.database.acting(IDENTITY).unit_of_work() as work:
        credential_id = _bytes(answer.credential.id)
        found = await repository.lock_passkey(work, credential_id)
        if found is None:
            raise Refusal("passkey.refused")
        person_id = PersonId(found.person_id)
        handle = answer.credential.response.user_handle
        if handle is not None and _bytes(handle) != person_id.bytes:
            raise Refusal("passkey.refused")
        try:
            verified = webauthn.verify_authentication_response(
                credential=credential_dict(answer.credential),
                expected_challenge=value,
                expected_rp_id=site.host,
                expected_origin=site.origin,
                credential_public_key=found.public_key,
                credential_current_sign_count=0,  # looked at below, once the signature is known
                require_user_verification=True,
            )
        except WRONG_ANSWER as error:
            raise Refusal("passkey.refused") from error
        if _is_copied(found.sign_count, verified.new_sign_count):
            _log.warning(
                "passkey %s of person %s counts %d after %d: refused as a copy",
                found.id,
                person_id,
                verified.new_sign_count,
                found.sign_count,
            )
            await tell(work, door.keys, person_id, "passkey_copied", browser=browser, now=door.now)
            return None
        await repository.change_passkey(
            work,
            person_id,
            found.id,
            sign_count=verified.new_sign_count,
            backed_up=verified.credential_backed_up,
            used_at=door.now,
        )
        token = await start_session(
            work, person_id, second_factor=True, browser=browser, now=door.now
        )
        _log.info("passkey accepted: person %s", person_id)
        return PasskeySignIn(token, found.email_hash)


def _is_copied(before: int, after: int) -> bool:
    """Tell whether a counter has not gone up (WebAuthn level 3, section 6.1.1); devices that
    keep none always say 0.
    """
    return (before > 0 or after > 0) and after <= before


def _bytes(text: str) -> bytes:
    try:
        return base64url_to_bytes(text)
    except ValueError as error:
        raise Refusal("passkey.refused") from error
