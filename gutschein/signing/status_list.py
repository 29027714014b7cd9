"""A town's status list: the vouchers that must not be taken without a net, signed and small.

A COSE_Sign1 (RFC 9052 section 4.2) signed with Ed25519 by a key of the town, in deterministic
CBOR (RFC 8949 section 4.2), around a Golomb-coded set of tags that follow from the vouchers'
codes. The contract for other languages is ``docs/reference/status-list.md``.

There is exactly one byte string for a town, an instant and a set. So reading needs no CBOR
parser: it takes the parts from their places and compares what writing them again makes.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.signing.code import CODE_BYTES
from gutschein.signing.keyset import KID_BYTES, KeySet

CONTENT_TYPE = "application/gutschein-status"
TAG_BYTES = 8
#: For so long a list may be used: 24 hours, in seconds.
LIFETIME = 86_400
#: So that every value of the set is a whole number that JavaScript holds exactly.
MOST_TAGS = 2**24 - 1

_LOW_BITS = 20  # one tag in 2^20 that is not in the set looks as if it were
_INSTANTS = range(2**16, 2**32 - LIFETIME)  # which CBOR writes in four bytes: until 2106

_COSE_SIGN1 = 18
_ALG, _EDDSA, _CONTENT, _KID = 1, -8, 3, 4
_EXP, _IAT, _TOWN, _COUNT, _PARAMETER, _DATA = 4, 6, -70004, -70010, -70011, -70012
_KID_AT, _TOWN_BYTES, _SIGNATURE_BYTES = 40, 16, 64
_ONE_BYTE = 24  # a head that is followed by its number in one byte


@dataclass(frozen=True, slots=True)
class StatusList:
    """A list whose signature holds.

    :param issued_at: NumericDate: nothing of it is older.
    :param values: of the set, ascending.
    """

    town_id: TownId
    issued_at: int
    values: Sequence[int] = field(repr=False)

    @property
    def expires_at(self) -> int:
        """NumericDate: the first instant at which the list is not to be used any more."""
        return self.issued_at + LIFETIME

    def holds(self, tag: bytes) -> bool:
        """Tell whether a voucher must not be taken without a net.

        Of those that may, one in a million is said to be in the list.

        :param tag: by :func:`status_tag`.
        """
        value = _value(tag, len(self.values))
        at = bisect_left(self.values, value)
        return at < len(self.values) and self.values[at] == value


def status_tag(town_id: TownId, code: bytes) -> bytes:
    """Return what a voucher goes by in its town's status list: 8 bytes.

    :param code: the redemption code, 10 bytes. 80 random bits are not found from their hash.
    """
    if len(code) != CODE_BYTES:
        raise ValueError(f"a code has {CODE_BYTES} bytes, this has {len(code)}")
    return hashlib.sha256(b"gutschein status" + town_id.bytes + code).digest()[:TAG_BYTES]


def sign_status_list(
    town_id: TownId,
    tags: Collection[bytes],
    issued_at: int,
    kid: bytes,
    private_key: Ed25519PrivateKey,
) -> bytes:
    """Make the list of a town; about 22 bits for each tag.

    :param issued_at: NumericDate.
    :raises ValueError: when something is out of its range.
    """
    unique = set(tags)
    if len(unique) > MOST_TAGS or any(len(tag) != TAG_BYTES for tag in unique):
        raise ValueError(f"at most {MOST_TAGS} tags of {TAG_BYTES} bytes")
    if len(kid) != KID_BYTES or issued_at not in _INSTANTS:
        raise ValueError(f"a kid has {KID_BYTES} bytes, and an instant lies before 2106")
    values = sorted(_value(tag, len(unique)) for tag in unique)
    protected, payload = _protected(kid), _payload(town_id, issued_at, values)
    return _envelope(protected, payload, private_key.sign(_to_be_signed(protected, payload)))


def read_status_list(content: bytes, keys: KeySet, now: datetime) -> StatusList:
    """Check that a town of *keys* signed this list and that it may be used now.

    :raises Refusal: ``status.unreadable`` for anything but the one permitted byte string,
        ``status.signature`` where no key of that town that is good now has signed it, and
        ``status.outdated`` outside its 24 hours. Whatever the bytes, nothing else is raised.
    """
    kid, read, signed, signature = _read(content)
    if not any(
        key.town_id == read.town_id
        and key.revoked_at is None
        and key.not_before <= now < key.not_after
        and key.verifies(signature, signed)
        for key in keys.find(kid)
    ):
        raise Refusal("status.signature")
    if not read.issued_at <= now.timestamp() < read.expires_at:
        raise Refusal("status.outdated")
    return read


def _value(tag: bytes, count: int) -> int:
    """Spread a tag evenly over ``count`` times 2^20 places."""
    return int.from_bytes(tag) * (count << _LOW_BITS) >> 8 * TAG_BYTES


def _coded(values: Iterable[int]) -> bytes:
    """Write ascending values as Rice-coded differences, the most significant bit first."""
    bits, before = [], 0
    for value in values:
        quotient, low_bits = divmod(value - before, 1 << _LOW_BITS)
        bits.append(f"{'1' * quotient}0{low_bits:0{_LOW_BITS}b}")
        before = value
    text = "".join(bits)
    text += "0" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8) if text else b""


def _decoded(data: bytes, count: int) -> list[int]:
    """Read *count* values.

    :raises Refusal: ``status.unreadable`` when they do not stand there.
    """
    text = f"{int.from_bytes(data):0{8 * len(data)}b}" if data else ""
    values, at, value = list[int](), 0, 0
    for _ in range(count):
        end = text.find("0", at)
        low_bits = text[end + 1 : end + 1 + _LOW_BITS]
        if end < 0 or len(low_bits) < _LOW_BITS:
            raise Refusal("status.unreadable")
        value += (end - at << _LOW_BITS) + int(low_bits, 2)
        values.append(value)
        at = end + 1 + _LOW_BITS
    return values


def _protected(kid: bytes) -> bytes:
    return cbor2.dumps({_ALG: _EDDSA, _CONTENT: CONTENT_TYPE, _KID: kid})


def _payload(town_id: TownId, issued_at: int, values: Sequence[int]) -> bytes:
    return cbor2.dumps(  # keys in the order of their encoded bytes, RFC 8949 section 4.2.1
        {
            _EXP: issued_at + LIFETIME,
            _IAT: issued_at,
            _TOWN: town_id.bytes,
            _COUNT: len(values),
            _PARAMETER: _LOW_BITS,
            _DATA: _coded(values),
        }
    )


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """Write the Sig_structure of RFC 9052 section 4.4, without external data."""
    return cbor2.dumps(["Signature1", protected, b"", payload])


def _envelope(protected: bytes, payload: bytes, signature: bytes) -> bytes:
    return cbor2.dumps(cbor2.CBORTag(_COSE_SIGN1, [protected, {}, payload, signature]))


def _head(content: bytes, at: int) -> tuple[int, int]:
    """Read the number in a head of CBOR (RFC 8949 section 3), and tell where it ends."""
    first = content[at : at + 1]
    short = first[0] & 31 if first else 0
    if short < _ONE_BYTE:
        return short, at + 1
    end = at + 1 + (1 << short - _ONE_BYTE)
    return int.from_bytes(content[at + 1 : end]), end


def _read(content: bytes) -> tuple[bytes, StatusList, bytes, bytes]:
    """Take the parts from their places, whatever stands between them, and write them again.

    :returns: the kid, the list, what is to be signed, and the signature.
    """
    kid, signature = content[_KID_AT : _KID_AT + KID_BYTES], content[-_SIGNATURE_BYTES:]
    _, at = _head(content, _KID_AT + KID_BYTES + 1)  # behind the empty unprotected header
    issued_at = int.from_bytes(content[at + 9 : at + 13])
    town = content[at + 19 : at + 35]
    count, at = _head(content, at + 40)
    length, at = _head(content, at + 11)
    data = content[at : at + length]
    # Each value has a bit that ends its quotient: what claims more is not looked at.
    if (
        issued_at not in _INSTANTS
        or len(town) != _TOWN_BYTES
        or count > MOST_TAGS
        or count * (_LOW_BITS + 1) > 8 * len(data)
    ):
        raise Refusal("status.unreadable")
    values = _decoded(data, count)
    if values and values[-1] >= count << _LOW_BITS:
        raise Refusal("status.unreadable")
    read = StatusList(TownId(UUID(bytes=town)), issued_at, values)
    protected, payload = _protected(kid), _payload(read.town_id, issued_at, values)
    if _envelope(protected, payload, signature) != content:
        raise Refusal("status.unreadable")
    return kid, read, _to_be_signed(protected, payload), signature
