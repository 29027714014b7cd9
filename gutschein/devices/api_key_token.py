"""The token of an API key: ``gsk_<town>_<key>_<secret>``.

Town and key are UUIDs, the last part 32 random bytes and their check; each in the base32
of RFC 4648, in small letters and without padding. The check is the CRC-32 of all that
stands before it, so a typing error and a secret scanner's find are told from a real token
without a look into the database.

A scanner finds tokens with ``gsk_[a-z2-7]{26}_[a-z2-7]{26}_[a-z2-7]{58}``.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from base64 import b32decode, b32encode
from dataclasses import dataclass, field
from uuid import UUID

from gutschein.kernel.ids import TownId

SECRET_BYTES = 32

_FORM = re.compile(r"gsk_([a-z2-7]{26})_([a-z2-7]{26})_([a-z2-7]{58})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says: whose key it is, and the secret that proves it."""

    town_id: TownId
    key_id: UUID
    secret: bytes = field(repr=False)

    @property
    def secret_hash(self) -> bytes:
        """SHA-256 of the secret, which is as random as a hash: no slow one is needed."""
        return hashlib.sha256(self.secret).digest()

    def text(self) -> str:
        """Write the token as its holder keeps it."""
        check = zlib.crc32(self.town_id.bytes + self.key_id.bytes + self.secret)
        parts = (self.town_id.bytes, self.key_id.bytes, self.secret + check.to_bytes(4))
        return "_".join(("gsk", *map(_encoded, parts)))


def parse_token(text: str) -> Token | None:
    """Read a token; ``None`` when it is none, or was not written down rightly."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    town, key, secret = map(_decoded, found.groups())
    token = Token(TownId(UUID(bytes=town)), UUID(bytes=key), secret[:SECRET_BYTES])
    return token if token.text() == text else None


def _encoded(value: bytes) -> str:
    return b32encode(value).decode("ascii").rstrip("=").lower()


def _decoded(text: str) -> bytes:
    return b32decode(text.upper() + "=" * (-len(text) % 8))
