"""Give vouchers whose signing key was revoked the town's present one, to be printed again.

The code stays, and with it the balance, the history, and what is typed by hand: only the
signature in the QR code is another one.
"""

from __future__ import annotations

from datetime import datetime

from gutschein.db.unit_of_work import Work
from gutschein.kernel.clock import end_of_day
from gutschein.kernel.ids import TownId
from gutschein.signing.keyring import signing_key_for
from gutschein.signing.revocation import require_revoked
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.vouchers import repository

#: Vouchers of one unit of work: tills wait for those that are locked, for some milliseconds.
UNIT = 500


async def reissue_some(
    work: Work, town_id: TownId, kid: bytes, kek: KeyEncryptionKey, now: datetime
) -> tuple[int, bytes]:
    """Move some vouchers that are alive from a revoked key to the one that signs now.

    To be called in a unit of work of its own, again and again, until none is left. It may be
    stopped at any time and run twice at once.

    :returns: how many, 0 when none is left, and the ``kid`` that they have now.
    :raises Refusal: ``key.unknown``, ``key.not_revoked``, ``key.none``,
        ``key.not_endorsed``, ``key.sealed``.
    """
    await require_revoked(work, town_id, kid)
    last_day = await repository.last_day_of_key(work, town_id, kid)
    needed_until = now if last_day is None else end_of_day(last_day)
    key = await signing_key_for(work, town_id, kek, now=now, needed_until=needed_until)
    return await repository.move_to_key(work, town_id, kid, key.kid, UNIT), key.kid
