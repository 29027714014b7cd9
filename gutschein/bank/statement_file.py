"""The file that a bank hands out: one camt.053 message, or a ZIP of several."""

from __future__ import annotations

import zipfile
import zlib
from io import BytesIO

from gutschein.bank.bank_statement import Statement
from gutschein.bank.camt053 import read_camt053
from gutschein.kernel.errors import Refusal

#: What a file may hold in all, unpacked. An entry takes some 2,000 bytes.
MOST_BYTES = 16 << 20

_ZIP = b"PK\x03\x04"

#: A locked member raises a RuntimeError, one packed in an unknown way a kind of it.
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError)


def read_statements(file: bytes) -> list[Statement]:
    """Read every statement of a file, in the order they stand there.

    :raises Refusal: ``request.too_large`` beyond :data:`MOST_BYTES` unpacked, and what
        :func:`gutschein.bank.camt053.read_camt053` refuses; ``bank_statement.format`` also for a
        ZIP that is damaged, locked, or empty.
    """
    messages = _unpacked(file) if file.startswith(_ZIP) else [file]
    if sum(map(len, messages)) > MOST_BYTES:
        raise Refusal("request.too_large", max_bytes=MOST_BYTES)
    statements = [statement for message in messages for statement in read_camt053(message)]
    if not statements:
        raise Refusal("bank_statement.format")
    return statements


def _unpacked(file: bytes) -> list[bytes]:
    """Unpack all, or so much that it is seen to be too much."""
    messages: list[bytes] = []
    left = MOST_BYTES + 1
    try:
        with zipfile.ZipFile(BytesIO(file)) as archive:
            members = [each for each in archive.infolist() if not each.is_dir()]
            for member in members:
                with archive.open(member) as unpacked:
                    messages.append(unpacked.read(left))
                left -= len(messages[-1])
    except _BROKEN as broken:
        raise Refusal("bank_statement.format") from broken
    return messages
