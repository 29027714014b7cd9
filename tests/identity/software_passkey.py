"""A passkey in software: what browsers and their devices do, and what attackers would."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

USER_PRESENT, USER_VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class SoftwarePasskey:
    """A key pair for a site. What it signs can be bent in every way."""

    origin: str = "http://127.0.0.1:8000"
    rp_id: str = "127.0.0.1"
    id: bytes = field(default_factory=lambda: token_bytes(32))
    count: int = 0
    user_handle: bytes | None = None
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def made(self, challenge: dict[str, Any], **bent: Any) -> dict[str, Any]:
        """Answer a challenge to make a passkey, without attestation."""
        options = challenge["options"]
        self.user_handle = _bytes(options["user"]["id"])
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + self._cose_key()
        data = self._data(attested, ATTESTED, **bent)
        response = {
            "clientDataJSON": base64url(self._client_data("webauthn.create", options, **bent)),
            "attestationObject": base64url(
                cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
            ),
        }
        return self._answer(challenge, response)

    def used(self, challenge: dict[str, Any], **bent: Any) -> dict[str, Any]:
        """Answer a challenge to sign in. *bent* says what is not as it should be."""
        client = self._client_data(bent.get("type", "webauthn.get"), challenge["options"], **bent)
        data = self._data(b"", 0, **bent)
        signed = data + hashlib.sha256(client).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": base64url(client),
            "authenticatorData": base64url(data),
            "signature": base64url(signature),
            "userHandle": base64url(bent.get("user_handle", self.user_handle)),
        }
        return self._answer(challenge, response)

    def _answer(self, challenge: dict[str, Any], response: dict[str, str]) -> dict[str, Any]:
        return {
            "challenge_id": challenge["challenge_id"],
            "credential": {"id": base64url(self.id), "response": response},
        }

    def _client_data(self, kind: str, options: dict[str, Any], **bent: Any) -> bytes:
        told = {
            "type": kind,
            "challenge": options["challenge"],
            "origin": bent.get("origin", self.origin),
            "crossOrigin": False,
        }
        return json.dumps(told).encode()

    def _data(self, attested: bytes, more_flags: int, **bent: Any) -> bytes:
        flags = bent.get("flags", USER_PRESENT | USER_VERIFIED) | more_flags
        site = hashlib.sha256(bent.get("rp_id", self.rp_id).encode()).digest()
        return site + bytes([flags]) + self.count.to_bytes(4, "big") + attested

    def _cose_key(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})


def base64url(value: bytes | None) -> str:
    """Write bytes as WebAuthn does in JSON."""
    return urlsafe_b64encode(value or b"").rstrip(b"=").decode("ascii")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
