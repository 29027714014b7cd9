"""Public keys of towns, as whoever verifies a token needs them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError

from gutschein.kernel.ids import RegionId, TownId

KID_BYTES = 4
PUBLIC_BYTES = 32


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A town's public key and the window in which its tokens are accepted.

    :param kid: 4 bytes, a hint at the key and no proof of anything.
    :param public: the 32 bytes of RFC 8032.
    :param not_before: the first instant of the window.
    :param not_after: the first instant after it. Both aware and in whole seconds, because
        they are published as NumericDate.
    :param region_id: the region whose master key has given the *endorsement*, a COSE_Sign1.
    :param revoked_at: from when on its tokens are refused. Revoked keys are not published.
    :raises ValueError: when a length or the window is wrong.
    """

    kid: bytes
    public: bytes
    not_before: datetime
    not_after: datetime
    town_id: TownId
    region_id: RegionId | None = None
    endorsement: bytes | None = field(default=None, repr=False)
    revoked_at: datetime | None = None

    def __post_init__(self) -> None:
        if not _are_bytes(self.kid, KID_BYTES) or not _are_bytes(self.public, PUBLIC_BYTES):
            raise ValueError("a kid has 4 bytes and a public key 32")
        for instant in (self.not_before, self.not_after):
            if instant.tzinfo is None or instant.microsecond:
                raise ValueError(f"not an instant in whole seconds: {instant}")
        if self.not_before >= self.not_after:
            raise ValueError("a key's window ends after it begins")

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Tell whether *signature* is this key's over *message* (Ed25519, RFC 8032)."""
        try:
            crypto_sign_open(signature + message, self.public)
        except BadSignatureError:
            return False
        return True


class KeySet:
    """The keys a till knows, found by ``kid``. Never changed; a new set replaces it.

    :param masters: the public master keys of regions, 32 bytes each. A set says them of
        itself, so they are to be compared with what was learnt elsewhere.
    """

    def __init__(
        self, keys: Iterable[PublicKey], masters: Mapping[RegionId, bytes] | None = None
    ) -> None:
        self.masters = dict(masters or {})
        self._by_kid: dict[bytes, tuple[PublicKey, ...]] = {}
        for key in keys:
            self._by_kid[key.kid] = (*self.find(key.kid), key)

    def find(self, kid: bytes) -> tuple[PublicKey, ...]:
        """Return the keys named *kid*: none, one, or, when two towns drew the same four
        bytes, all of them to be tried (RFC 9052 section 3.1 does not promise more).
        """
        return self._by_kid.get(kid, ())

    def __iter__(self) -> Iterator[PublicKey]:
        return chain.from_iterable(self._by_kid.values())

    def __len__(self) -> int:
        return sum(map(len, self._by_kid.values()))


def _are_bytes(value: object, length: int) -> bool:
    return isinstance(value, bytes) and len(value) == length
