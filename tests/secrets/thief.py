"""A thief who has the whole database, dump and files, and tries what can be tried with it.

They know this code, every table and every place. What they do not have is the
key-encryption key. ``python tests/secrets/thief.py --database URL --files FOLDER`` says what
opened, and ends with 0 when nothing did. With ``--key`` they have that too, and it shows what
they would get.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import asyncpg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gutschein.signing.code import CODE_BYTES, format_code
from gutschein.signing.models import SEALED_KEYS
from gutschein.signing.sealing import place
from gutschein.tables import metadata

SECRETS_FOLDER = "secrets"
KEY_BYTES = 32
NONCE_BYTES = 12
SENDABLE = re.compile(rb"[\w+/=-]+")
SHORTEST = NONCE_BYTES + 16  # of a sealed text: nonce and tag

Row = dict[str, Any]


@dataclass(frozen=True)
class Loot:
    """Every row of every table, and every file beside them but the secrets."""

    tables: dict[str, list[Row]]
    files: dict[str, bytes]

    def values(self) -> Iterator[bytes]:
        """All that stands in the rows, as bytes."""
        for rows in self.tables.values():
            for row in rows:
                yield from (as_bytes(value) for value in row.values() if value is not None)

    def places_of(self, secret: bytes) -> list[str]:
        """Where a secret stands, in one of the ways that it could be written."""
        written = ways_to_write(secret)
        in_rows = {
            table: b"\n".join(as_bytes(value) for row in rows for value in row.values())
            for table, rows in self.tables.items()
        }
        return [
            name
            for name, content in {**in_rows, **self.files}.items()
            if any(each in content for each in written)
        ]


@dataclass(frozen=True)
class Sealed:
    """A sealed text, and what its seal may be bound to."""

    name: str
    value: bytes
    contexts: tuple[bytes, ...]


def as_bytes(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    return value.bytes if isinstance(value, UUID) else str(value).encode()


def ways_to_write(secret: bytes) -> set[bytes]:
    """Raw, in hexadecimal, in base64 and in base32, as far as it does not depend on its place."""
    plain = {secret.hex(), base64.b32encode(secret).decode().rstrip("=")}
    plain |= {
        write(secret).decode().rstrip("=") for write in (base64.b64encode, base64.urlsafe_b64encode)
    }
    return {secret} | {text.encode() for word in plain for text in (word, word.upper())}


async def steal(superuser_url: str, folder: Path) -> Loot:
    """Take everything that is in the database and in the folder of its server."""
    connection = await asyncpg.connect(superuser_url)
    try:
        names = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p') ORDER BY relname"
        )
        tables = {
            name: [dict(row) for row in await connection.fetch(f'SELECT * FROM "{name}"')]
            for (name,) in names
        }
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()
    return Loot(tables, await asyncio.to_thread(_files, folder))


def _files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in found
        if SECRETS_FOLDER not in path.relative_to(folder).parts
    }


class Thief:
    """Tries every key that can be made of the loot on everything that is sealed.

    :param key: the key-encryption key, where they have that too.
    """

    def __init__(self, loot: Loot, key: bytes | None = None) -> None:
        self.loot = loot
        self.opened: dict[str, bytes] = {}
        self.tried = 0
        self.signing_keys: dict[bytes, Ed25519PrivateKey] = {}
        self._public = {row["public_key"]: row["kid"] for row in loot.tables["signing_key"]}
        self._try_all([key] if key else [])

    def codes(self) -> list[str]:
        """The codes of vouchers, as somebody would type them."""
        return [
            format_code(opened)
            for name, opened in self.opened.items()
            if name.startswith("voucher.sealed_code")
        ]

    def guessed_codes(self) -> list[str]:
        """What could be mistaken for codes: pieces of what stands where codes belong."""
        pieces: list[str] = []
        for row in self.loot.tables["voucher"]:
            for value in (row["code_hash"], row["sealed_code"], row["id"].bytes):
                for start in range(0, len(value) - CODE_BYTES + 1, CODE_BYTES):
                    try:
                        pieces.append(format_code(value[start : start + CODE_BYTES]))
                    except ValueError:  # its check would be none of our characters
                        continue
        return pieces

    def tokens(self, table: str, column: str) -> list[str]:
        """A stored value, in each way in which it could be sent as what it was made from."""
        return [
            text.decode()
            for row in self.loot.tables[table]
            for text in ways_to_write(as_bytes(row[column]))
            if SENDABLE.fullmatch(text)
        ]

    def _try_all(self, keys: list[bytes]) -> None:
        sealed = list(self._sealed())
        todo = [*keys, *self._guesses()]
        seen: set[bytes] = set()
        while todo:
            key = todo.pop(0)
            if key in seen:
                continue
            seen.add(key)
            self._try_as_signing_key(key)
            opener = AESGCM(key)
            for each in list(sealed):
                text = self._try_to_open(opener, each)
                if text is not None:
                    self.opened[each.name] = text
                    sealed.remove(each)
                    if len(text) == KEY_BYTES:  # a key again
                        todo.insert(0, text)

    def _try_to_open(self, opener: AESGCM, sealed: Sealed) -> bytes | None:
        nonce, content = sealed.value[:NONCE_BYTES], sealed.value[NONCE_BYTES:]
        for context in sealed.contexts:
            self.tried += 1
            try:
                return opener.decrypt(nonce, content, context)
            except (InvalidTag, ValueError):
                continue
        return None

    def _try_as_signing_key(self, key: bytes) -> None:
        private = Ed25519PrivateKey.from_private_bytes(key)
        kid = self._public.get(private.public_key().public_bytes_raw())
        if kid is not None:
            self.signing_keys[kid] = private

    def _guesses(self) -> Iterator[bytes]:
        """Whatever has the length of a key, stands in a longer value, or follows from one."""
        for value in sorted(set(self.loot.values())):
            yield hashlib.sha256(value).digest()
            for start in range(max(1, min(len(value), 128) - KEY_BYTES + 1)):
                yield value[start : start + KEY_BYTES].ljust(KEY_BYTES, b"\0")

    def _sealed(self) -> Iterator[Sealed]:
        keys = {each.table.name: each for each in SEALED_KEYS}
        for table in self.loot.tables.keys() & metadata.tables.keys():
            own = [column.name for column in metadata.tables[table].primary_key.columns]
            for row in self.loot.tables[table]:
                town_id = row["id"] if table == "town" else row.get("town_id")
                part = [row[name] for name in own if row[name] != town_id]
                named = " ".join(str(row[name]) for name in own)
                for column, value in row.items():
                    if not column.startswith("sealed_") or len(value or b"") < SHORTEST:
                        continue
                    contexts = [place(table, column, *part)]
                    if table in keys:
                        contexts = [keys[table].context(SimpleNamespace(**row))]  # type: ignore[arg-type]
                    elif table == "activation_code":
                        contexts = [b"activation" + town_id.bytes + row["voucher_id"].bytes]
                    elif column == "sealed_pin":
                        contexts = [b"pin" + town_id.bytes + row["id"].bytes]
                    elif column == "sealed_code":
                        contexts = [b"code" + town_id.bytes + row["id"].bytes]
                    elif town_id is not None:
                        contexts.append(b"data" + town_id.bytes + contexts[0])
                    yield Sealed(f"{table}.{column} {named}", value, tuple(contexts))


def main(arguments: Sequence[str] | None = None) -> int:
    """Steal, try, and say what opened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True, help="its URL, as a superuser")
    parser.add_argument("--files", required=True, type=Path, help="the data folder")
    parser.add_argument("--key", type=bytes.fromhex, help="the key-encryption key, in hex")
    given = parser.parse_args(arguments)
    thief = Thief(asyncio.run(steal(given.database, given.files)), given.key)
    print(f"{thief.tried} tries, {len(thief.opened)} opened")
    for name in sorted(thief.opened):
        print(f"  {name}")
    print(f"{len(thief.signing_keys)} signing keys, {len(thief.codes())} codes")
    return 1 if thief.opened or thief.signing_keys else 0


if __name__ == "__main__":
    sys.exit(main())
