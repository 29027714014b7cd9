"""What the seal of each kind of key is bound to: moved to another row, it does not open."""

from __future__ import annotations

from gutschein.kernel.ids import TownId


def signing_key_context(town_id: TownId, kid: bytes) -> bytes:
    """Return what the seal of a town's private key is bound to."""
    return b"signing" + town_id.bytes + kid


def code_key_context(town_id: TownId, purpose: str) -> bytes:
    """Return what the seal of a town's key for codes or data is bound to."""
    return purpose.encode() + town_id.bytes


def service_key_context(purpose: str) -> bytes:
    """Return what the seal of a key of the installation is bound to."""
    return b"service" + purpose.encode()
