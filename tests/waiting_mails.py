"""The mails that wait to be sent, opened, for tests that look at what people are told."""

from __future__ import annotations

from sqlalchemy import text

from gutschein.db.unit_of_work import Database
from gutschein.mail.message import Mail
from gutschein.mail.outbox import opened
from gutschein.signing.service_keys import ServiceKeys

_WAITING = """
    SELECT * FROM mail_outbox WHERE sent_at IS NULL AND given_up_at IS NULL ORDER BY queued_at, id
"""


async def mails_to(database: Database, keys: ServiceKeys, address: str) -> list[Mail]:
    """The mails to somebody that wait in the outbox, the oldest first.

    :param database: as a role that reads the outbox.
    """
    async with database.reading() as work:
        rows = (await work.execute(text(_WAITING))).all()
    return [mail for mail in (opened(keys, row) for row in rows) if mail.to == address]
