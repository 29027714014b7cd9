"""The secret of the service: the key that opens the keys in the database.

It never enters the database. Beside the embedded one it is made once and kept in
``secrets/`` under the data folder; a separate database wants it from its operator, as a
value, from a file, or from a command that asks a key store or a hardware token.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
import shlex
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from gutschein.settings import PREFIX, Settings, SettingsError, variable_of

KEY_BYTES = 32
COMMAND_SECONDS = 30
"""How long a command that gives a key may take, with somebody touching a token."""

_HEX = re.compile(r"[0-9a-fA-F]+")
_SECRETS_FOLDER = "secrets"
_DATABASE_FOLDER = "postgres"  # as in gutschein.db.embedded, which a test holds to it


class Secrets(msgspec.Struct, frozen=True, kw_only=True):
    """The secrets in use. Its repr shows none of them."""

    key_encryption_key: bytes
    """32 bytes."""
    previous_keys: tuple[bytes, ...] = ()
    """What the key-encryption key was before; each 32 bytes."""
    smtp_password: str | None = None

    def __repr__(self) -> str:
        return "Secrets(***)"


def resolve_secrets(settings: Settings) -> Secrets:
    """Find the secrets, or make them on the first start of the embedded database.

    Call it before the embedded database is first started: where a database is, but the
    file of its key is gone, no new key is made, since it could open nothing.

    :raises SettingsError: naming the setting that is missing or wrong.
    """
    key = _given(settings, "key_encryption_key")
    if key is None:
        _refuse_to_replace_key(settings)
        key = _kept(settings, "key_encryption_key", lambda: secrets.token_hex(KEY_BYTES))
    previous = _given(settings, "key_encryption_key_previous")
    return Secrets(
        key_encryption_key=_key_bytes(key, "key_encryption_key"),
        previous_keys=() if previous is None else _previous_keys(previous),
        smtp_password=_given(settings, "smtp_password"),
    )


def _given(settings: Settings, name: str) -> str | None:
    command: str | None = getattr(settings, f"{name}_command", None)
    if command is not None:
        return _said_by(command, variable_of(f"{name}_command"))
    path: Path | None = getattr(settings, f"{name}_file")
    if path is None:
        value: str | None = getattr(settings, name)
        return value
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{variable_of(name)}_FILE, {path}, cannot be read: {error}") from error


def _said_by(command: str, variable: str) -> str:
    """Run a command without a shell and return what it writes, which nobody else gets to see.

    It inherits no setting of ours, so it cannot pass on a secret it was not meant to have.
    """
    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    if not words:
        raise SettingsError(f"{variable} is no command: is a quotation mark missing?")
    ours = (PREFIX, "DATABASE_URL", "PG")
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own command, by their own setting
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: value for name, value in os.environ.items() if not name.startswith(ours)},
            timeout=COMMAND_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        problem = f"did not end within {COMMAND_SECONDS} seconds"
    except OSError as error:
        problem = f"cannot be run: {error.strerror}"
    else:
        if done.returncode == 0:
            return done.stdout.decode("ascii", "replace").strip()
        problem = f"ended with exit code {done.returncode}; run it by hand to see why"
    raise SettingsError(f"{variable}: the program {words[0]} {problem}")


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
            f"set {variable_of(name)}, {variable_of(name)}_FILE or {variable_of(name)}_COMMAND:"
            " a separate database needs it"
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


def _previous_keys(text: str) -> tuple[bytes, ...]:
    name = "key_encryption_key_previous"
    return tuple(_key_bytes(each, name) for each in re.split(r"[\s,]+", text))


def _key_bytes(text: str, name: str) -> bytes:
    wrong = SettingsError(
        f"{variable_of(name)} must be {KEY_BYTES} bytes in hex or base64, "
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
