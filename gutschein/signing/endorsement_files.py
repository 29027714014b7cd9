"""The two files that travel to the machine of the master key and back, as JSON.

Nothing in them is secret. The request says which keys are to be endorsed, the answer holds
the endorsements.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self, TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gutschein.kernel.ids import RegionId, TownId
from gutschein.signing.endorsement import endorse
from gutschein.signing.keyset import PublicKey

_Instant = Annotated[datetime, msgspec.Meta(tz=True)]
_Kid = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{8}$")]
_Public = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class FileError(Exception):
    """A file is not what it should be. The text says what it should be."""


class RequestedKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key as the installation knows it, and the name of its town."""

    town: str
    town_id: TownId
    kid: _Kid
    public_key: _Public
    not_before: _Instant
    not_after: _Instant

    @classmethod
    def of(cls, key: PublicKey, town: str) -> Self:
        """Write a key down."""
        kid, public = key.kid.hex(), key.public.hex()
        return cls(town, key.town_id, kid, public, key.not_before, key.not_after)

    def key(self) -> PublicKey:
        """Read it again.

        :raises FileError: when it cannot be a key.
        """
        kid, public = bytes.fromhex(self.kid), bytes.fromhex(self.public_key)
        try:
            return PublicKey(kid, public, self.not_before, self.not_after, self.town_id)
        except ValueError as error:
            raise FileError(f"the key {self.kid} cannot be: {error}") from error


class KeyRequest(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag_field="format",
    tag="gutschein key request 1",
):
    """What a master key is asked to endorse."""

    region_id: RegionId
    keys: list[RequestedKey]


class Endorsement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An endorsement, as base64 in the file, and the key it is for."""

    town_id: TownId
    kid: _Kid
    endorsement: bytes


class Endorsements(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag_field="format",
    tag="gutschein endorsements 1",
):
    """What a master key has endorsed."""

    region_id: RegionId
    endorsements: list[Endorsement]


_File = TypeVar("_File", KeyRequest, Endorsements)


def endorse_all(request: KeyRequest, master_key: Ed25519PrivateKey) -> Endorsements:
    """Endorse every key of a request.

    :raises FileError: when one of them cannot be a key.
    """
    return Endorsements(
        request.region_id,
        [
            Endorsement(each.town_id, each.kid, endorse(each.key(), master_key))
            for each in request.keys
        ],
    )


def written(content: KeyRequest | Endorsements) -> bytes:
    """Return the text of a file, for people to read too."""
    return msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"


def read(text: bytes, kind: type[_File]) -> _File:
    """Read a file.

    :raises FileError: when it is not of that kind, or altered in its form.
    """
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        wanted = kind.__struct_config__.tag
        raise FileError(f"this is no file of the kind »{wanted}«: {error}") from error
