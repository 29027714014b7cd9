"""Write ``token.json``, the test vectors of ``docs/reference/token.md``.

``python tests/vectors/make_token_vectors.py`` writes the same file every time: all keys and
codes follow from fixed words. The keys are public knowledge and sign nothing but these.

Almost every bad token is signed correctly over its own bytes. So a reader that is lax about
one thing accepts one of them, and the name of the case says about what.
"""

from __future__ import annotations

import hmac
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import cbor2
from token_malformed import malformed_tokens
from token_parts import (
    FIFTY,
    GENUINE,
    GROUP_ORDER,
    KEYS,
    NEIGHBOUR,
    NEW_YEAR_2030,
    NEXT,
    NOW,
    OLD,
    PAYLOAD,
    PROTECTED,
    SIGNATURE,
    STRANGER,
    TOWN,
    TWIN_A,
    TWIN_B,
    Key,
    cose,
    draw_code,
    encode_claims,
    iso,
    sign_parts,
)

from gutschein.signing.code import format_code
from gutschein.signing.token import TokenClaims, expires_at_for, sign_token, to_base32, token_url

FILE = Path(__file__).with_name("token.json")


def _case(name: str, token: bytes | str, expect: str, now: datetime = NOW) -> dict[str, Any]:
    text = token if isinstance(token, str) else to_base32(token)
    return {"name": name, "token": text, "now": iso(now), "expect": expect}


def _ok(
    name: str, claims: TokenClaims, key: Key = TOWN, now: datetime = NOW, expect: str = "ok"
) -> dict[str, Any]:
    case = _case(name, sign_token(claims, key.kid, key.private), expect, now)
    if expect == "ok":
        case["claims"] = {
            "code": claims.code.hex(),
            "typed": format_code(claims.code),
            "face_value_cents": claims.face_value_cents,
            "exp": claims.expires_at,
        }
    return case


def _good_cases() -> list[dict[str, Any]]:
    second = timedelta(seconds=1)
    expiry = datetime.fromtimestamp(FIFTY.expires_at, UTC)

    def worth(cents: int, words: str) -> TokenClaims:
        return TokenClaims(draw_code(words), cents, NEW_YEAR_2030)

    lower = _ok("lower-case letters", FIFTY)
    lower["token"] = lower["token"].lower()
    return [
        _ok("50 EUR until the end of 2029", FIFTY),
        _ok("1 cent, the smallest value", worth(1, "one")),
        _ok("23 cents, the last value of one byte", worth(23, "23")),
        _ok("24 cents, the first value of two bytes", worth(24, "24")),
        _ok("2.55 EUR, the last value of two bytes", worth(255, "255")),
        _ok("2.56 EUR, the first value of three bytes", worth(256, "256")),
        _ok("250 EUR", worth(25_000, "250")),
        _ok("655.35 EUR, the last value of three bytes", worth(65_535, "65535")),
        _ok("655.36 EUR, the first value of five bytes", worth(65_536, "65536")),
        _ok("the largest value", worth(2**32 - 1, "largest")),
        _ok("a code that begins with zeros", TokenClaims(bytes(9) + b"\x05", 5_000, NEW_YEAR_2030)),
        _ok("a code of zeros only", TokenClaims(bytes(10), 5_000, NEW_YEAR_2030)),
        _ok(
            "valid until a summer day",
            TokenClaims(draw_code("summer"), 1_000, expires_at_for(date(2029, 6, 30))),
        ),
        _ok("the latest expiry", TokenClaims(draw_code("latest"), 1_000, 2**32 - 1)),
        _ok("another town", worth(2_500, "neighbour"), NEIGHBOUR),
        _ok("the first of two towns with one kid", worth(2_500, "a"), TWIN_A),
        _ok("the second of two towns with one kid", worth(2_500, "b"), TWIN_B),
        lower,
        _ok("the key's first second", FIFTY, now=TOWN.not_before),
        _ok("the old key's last second", FIFTY, OLD, OLD.not_after - second),
        _ok("the voucher's last second", FIFTY, now=expiry - second),
    ]


