"""Signatures of requests: HTTP Message Signatures (RFC 9421) in one strict profile.

A request carries one signature over ``@method``, ``@authority``, ``@path`` and ``@query``,
and over ``content-digest`` (RFC 9530, ``sha-256``) when it has a body. Its parameters are
``created``, ``nonce``, ``keyid``, ``alg`` and ``tag="gutschein"``; components and
parameters may stand in any order. Anything else is no signature of ours.

The authority is that of the service's public address. What a proxy makes of ``Host`` does
not matter, and what was signed for one installation is worth nothing at another.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64decode, b64encode
from binascii import Error as NoBase64
from datetime import UTC, datetime

from msgspec import Struct

from gutschein.kernel.errors import Refusal

TAG = "gutschein"
COMPONENTS = frozenset({"@method", "@authority", "@path", "@query"})
DIGEST = "content-digest"

_LONGEST_FIELD = 1024
_INPUT = re.compile(
    r'(?P<label>[a-z][a-z0-9_.*-]*)=(?P<params>\((?P<names>"[@a-z-]+"(?: "[@a-z-]+")*)\)'
    r'(?P<rest>(?:;[a-z]+=(?:[0-9]{1,11}|"[\x20!#-\[\]-~]*"))*))'
)
_PARAMETER = re.compile(r';(?P<name>[a-z]+)=(?:(?P<number>[0-9]+)|"(?P<text>[^"]*)")')
_SIGNATURE = re.compile(r"(?P<label>[a-z][a-z0-9_.*-]*)=:(?P<value>[A-Za-z0-9+/]{86}==):")
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")


class Sent(Struct, frozen=True):
    """What came over the wire.

    :param path: as it was sent, percent-encoded.
    :param query: without the question mark; empty where there is none.
    :param fields: the lines of each header field that a signature needs, by its name.
    """

    method: str
    path: str
    query: str
    body: bytes
    fields: dict[str, list[str]]


class SignedRequest(Struct, frozen=True):
    """A request with a signature of our form, which is not verified yet.

    :param base: the bytes that the signature is to be of (RFC 9421, section 2.5).
    """

    key_id: str
    algorithm: str
    nonce: str
    created_at: datetime
    base: bytes
    signature: bytes


def digest_of(body: bytes) -> str:
    """Write the ``Content-Digest`` of a body."""
    return f"sha-256=:{b64encode(hashlib.sha256(body).digest()).decode('ascii')}:"


def read_signed(sent: Sent, authority: str) -> SignedRequest:
    """Read the signature of a request and gather what it covers.

    :param authority: host and port of the public address, as browsers write them
        (RFC 9421, section 2.2.3).
    :raises Refusal: ``device.signature`` when anything is not of our form, or the digest is
        not that of the body.
    """
    stated = _INPUT.fullmatch(_only(sent, "signature-input"))
    signed = _SIGNATURE.fullmatch(_only(sent, "signature"))
    if stated is None or signed is None or stated["label"] != signed["label"]:
        raise Refusal("device.signature")
    names = [name.strip('"') for name in stated["names"].split(" ")]
    covered = {*COMPONENTS, DIGEST} if sent.body else COMPONENTS
    if len(names) != len(covered) or set(names) != covered:
        raise Refusal("device.signature")
    parameters = _parameters(stated["rest"])
    values = {
        "@method": sent.method,
        "@authority": authority,
        "@path": sent.path,
        "@query": f"?{sent.query}",
    }
    if sent.body:
        values[DIGEST] = _checked_digest(sent)
    lines = [*(f'"{name}": {values[name]}' for name in names)]
    lines.append(f'"@signature-params": {stated["params"]}')
    return SignedRequest(
        key_id=parameters["keyid"],
        algorithm=parameters["alg"],
        nonce=parameters["nonce"],
        created_at=datetime.fromtimestamp(int(parameters["created"]), UTC),
        base="\n".join(lines).encode("latin-1", "replace"),
        signature=_decoded(signed["value"]),
    )


def _only(sent: Sent, name: str) -> str:
    lines = sent.fields.get(name, [])
    if len(lines) != 1 or len(lines[0]) > _LONGEST_FIELD:
        raise Refusal("device.signature")
    return lines[0]


def _parameters(text: str) -> dict[str, str]:
    found = [*_PARAMETER.finditer(text)]
    values = {each["name"]: each["number"] or each["text"] for each in found}
    kinds = {each["name"] for each in found if each["number"] is not None}
    if (
        len(values) != len(found)
        or values.keys() != {"created", "nonce", "keyid", "alg", "tag"}
        or kinds != {"created"}
        or values["tag"] != TAG
        or not _NONCE.fullmatch(values["nonce"])
    ):
        raise Refusal("device.signature")
    return values


def _checked_digest(sent: Sent) -> str:
    stated = _only(sent, DIGEST)
    if not hmac.compare_digest(stated.encode("latin-1", "replace"), digest_of(sent.body).encode()):
        raise Refusal("device.signature")
    return stated


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except NoBase64 as error:
        raise Refusal("device.signature") from error
