"""Does the key-encryption key fit the database? Asked before anything else is done."""

from __future__ import annotations

from datetime import datetime

from gutschein.db.unit_of_work import Work
from gutschein.signing import repository
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.signing.service_keys import ServiceKeys, load_service_keys, make_service_keys


class KekMismatch(Exception):
    """The database needs a key-encryption key that is not configured. Nothing may start."""


async def require_keys(work: Work, kek: KeyEncryptionKey) -> None:
    """Check that every sealed key can be opened.

    :param work: of an access that sees the keys of all towns.
    :raises KekMismatch: with the ids of the keys that are needed.
    """
    missing = sorted((await repository.kek_ids(work)).keys() - kek.ids)
    if missing:
        raise KekMismatch(
            f"the secrets in the database are sealed under the key-encryption key"
            f" {', '.join(missing)}, but configured is {', '.join(sorted(kek.ids))}."
            " Set GUTSCHEIN_KEY_ENCRYPTION_KEY, or GUTSCHEIN_KEY_ENCRYPTION_KEY_PREVIOUS where"
            " it is being changed, to the key with that id"
        )


async def open_keys(work: Work, kek: KeyEncryptionKey, now: datetime) -> ServiceKeys:
    """Check the key-encryption key and open the keys of the service: what a start begins with.

    The keys made at the very first start are the check for every later one, before any
    town has keys.

    :param work: as :data:`gutschein.db.access.JOBS`.
    :raises KekMismatch: see :func:`require_keys`.
    :raises Refusal: ``key.sealed`` when a key of the installation was altered.
    """
    await require_keys(work, kek)
    await make_service_keys(work, kek, now)
    await require_keys(work, kek)  # another process may have been first, with another key
    return await load_service_keys(work, kek)