def _time_cases() -> list[dict[str, Any]]:
    second = timedelta(seconds=1)
    expiry = datetime.fromtimestamp(FIFTY.expires_at, UTC)
    earliest = TokenClaims(draw_code("earliest"), 1_000, 2**16)
    return [
        _ok(
            "before the key's first second",
            FIFTY,
            TOWN,
            TOWN.not_before - second,
            "token.key_not_yet",
        ),
        _ok("a key that is not valid yet", FIFTY, NEXT, expect="token.key_not_yet"),
        _ok("a key that has expired", FIFTY, OLD, expect="token.key_expired"),
        _ok("the old key's window has just ended", FIFTY, OLD, OLD.not_after, "token.key_expired"),
        _ok("the voucher has just expired", FIFTY, TOWN, expiry, "voucher.expired"),
        _ok("the voucher expired long ago", earliest, expect="voucher.expired"),
        _ok("a town that is not in the set", FIFTY, STRANGER, expect="token.key_unknown"),
    ]


def _signature_cases() -> list[dict[str, Any]]:
    def altered(at: int, bits: int = 1) -> bytes:
        return GENUINE[:at] + bytes([GENUINE[at] ^ bits]) + GENUINE[at + 1 :]

    s = int.from_bytes(SIGNATURE[32:], "little")
    second_form = SIGNATURE[:32] + (s + GROUP_ORDER).to_bytes(32, "little")
    as_neighbour = cbor2.dumps({1: -8, 4: NEIGHBOUR.kid})
    mac_text = cbor2.dumps(["Signature1", PROTECTED, b"", PAYLOAD])
    cases = {
        "altered: one bit of the code": altered(24),
        "altered: one bit of the expiry": altered(21),
        "altered: one bit of the value": altered(41),
        "altered: value raised to 90 EUR": cose(
            payload=encode_claims(value=9_000), signature=SIGNATURE
        ),
        "altered: first bit of the signature": altered(44, 0x80),
        "altered: last bit of the signature": altered(107),
        "altered: kid of another town": cose(as_neighbour, signature=SIGNATURE),
        "altered: halves of the signature swapped": cose(signature=SIGNATURE[32:] + SIGNATURE[:32]),
        "a signature of zeros": cose(signature=bytes(64)),
        "the same signature with S + L (RFC 8032, 5.1.7)": cose(signature=second_form),
        "wrong key: the neighbour's, under our kid": cose(
            signature=sign_parts(PROTECTED, PAYLOAD, NEIGHBOUR)
        ),
        "wrong key: a stranger's, under the kid of two towns": cose(
            cbor2.dumps({1: -8, 4: TWIN_A.kid}),
            signature=sign_parts(cbor2.dumps({1: -8, 4: TWIN_A.kid}), PAYLOAD, STRANGER),
        ),
        "signed over the payload alone": cose(signature=TOWN.private.sign(PAYLOAD)),
        "signed with another context": cose(
            signature=sign_parts(PROTECTED, PAYLOAD, context="Signature")
        ),
        "signed with external data": cose(
            signature=sign_parts(PROTECTED, PAYLOAD, external=b"\x00")
        ),
        "a MAC keyed with the public key": cose(
            signature=hmac.digest(TOWN.public, mac_text, "sha512")
        ),
    }
    return [
        *(_case(name, token, "token.signature") for name, token in cases.items()),
        _case("altered: one bit of the kid", altered(8), "token.key_unknown"),
        _case("altered: one bit of the algorithm", altered(5), "token.unreadable"),
        _case("altered: one bit of a label", altered(22), "token.unreadable"),
    ]


