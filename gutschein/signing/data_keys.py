"""The key that seals a town's own data: account numbers, and whom to write to."""

from __future__ import annotations

from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.signing import repository
from gutschein.signing.key_contexts import code_key_context
from gutschein.signing.sealing import DataKey, KeyEncryptionKey

_PURPOSE = "data"


async def town_data_keys(work: Work, town_id: TownId, kek: KeyEncryptionKey) -> DataKey:
    """Open the data key of a town.

    :raises Refusal: ``key.missing``, ``key.sealed``.
    """
    row = await repository.code_key_of(work, town_id, _PURPOSE)
    if row is None:
        raise Refusal("key.missing")
    context = code_key_context(town_id, _PURPOSE)
    return DataKey(town_id, kek.unseal(row.sealed_key, context, row.kek_id))


async def all_data_keys(work: Work, kek: KeyEncryptionKey) -> dict[TownId, DataKey]:
    """Open the data keys of all towns that *work* can see. One that was altered is left out.

    :raises Refusal: ``key.sealed`` when all were sealed under another key than *kek*.
    """
    rows = await repository.code_keys_for(work, _PURPOSE)
    if rows and not kek.ids & {row.kek_id for row in rows}:
        raise Refusal("key.sealed", kek_id=rows[0].kek_id)
    keys: dict[TownId, DataKey] = {}
    for row in rows:
        try:
            key = kek.unseal(row.sealed_key, code_key_context(row.town_id, _PURPOSE), row.kek_id)
        except Refusal:
            continue
        keys[row.town_id] = DataKey(row.town_id, key)
    return keys
