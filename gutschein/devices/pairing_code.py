"""The pairing code: 60 bits, as people type them, ``K7QM-2XFD-9TRA``.

It is derived from its id under a key that is not in the database, where only a keyed hash
of it stands; so its page can be shown again while it is good. Written in the base32 of
Crockford (https://www.crockford.com/base32.html), which has no letters that look alike.
"""

from __future__ import annotations

from uuid import UUID

from gutschein.signing.service_keys import ServiceKeys

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHARACTERS = 12
_READ_AS = str.maketrans("OIL", "011", " -\u2010\u2011\u2012\u2013\u2014")


def code_of(keys: ServiceKeys, code_id: UUID) -> str:
    """Return the text of a pairing code."""
    number = int.from_bytes(keys.hmac("pepper", b"pairing code\0" + code_id.bytes))
    text = "".join(_ALPHABET[number >> 5 * place & 31] for place in range(_CHARACTERS))
    return f"{text[:4]}-{text[4:8]}-{text[8:]}"


def code_hash(keys: ServiceKeys, typed: str) -> bytes:
    """Return what a code is found by, however it was typed: in any case, with or without
    hyphens and spaces, O for 0 and I or L for 1.
    """
    text = typed.upper().translate(_READ_AS)
    return keys.hmac("lookup", b"pairing code\0" + text.encode("utf-8", "replace"))