def _text_cases() -> list[dict[str, Any]]:
    text = to_base32(GENUINE)
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".index(text[-1])
    assert set("OIS") <= set(text)
    texts = {
        "empty": "",
        "one character": "2",
        "not base32: the digit 0 for O": text.replace("O", "0", 1),
        "not base32: the digit 1 for I": text.replace("I", "1", 1),
        "not base32: padding": text + "===",
        "not base32: a space inside": text[:50] + " " + text[51:],
        "not base32: a long s, an S in upper case": text.replace("S", "\u017f", 1),
        "not base32: hexadecimal": GENUINE.hex(),
        "stray bits after the last byte": text[:-1] + "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[last | 1],
        "a character too few": text[:-1],
        "two characters too few": text[:-2],
        "a character too many": text + "A",
        "a redemption code instead": "ABCDEFGHJKMNPQRST",
    }
    return [_case(name, bad, "token.unreadable") for name, bad in texts.items()]


def _scans() -> list[dict[str, str]]:
    """What a scanner may hand over, and the token in it."""
    text = to_base32(GENUINE)
    url = token_url("HTTPS://GUTSCHEIN.EXAMPLE/V/", GENUINE)
    good = {
        "the QR code": url,
        "the bare token": text,
        "in lower case": url.lower(),
        "a browser's address": url.replace(
            "HTTPS://GUTSCHEIN.EXAMPLE", "https://gutschein.example"
        ),
        "with the scanner's line end": url + "\r\n",
        "a test system": token_url("HTTP://127.0.0.1:8000/V/", GENUINE),
        "a host with a path": token_url("HTTPS://ERZGEBIRGE.EXAMPLE/GUTSCHEIN/V/", GENUINE),
    }
    bad = {
        "another address": f"HTTPS://GUTSCHEIN.EXAMPLE/X/{text}",
        "another scheme": f"FTP://GUTSCHEIN.EXAMPLE/V/{text}",
        "no host": f"HTTPS:///V/{text}",
        "a query": url + "?A=B",
        "no token": "HTTPS://GUTSCHEIN.EXAMPLE/V/",
        "far too long": "HTTPS://" + "A" * 5_000 + f"/V/{text}",
    }
    return [
        *({"name": n, "text": t, "expect": "ok", "token": text} for n, t in good.items()),
        *({"name": n, "text": t, "expect": "token.unreadable"} for n, t in bad.items()),
    ]


def _codes() -> list[dict[str, Any]]:
    """What a person may type."""
    code = bytes.fromhex("0123456789abcdef0042")
    typed = format_code(code)
    good = {
        "as printed": typed,
        "in lower case": typed.lower(),
        "without hyphens": typed.replace("-", ""),
        "with spaces": f"  {typed.replace('-', ' ')} ",
        "with a dash and a narrow space": typed.replace("-", "\u2013\u202f"),
        "look-alikes O, I and l": typed.replace("0", "O").replace("1", "I", 1).replace("1", "l"),
    }
    bad: dict[str, tuple[str, int | None]] = {
        "empty": ("", 0),
        "a letter that is in no code": ("0U" + typed[2:], 1),
        "a letter of other scripts": ("\u0131" + typed[1:], 0),
        "a check symbol that is never used": (typed[:-1] + "*", len(typed) - 1),
        "the last character missing": (typed[:-1], len(typed) - 1),
        "a character too many": (typed + "0", len(typed)),
        "one character wrong": ("1" + typed[1:], None),
        "two neighbours swapped": (typed[1] + typed[0] + typed[2:], None),
    }
    assert typed[0] != typed[1]
    cases: list[dict[str, Any]] = [
        {"name": name, "typed": text, "expect": "ok", "code": code.hex()}
        for name, text in good.items()
    ]
    for name, (text, position) in bad.items():
        case = {"name": name, "typed": text, "expect": "code.typo"}
        cases.append(case if position is None else case | {"position": position})
    return cases


def token_vectors() -> str:
    """Return the content of ``token.json``."""
    document = {
        "note": "See docs/reference/token.md. These keys are for tests only.",
        "keys": [key.as_json() for key in KEYS],
        "cases": [
            *_good_cases(),
            *_time_cases(),
            *_signature_cases(),
            *(_case(name, token, "token.unreadable") for name, token in malformed_tokens().items()),
            *_text_cases(),
        ],
        "scans": _scans(),
        "codes": _codes(),
    }
    return json.dumps(document, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(token_vectors(), encoding="utf-8")
