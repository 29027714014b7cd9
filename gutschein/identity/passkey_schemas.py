"""What the script of the pages and the service say to one another about passkeys.

The names inside ``credential`` and ``options`` are those of WebAuthn level 3, section 5.1.8;
binary values are base64url without padding.
"""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct, field, to_builtins

from gutschein.web.fields import Input

Binary = Annotated[str, Meta(max_length=16_384, pattern=r"^[A-Za-z0-9_-]*$(?!\n)")]


class Challenge(Struct, frozen=True):
    """What a browser is asked, to be answered once.

    :param options: for ``PublicKeyCredential.parseRequestOptionsFromJSON`` or
        ``parseCreationOptionsFromJSON``.
    """

    challenge_id: UUID
    options: dict[str, Any]


class AssertionResponse(Input, frozen=True, kw_only=True):
    """What a passkey has signed, and its signature."""

    client_data: Binary = field(name="clientDataJSON")
    authenticator_data: Binary = field(name="authenticatorData")
    signature: Binary
    user_handle: Binary | None = field(name="userHandle", default=None)


class AttestationResponse(Input, frozen=True, kw_only=True):
    """A new passkey's public key."""

    client_data: Binary = field(name="clientDataJSON")
    attestation: Binary = field(name="attestationObject")


class Credential(Input, frozen=True, kw_only=True):
    """A passkey that answers."""

    id: Binary
    response: AssertionResponse


class NewCredential(Input, frozen=True, kw_only=True):
    """A passkey that was made."""

    id: Binary
    response: AttestationResponse


class SignedChallenge(Input, frozen=True, kw_only=True):
    """The answer to a challenge to sign in.

    :param then: where to go afterwards.
    """

    challenge_id: UUID
    credential: Credential
    then: Annotated[str, Meta(max_length=2048)] = ""


class Attestation(Input, frozen=True, kw_only=True):
    """The answer to a challenge to make a passkey.

    :param then: where to go afterwards.
    """

    challenge_id: UUID
    credential: NewCredential
    then: Annotated[str, Meta(max_length=2048)] = ""


class Onward(Struct, frozen=True):
    """Where the script leads the reader now, a path of ours."""

    then: str


def credential_dict(credential: Credential | NewCredential) -> dict[str, Any]:
    """Return a credential as the library reads it."""
    written: dict[str, Any] = to_builtins(credential)
    return {**written, "rawId": credential.id, "type": "public-key"}
