"""The voucher token: what the QR code carries, written and read without any I/O.

A COSE_Sign1 (RFC 9052 section 4.2) over the claims of a CWT (RFC 8392), signed with
Ed25519 (RFC 8032, RFC 9053 section 2.2), in deterministic CBOR (RFC 8949 section 4.2).
The contract for other languages is ``docs/reference/token.md``.

Key and claims admit exactly one byte string. Reading therefore needs no CBOR parser that
would have to be kept safe from hostile input: it takes the fields from their places and
checks that writing them again gives the same bytes.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gutschein.kernel.clock import berlin_day, end_of_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.kernel.money import is_amount
from gutschein.signing.code import CODE_BYTES
from gutschein.signing.keyset import KID_BYTES, KeySet, PublicKey

MAX_TOKEN_BYTES = 110  # 108 with a face value below 655.36 EUR, two more above
MAX_FACE_VALUE_CENTS = 2**32 - 1
MAX_PREFIX_CHARACTERS = 45  # with 176 of token: 221, all that a QR of version 8-M holds

_MAX_SCAN_CHARACTERS = 256  # a whole QR and the white space a scanner may add
_FOUR_BYTES = range(2**16, 2**32)  # instants that CBOR writes in four bytes: until 2106

_KIDS_AT_HAND = 256

_COSE_SIGN1 = 18
_ALG, _EDDSA, _KID = 1, -8, 4
_EXP, _CTI, _FACE_VALUE = 4, 7, -70001

#: RFC 4648 section 6 as digits of base 32; what is in no token becomes what is no digit.
_AS_DIGITS = dict.fromkeys(range(128), "!") | {
    ord(letter): digit
    for letters in ("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "abcdefghijklmnopqrstuvwxyz234567")
    for letter, digit in zip(letters, "0123456789abcdefghijklmnopqrstuv", strict=True)
}
_PREFIX = re.compile(r"HTTPS?://[0-9A-Z$%*+./:-]+/V/")  # upper case: one QR character each
_SCAN = re.compile(r"(?:HTTPS?://[0-9A-Z$%*+./:-]+/V/)?([A-Z2-7]+)")


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """What the town signs.

    :param code: the redemption code, 10 bytes (claim 7, ``cti``). Whoever has it can
        redeem, so it stays out of the representation.
    :param face_value_cents: the value at issue, 1 to 2^32 - 1 cents (claim -70001).
    :param expires_at: NumericDate in seconds, 2^16 to 2^32 - 1 (claim 4, ``exp``): the
        first instant at which the voucher is no longer accepted.
    :raises ValueError: when a claim is out of its range.
    """

    code: bytes = field(repr=False)
    face_value_cents: int
    expires_at: int

    def __post_init__(self) -> None:
        if len(self.code) != CODE_BYTES:
            raise ValueError(f"a code has {CODE_BYTES} bytes, this has {len(self.code)}")
        if not is_amount(self.face_value_cents) or self.face_value_cents > MAX_FACE_VALUE_CENTS:
            raise ValueError(f"no face value: {self.face_value_cents} cents")
        if self.expires_at not in _FOUR_BYTES:
            raise ValueError(f"not an expiry until 2106: {self.expires_at}")


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """A token whose signature holds: who issued it, under which key, and what it says."""

    town_id: TownId
    kid: bytes
    claims: TokenClaims


def sign_token(claims: TokenClaims, kid: bytes, private_key: Ed25519PrivateKey) -> bytes:
    """Make the token: a tagged COSE_Sign1 of at most 110 bytes, 108 for 50 EUR.

    :raises ValueError: when *kid* is not 4 bytes.
    """
    if len(kid) != KID_BYTES:
        raise ValueError(f"a kid has {KID_BYTES} bytes, this has {len(kid)}")
    protected, payload = _protected(kid), _payload(claims)
    signature = private_key.sign(_to_be_signed(protected, payload))
    return _envelope(protected, payload, signature)


def verify_token(token: bytes, keys: KeySet, now: datetime) -> VerifiedToken:
    """Check that a town of *keys* issued this token, and read it.

    Whether the voucher has expired is not asked here: online the ledger knows, and the
    town may have extended it. Without a net, go on with :func:`check_offline`.

    :raises Refusal: ``token.unreadable`` for anything but the one permitted byte string,
        ``token.key_unknown``, ``token.signature``, and for a genuine one ``token.key_revoked``
        where its key is no longer trusted, ``token.key_not_yet`` or ``token.key_expired``
        where the key's window does not contain *now*. Whatever the bytes, nothing else is
        raised.
    """
    key, claims = signed_claims(token, keys.find(claimed_kid(token)))
    check_believed(key, key.revoked_at, now)
    return VerifiedToken(key.town_id, key.kid, claims)


def signed_claims(token: bytes, candidates: Sequence[PublicKey]) -> tuple[PublicKey, TokenClaims]:
    """Read a token that one of the keys of its ``kid`` has signed, and tell which.

    :raises Refusal: ``token.unreadable``, ``token.key_unknown``, ``token.signature``.
    """
    kid, claims, signature, signed = _read(token)
    if not candidates:
        raise Refusal("token.key_unknown", kid=kid.hex())
    key = next((key for key in candidates if key.verifies(signature, signed)), None)
    if key is None:
        raise Refusal("token.signature", kid=kid.hex())
    return key, claims


def check_believed(key: PublicKey, revoked_at: datetime | None, now: datetime) -> None:
    """Refuse what a key signed when it is no longer, or not yet, to be believed.

    :param revoked_at: the revocation as it is known now; the key may have been read before.
    :raises Refusal: ``token.key_revoked``, ``token.key_not_yet``, ``token.key_expired``.
    """
    if revoked_at is not None and now >= revoked_at:
        raise Refusal("token.key_revoked", kid=key.kid.hex())
    if now < key.not_before:
        raise Refusal("token.key_not_yet", kid=key.kid.hex())
    if now >= key.not_after:
        raise Refusal("token.key_expired", kid=key.kid.hex())


def claimed_kid(token: bytes) -> bytes:
    """Return the ``kid`` a token names, unchecked: only to fetch the keys to verify it with."""
    return token[8:12]


def claimed_code(token: bytes) -> bytes:
    """Return the redemption code a token names, unchecked: only to count tries by."""
    return token[24:34]


def check_offline(verified: VerifiedToken, now: datetime) -> None:
    """Refuse a voucher that has expired by its own token, on or after ``exp`` (RFC 8392).

    :raises Refusal: ``voucher.expired`` with ``date``, the last day it was valid.
    """
    expires_at = verified.claims.expires_at
    if now >= datetime.fromtimestamp(expires_at, UTC):
        raise Refusal("voucher.expired", date=valid_until_of(expires_at))


def expires_at_for(valid_until: date) -> int:
    """Return ``exp`` for the last valid day: the first instant after it in Germany.

    :param valid_until: inclusive; 1 January 1970 to 6 February 2106.
    :raises ValueError: for a day that the token cannot carry.
    """
    if not date(1970, 1, 1) <= valid_until <= date(2106, 2, 6):
        raise ValueError(f"a token cannot carry this day: {valid_until}")
    return int(end_of_day(valid_until).timestamp())


def valid_until_of(expires_at: int) -> date:
    """Return the last day in Germany on which a voucher with this ``exp`` is accepted."""
    return berlin_day(datetime.fromtimestamp(expires_at - 1, UTC))


def to_base32(token: bytes) -> str:
    """Write a token for a QR code: RFC 4648 section 6 without padding, 108 bytes in 173."""
    return base64.b32encode(token).decode("ascii").rstrip("=")


def from_base32(text: str) -> bytes:
    """Read the base32 form, in either case; the inverse of :func:`to_base32`.

    :raises Refusal: ``token.unreadable``, also for padding, impossible lengths and stray
        bits after the last byte, so that one token has one spelling.
    """
    if not text.isascii() or len(text) > _MAX_SCAN_CHARACTERS:
        raise Refusal("token.unreadable")
    length, stray_bits = divmod(5 * len(text), 8)
    try:
        # Both alphabets have 32 letters in order; Python reads its own one at once.
        number = int(text.translate(_AS_DIGITS), 32) if text else 0
    except ValueError as error:
        raise Refusal("token.unreadable") from error
    if stray_bits >= 5 or number & (1 << stray_bits) - 1:
        raise Refusal("token.unreadable")
    return (number >> stray_bits).to_bytes(length)


def token_url(prefix: str, token: bytes) -> str:
    """Write the text of the QR code: ``HTTPS://HOST/V/`` and the base32 token.

    :param prefix: at most 45 characters, ending in ``/V/``, in upper case and the other
        characters of the QR code's alphanumeric mode only (ISO/IEC 18004, 7.4.5).
    :raises ValueError: when *prefix* is not like that.
    """
    if len(prefix) > MAX_PREFIX_CHARACTERS or _PREFIX.fullmatch(prefix) is None:
        raise ValueError(f"not a prefix for a QR code: {prefix}")
    return prefix + to_base32(token)


def token_from_scan(text: str) -> bytes:
    """Find the token in what a camera or a hand scanner read: the URL or the bare base32.

    Either case, white space around it allowed. The host is not looked at: the signature
    says who issued the voucher.

    :raises Refusal: ``token.unreadable``.
    """
    if not text.isascii() or len(text) > _MAX_SCAN_CHARACTERS:
        raise Refusal("token.unreadable")
    found = _SCAN.fullmatch(text.strip(" \t\r\n").upper())
    if found is None:
        raise Refusal("token.unreadable")
    return from_base32(found[1])


@lru_cache(_KIDS_AT_HAND)
def _protected(kid: bytes) -> bytes:
    return cbor2.dumps({_ALG: _EDDSA, _KID: kid})


def _payload(claims: TokenClaims) -> bytes:
    return cbor2.dumps(  # keys in the order of their encoded bytes, RFC 8949 section 4.2.1
        {_EXP: claims.expires_at, _CTI: claims.code, _FACE_VALUE: claims.face_value_cents}
    )


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """Write the Sig_structure of RFC 9052 section 4.4, without external data."""
    return cbor2.dumps(["Signature1", protected, b"", payload])


def _envelope(protected: bytes, payload: bytes, signature: bytes) -> bytes:
    return cbor2.dumps(cbor2.CBORTag(_COSE_SIGN1, [protected, {}, payload, signature]))


def _read(token: bytes) -> tuple[bytes, TokenClaims, bytes, bytes]:
    """Take kid, claims and signature from their places, whatever stands between them.

    :returns: these, and what is to be signed.
    """
    if len(token) > MAX_TOKEN_BYTES:
        raise Refusal("token.unreadable")
    kid, signature = claimed_kid(token), token[-64:]
    face_value = token[39:-66]  # one byte up to 23 cents, else a length byte and the number
    try:
        claims = TokenClaims(
            code=token[24:34],
            face_value_cents=int.from_bytes(face_value[1:] or face_value),
            expires_at=int.from_bytes(token[18:22]),
        )
    except ValueError as error:
        raise Refusal("token.unreadable") from error
    protected, payload = _protected(kid), _payload(claims)
    if _envelope(protected, payload, signature) != token:
        raise Refusal("token.unreadable")
    return kid, claims, signature, _to_be_signed(protected, payload)
