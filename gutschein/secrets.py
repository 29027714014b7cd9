"""The two secrets of the service: the API token and the key that opens the signing keys.

They never enter the database. Beside the embedded one they are made once and kept in
``secrets/`` under the data folder; a separate database wants them from its operator.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from gutschein.settings import Settings, SettingsError, variable_of

KEY_BYTES = 32
API_TOKEN_MIN = 16

_HEX = re.compile(r"[0-9a-fA-F]+")
_API_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750, section 2.1
_SECRETS_FOLDER = "secrets"
_DATABASE_FOLDER = "postgres"  # as in gutschein.db.embedded, which a test holds to it


class Secrets(msgspec.Struct, frozen=True, kw_only=True):
    """The secrets in use. Its repr shows none of them."""

    api_token: str
    """What callers of the API send as bearer token."""
    key_encryption_key: bytes
    """32 bytes."""

    def __repr__(self) -> str:
        return "Secrets(***)"


def resolve_secrets(settings: Settings) -> Secrets:
    """Find the secrets, or make them on the first start of the embedded database.

    Call it before the embedded database is first started: where a database is, but the
    file of its key is gone, no new key is made, since it could open nothing.

    :raises SettingsError: naming the setting that is missing or wrong.
    """
    token = _given(settings, "api_token")
    if token is None:
        token = _kept(settings, "api_token", lambda: secrets.token_urlsafe(KEY_BYTES))
    if len(token) < API_TOKEN_MIN or not _API_TOKEN.fullmatch(token):
        raise SettingsError(
            f"{variable_of('api_token')} must have {API_TOKEN_MIN} characters or more, "
            "letters, digits and -._~+/ only"
        )
    key = _given(settings, "key_encryption_key")
    if key is None:
        _refuse_to_replace_key(settings)
        key = _kept(settings, "key_encryption_key", lambda: secrets.token_hex(KEY_BYTES))
    return Secrets(api_token=token, key_encryption_key=_key_bytes(key))


def _given(settings: Settings, name: str) -> str | None:
    path: Path | None = getattr(settings, f"{name}_file")
    if path is None:
        value: str | None = getattr(settings, name)
        return value
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{variable_of(name)}_FILE, {path}, cannot be read: {error}") from error


def _path_of(settings: Settings, name: str) -> Path:
    return settings.data_dir / _SECRETS_FOLDER / name.replace("_", "-")


def _refuse_to_replace_key(settings: Settings) -> None:
    path = _path_of(settings, "key_encryption_key")
    if settings.embedded and (settings.data_dir / _DATABASE_FOLDER).exists() and not path.exists():
        raise SettingsError(
            f"{path} is missing, but its database exists. Put the file back from the backup, "
            f"or set {variable_of('key_encryption_key')}"
        )


def _kept(settings: Settings, name: str, make: Callable[[], str]) -> str:
    """Return the secret kept in the data folder, made now when there is none."""
    if not settings.embedded:
        raise SettingsError(
            f"set {variable_of(name)} or {variable_of(name)}_FILE: a separate database needs it"
        )
    path = _path_of(settings, name)
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_once(path, make())
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"the secret {path} cannot be kept: {error.strerror}") from error


def _write_once(path: Path, text: str) -> None:
    """Write a whole file of mode 0600, unless another process was first."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".", encoding="ascii") as draft:
        draft.write(text + "\n")
        draft.flush()
        os.fsync(draft.fileno())
        try:
            path.hardlink_to(draft.name)
        except FileExistsError:
            return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _key_bytes(text: str) -> bytes:
    wrong = SettingsError(
        f"{variable_of('key_encryption_key')} must be {KEY_BYTES} bytes in hex or base64, "
        "as »openssl rand -hex 32« writes them"
    )
    try:
        if len(text) == 2 * KEY_BYTES and _HEX.fullmatch(text):
            return bytes.fromhex(text)
        standard = text.rstrip("=").replace("-", "+").replace("_", "/")
        key = base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise wrong from None
    if len(key) != KEY_BYTES:
        raise wrong
    return key
