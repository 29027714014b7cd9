"""Passkeys (WebAuthn level 3): a key pair on somebody's device, unlocked there by finger, face
or PIN, so that it stands for two factors at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import webauthn
from webauthn.helpers import bytes_to_base64url, options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from gutschein.db.access import IDENTITY
from gutschein.db.unit_of_work import Work
from gutschein.identity import passkey_repository as repository
from gutschein.identity.factors import changed, require_fresh, require_other_factor
from gutschein.identity.passkey_challenges import (
    TIMEOUT_MS,
    WRONG_ANSWER,
    make_challenge,
    use_challenge,
)
from gutschein.identity.passkey_schemas import Attestation, Challenge, credential_dict
from gutschein.identity.persons import email_of
from gutschein.identity.sessions import Session
from gutschein.identity.sign_in import Doorkeeper
from gutschein.identity.site import Site
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import PersonId, new_id
from gutschein.signing.service_keys import ServiceKeys

RELYING_PARTY = "Gutschein"
NAME_MAX = 60


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey in a person's list of them.

    :param synced: whether its owner's other devices have it too.
    """

    id: UUID
    name: str
    synced: bool
    created_at: datetime
    used_at: datetime | None


async def ask_for_passkey(door: Doorkeeper, site: Site, session: Session) -> Challenge:
    """Ask the browser of somebody signed in to make a passkey.

    :raises Refusal: ``sign_in.fresh``.
    """
    require_fresh(session, door.now)
    person_id = session.person_id
    async with door.database.acting(IDENTITY).reading() as work:
        email = await email_of(work, door.keys, person_id)
        known = await repository.list_passkeys(work, person_id)
    challenge_id, value = await make_challenge(door.database, "add_passkey", person_id, door.now)
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=RELYING_PARTY,
        user_id=person_id.bytes,
        user_name=email,
        user_display_name=session.name,
        challenge=value,
        timeout=TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(row.credential_id) for row in known],
    )
    return Challenge(challenge_id, options_to_json_dict(options))


async def add_passkey(door: Doorkeeper, site: Site, session: Session, answer: Attestation) -> str:
    """Let a passkey count from now on.

    :returns: the token of the session that takes the place of this, with two factors.
    :raises Refusal: ``passkey.refused``, ``passkey.known``, ``sign_in.fresh``.
    """
    require_fresh(session, door.now)
    value = await use_challenge(
        door.database, answer.challenge_id, "add_passkey", session.person_id, door.now
    )
    try:
        verified = webauthn.verify_registration_response(
            credential=credential_dict(answer.credential),
            expected_challenge=value,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except WRONG_ANSWER as error:
        raise Refusal("passkey.refused") from error
    if bytes_to_base64url(verified.credential_id) != answer.credential.id:
        raise Refusal("passkey.refused")
    row = {
        "id": new_id(),
        "person_id": session.person_id,
        "credential_id": verified.credential_id,
        "public_key": verified.credential_public_key,
        "sign_count": verified.sign_count,
        "backed_up": verified.credential_backed_up,
        "name": session.browser[:NAME_MAX],
        "created_at": door.now,
    }
    async with door.database.acting(IDENTITY).unit_of_work() as work:
        if not await repository.insert_passkey(work, row):
            raise Refusal("passkey.known")
        return await changed(
            work, door.keys, session, "passkey_added", door.now, second_factor=True
        )


async def list_passkeys(work: Work, person_id: PersonId) -> list[Passkey]:
    """Return a person's passkeys, the oldest first."""
    return [
        Passkey(row.id, row.name, row.backed_up, row.created_at, row.used_at)
        for row in await repository.list_passkeys(work, person_id)
    ]


async def get_passkey(work: Work, person_id: PersonId, passkey_id: UUID) -> Passkey:
    """Return one of a person's passkeys.

    :raises Refusal: ``passkey.unknown``.
    """
    for each in await list_passkeys(work, person_id):
        if each.id == passkey_id:
            return each
    raise Refusal("passkey.unknown")


async def rename_passkey(work: Work, person_id: PersonId, passkey_id: UUID, name: str) -> None:
    """Give a passkey a name its owner knows it by.

    :raises Refusal: ``passkey.unknown``.
    """
    if not await repository.change_passkey(work, person_id, passkey_id, name=name):
        raise Refusal("passkey.unknown")


async def remove_passkey(
    work: Work, keys: ServiceKeys, session: Session, passkey_id: UUID, now: datetime
) -> str:
    """Let a passkey count no more, and return the token of the session that takes the place.

    :raises Refusal: ``passkey.unknown``, ``sign_in.fresh``, ``factor.last``.
    """
    require_fresh(session, now)
    others = [
        each for each in await list_passkeys(work, session.person_id) if each.id != passkey_id
    ]
    require_other_factor(session, left=session.has_totp or bool(others))
    if not await repository.change_passkey(work, session.person_id, passkey_id, removed_at=now):
        raise Refusal("passkey.unknown")
    return await changed(work, keys, session, "passkey_removed", now)
