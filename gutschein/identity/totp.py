"""One-time codes of an authenticator app (RFC 6238): SHA-1, six digits, 30 seconds.

These are the parameters that every app understands. A code counts one step before and after
its own, for clocks that differ, and only once.
"""

from __future__ import annotations

import hmac
from datetime import datetime
from uuid import UUID

import pyotp

from gutschein.signing.sealing import place
from gutschein.signing.service_keys import ServiceKeys

STEP_SECONDS = 30
DIGITS = 6
ISSUER = "Gutschein"
_STEPS_AROUND = (0, -1, 1)


def new_secret() -> str:
    """Make a secret of 160 bits, in base32, as apps read it (RFC 4226, section 4)."""
    return pyotp.random_base32()


def code_at(secret: str, instant: datetime) -> str:
    """Return the code that an app shows at an instant."""
    return _totp(secret).generate_otp(_step(instant))


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step that a code belongs to, or ``None`` when it is none of now.

    That the step was not used before is for the database to hold: see
    :func:`gutschein.identity.repository.use_totp_step`.
    """
    typed = "".join(code.split()).encode("utf-8", "replace")
    here = _step(now)
    matching = [
        here + around
        for around in _STEPS_AROUND
        if hmac.compare_digest(_totp(secret).generate_otp(here + around).encode("ascii"), typed)
    ]
    return matching[0] if matching else None


def provisioning_uri(secret: str, account: str) -> str:
    """Return the address that an app reads from a QR code."""
    return _totp(secret).provisioning_uri(name=account, issuer_name=ISSUER)


def sealed_secret(keys: ServiceKeys, person_id: UUID, secret: str) -> bytes:
    """Seal a secret for its person's row."""
    return keys.seal("contact", secret.encode("ascii"), place("person", "sealed_totp", person_id))


def unsealed_secret(keys: ServiceKeys, person_id: UUID, sealed: bytes) -> str:
    """Open a person's secret.

    :raises BrokenSeal: when it is another person's, or altered.
    """
    return keys.unseal("contact", sealed, place("person", "sealed_totp", person_id)).decode("ascii")


def _totp(secret: str) -> pyotp.TOTP:
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS)


def _step(instant: datetime) -> int:
    return int(instant.timestamp()) // STEP_SECONDS
