"""Write ``status_list.json``, the test vectors of ``docs/reference/status-list.md``.

``python tests/vectors/make_status_list_vectors.py`` writes the same file every time. Almost
every bad list is signed correctly over its own bytes, so a reader that is lax about the one
thing that its name says accepts it.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import cbor2
from token_parts import (
    GENUINE,
    GROUP_ORDER,
    KEYS,
    NEIGHBOUR,
    NEXT,
    NOW,
    OLD,
    STRANGER,
    TOWN,
    TWIN_B,
    Key,
    draw_code,
    iso,
    seed,
    sign_parts,
)

from gutschein.kernel.ids import TownId
from gutschein.signing.status_list import LIFETIME, sign_status_list, status_tag

FILE = Path(__file__).with_name("status_list.json")
HOUR = int(NOW.timestamp())
FIRST, LAST = bytes(8), b"\xff" * 8


def _tags(count: int) -> list[bytes]:
    return [seed(f"tag {number}")[:8] for number in range(count)]


def _list(tags: list[bytes], key: Key = TOWN, issued_at: int = HOUR) -> bytes:
    return sign_status_list(TownId(key.town_id), tags, issued_at, key.kid, key.private)


def _case(name: str, content: bytes, expect: str, now: datetime = NOW) -> dict[str, Any]:
    text = base64.b64encode(content).decode()
    return {"name": name, "list": text, "now": iso(now), "expect": expect}


def _ok(
    name: str,
    tags: list[bytes],
    strange: list[bytes] | None = None,
    *,
    key: Key = TOWN,
    now: datetime = NOW,
) -> dict[str, Any]:
    """A good list.

    :param strange: tags that are not in it.
    """
    return _case(name, _list(tags, key), "ok", now) | {
        "town_id": str(key.town_id),
        "issued_at": HOUR,
        "expires_at": HOUR + LIFETIME,
        "count": len(tags),
        "holds": [tag.hex() for tag in tags[:50]],
        "lacks": [tag.hex() for tag in (_strange(50) if strange is None else strange)],
    }


def _strange(count: int) -> list[bytes]:
    return [seed(f"strange {number}")[:8] for number in range(count)]


def _good_cases() -> list[dict[str, Any]]:
    second, tags = timedelta(seconds=1), _tags(3)
    twins = [tags[0][:7] + b"\x00", tags[0][:7] + b"\x01"]
    seeming = _ok("a tag that only looks as if it were in it", tags)
    seeming["holds"].append((tags[0][:7] + bytes([tags[0][7] ^ 1])).hex())
    crowd = [bytes(6) + number.to_bytes(2) for number in range(99)]
    return [
        _ok("nothing in it", []),
        _ok("one voucher", tags[:1]),
        _ok("three vouchers", tags),
        _ok("the smallest tag and the largest", [FIRST, LAST]),
        _ok("the smallest tag alone", [FIRST]),
        _ok("the largest tag alone", [LAST]),
        _ok("two tags with one value", [*twins, tags[1]]),
        seeming,
        _ok("a quotient of 99, behind 99 small values", [*crowd, LAST]),
        _ok("23, the last count of one byte", _tags(23)),
        _ok("24, the first count of two bytes", _tags(24)),
        _ok("255, the last count of two bytes", _tags(255)),
        _ok("256, the first count of three bytes", _tags(256)),
        _ok("24,000: numbers of five bytes before the payload and the set", _tags(24_000)),
        _ok("another town", tags, key=NEIGHBOUR),
        _ok("the second of two towns with one kid", tags, key=TWIN_B),
        _ok("in its first second", tags, now=NOW),
        _ok("in its last second", tags, now=NOW + timedelta(seconds=LIFETIME) - second),
    ]


def _bits(*parts: str) -> bytes:
    text = "".join(parts)
    text += "0" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8)


def _payload(**changes: Any) -> dict[int, Any]:
    labels = {"exp": 4, "iat": 6, "town": -70004, "count": -70010, "bits": -70011, "data": -70012}
    values: dict[str, Any] = {
        "exp": HOUR + LIFETIME,
        "iat": HOUR,
        "town": TOWN.town_id.bytes,
        "count": 1,
        "bits": 20,
        "data": _bits("0", f"{5:020b}"),
    } | changes
    return {labels[name]: value for name, value in values.items() if value is not None}


PROTECTED = cbor2.dumps({1: -8, 3: "application/gutschein-status", 4: TOWN.kid})


def _signed(
    payload: dict[int, Any] | bytes | None = None,
    protected: dict[int, Any] | bytes = PROTECTED,
    *,
    key: Key = TOWN,
    unprotected: dict[int, Any] | None = None,
    tag: int = 18,
    context: str = "Signature1",
) -> bytes:
    head = protected if isinstance(protected, bytes) else cbor2.dumps(protected)
    payload = _payload() if payload is None else payload
    body = payload if isinstance(payload, bytes) else cbor2.dumps(payload)
    signature = sign_parts(head, body, key, context)
    return cbor2.dumps(cbor2.CBORTag(tag, [head, unprotected or {}, body, signature]))


def _malformed() -> dict[str, bytes]:
    good, payload = _signed(), cbor2.dumps(_payload())
    assert good == _list([(5 << 44).to_bytes(8)])
    usual = {1: -8, 3: "application/gutschein-status", 4: TOWN.kid}
    parts = cbor2.loads(good).value
    backwards = dict(reversed(_payload().items()))
    one = _bits("0", f"{5:020b}")
    return {
        "empty": b"",
        "one byte": b"\xd2",
        "a voucher's token": GENUINE,
        "a byte too few": good[:-1],
        "a byte too many": good + b"\x00",
        "cut off in the set": good[:100],
        "no tag": good[1:],
        "the tag of COSE_Mac0": _signed(tag=17),
        "three elements": cbor2.dumps(cbor2.CBORTag(18, parts[:3])),
        "an unprotected header": _signed(unprotected={4: TOWN.kid}),
        "another algorithm": _signed(protected=usual | {1: -7}),
        "no content type": _signed(protected={1: -8, 4: TOWN.kid}),
        "the content type of an endorsement": _signed(protected=usual | {3: 101}),
        "another content type": _signed(protected=usual | {3: "application/gutschein-status2"}),
        "a kid of three bytes": _signed(protected=usual | {4: TOWN.kid[:3]}),
        "the protected header in another order": _signed(protected=dict(reversed(usual.items()))),
        "one thing more protected": _signed(protected=usual | {5: b"iv"}),
        "no expiry": _signed(_payload(exp=None)),
        "valid for a second longer": _signed(_payload(exp=HOUR + LIFETIME + 1)),
        "valid for a second less": _signed(_payload(exp=HOUR + LIFETIME - 1)),
        "instants of eight bytes": _signed(_payload(iat=2**32, exp=2**32 + LIFETIME)),
        "instants of two bytes": _signed(_payload(iat=60_000, exp=60_000 + LIFETIME)),
        "instants with a point": _signed(_payload(iat=float(HOUR), exp=float(HOUR + LIFETIME))),
        "a town of 15 bytes": _signed(_payload(town=TOWN.town_id.bytes[:15])),
        "a town as text": _signed(_payload(town=str(TOWN.town_id))),
        "another parameter": _signed(_payload(bits=19)),
        "a member more": _signed(_payload() | {-70013: 0}),
        "the members in another order": _signed(backwards),
        "a member twice": _signed(b"\xa7" + payload[1:7] + payload[1:]),
        "a longer form of a number": _signed(payload.replace(b"\x79\x01", b"\x79\x18\x01")),
        "a map of indefinite length": _signed(b"\xbf" + payload[1:] + b"\xff"),
        "a count that is negative": _signed(_payload(count=-1)),
        "a count that is too large": _signed(_payload(count=2**24, data=bytes(44))),
        "a count of 2^63": _signed(_payload(count=2**63)),
        "one value too few": _signed(_payload(count=2)),
        "no value": _signed(_payload(data=b"")),
        "values where none are counted": _signed(_payload(count=0)),
        "a byte behind the values": _signed(_payload(data=one + b"\x00")),
        "a bit behind the last value": _signed(_payload(data=one[:-1] + bytes([one[-1] | 1]))),
        "ones without an end": _signed(_payload(data=b"\xff" * 3)),
        "cut off in the low bits": _signed(_payload(count=1, data=_bits("1110", "0" * 4))),
        "a value that is too large": _signed(_payload(data=_bits("10", "0" * 20))),
        "the set as text": _signed(_payload(data="abc")),
    }


def _wrong_signatures() -> list[dict[str, Any]]:
    good = _signed()
    at = good.index(cbor2.dumps(-70012)) + 7  # the last byte but one of the set
    s = int.from_bytes(good[-32:], "little") + GROUP_ORDER
    of_us_by_them = cbor2.dumps({1: -8, 3: "application/gutschein-status", 4: NEIGHBOUR.kid})
    second = timedelta(seconds=1)
    old = _list([], OLD, int(OLD.not_after.timestamp()) - 3_600)
    new = _list([], NEXT, int(NEXT.not_before.timestamp()) - 3_600)
    expect = "status.signature"
    cases = {
        "altered: one bit of the set": good[:at] + bytes([good[at] ^ 0x80]) + good[at + 1 :],
        "altered: one bit of the signature": good[:-1] + bytes([good[-1] ^ 1]),
        "a signature of zeros": good[:-64] + bytes(64),
        "the same signature with S + L (RFC 8032, 5.1.7)": good[:-32] + s.to_bytes(32, "little"),
        "the neighbour's key, under our kid": _signed(key=NEIGHBOUR),
        "the neighbour's key and kid, naming us": _signed(protected=of_us_by_them, key=NEIGHBOUR),
        "a town that is not in the set": _list([], STRANGER),
        "with another context": _signed(context="Signature"),
    }
    return [
        *(_case(name, content, expect) for name, content in cases.items()),
        _case("the key has just expired", old, expect, OLD.not_after),
        _case("the key is not valid yet", new, expect, NEXT.not_before - second),
    ]


def _at_other_times() -> list[dict[str, Any]]:
    second, content = timedelta(seconds=1), _list(_tags(3))
    expect = "status.outdated"
    return [
        _case("24 hours old", content, expect, NOW + timedelta(seconds=LIFETIME)),
        _case("a second before it was made", content, expect, NOW - second),
    ]


def status_list_vectors() -> str:
    """Return the content of ``status_list.json``."""
    codes = [draw_code("fifty"), bytes(10), b"\xff" * 10]
    document = {
        "note": "See docs/reference/status-list.md. These keys are for tests only.",
        "keys": [key.as_json() for key in KEYS],
        "tags": [
            {
                "town_id": str(key.town_id),
                "code": code.hex(),
                "tag": status_tag(TownId(key.town_id), code).hex(),
            }
            for key in (TOWN, NEIGHBOUR)
            for code in codes
        ],
        "lists": [
            *_good_cases(),
            *(_case(name, bad, "status.unreadable") for name, bad in _malformed().items()),
            *_wrong_signatures(),
            *_at_other_times(),
        ],
    }
    return json.dumps(document, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(status_list_vectors(), encoding="utf-8")
