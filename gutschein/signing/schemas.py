"""The published key set, as the API describes it."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from gutschein.web.fields import known_as

_BASE64URL = r"^[A-Za-z0-9_-]+$(?!\n)"

PublicBytes = Annotated[
    str,
    Meta(
        pattern=_BASE64URL,
        description="The key, in base64url.",
        examples=["11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"],
    ),
]
Kid = Annotated[
    str,
    Meta(
        pattern=r"^[0-9a-f]{8}$(?!\n)",
        description="As tokens name a town's key.",
        examples=["a1b2c3d4"],
    ),
]
Endorsement = Annotated[
    str, Meta(pattern=_BASE64URL, description="By that master key.", examples=["0oRDoQEn"])
]
Town = Annotated[UUID, known_as("Whose it is.", "01938f6e-5c00-7cc3-98c4-dc0c0c07398f")]
Region = Annotated[
    UUID,
    known_as("Whose master key it is, or is endorsed by.", "01938f6e-5c00-7a11-8f5e-3b5d1c0f9a27"),
]


class Jwk(Struct, frozen=True, kw_only=True):
    """A public key (RFC 7517, RFC 8037): of a town, or the master key of a region."""

    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    alg: Literal["EdDSA"]
    use: Literal["sig"]
    x: PublicBytes
    kid: Kid | UnsetType = UNSET
    nbf: Annotated[int, known_as("From when on it signs.", 1_767_225_600)] | UnsetType = UNSET
    exp: Annotated[int, known_as("Until when it verifies.", 2_777_065_200)] | UnsetType = UNSET
    town: Town | UnsetType = UNSET
    region: Region | UnsetType = UNSET
    endorsement: Endorsement | UnsetType = UNSET


class JwkSet(Struct, frozen=True):
    """A JWK Set (RFC 7517, section 5)."""

    keys: list[Jwk]
