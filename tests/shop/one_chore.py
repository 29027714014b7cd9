"""One chore of the service in a process of its own, to be killed: ``one_chore.py NAME ARGUMENTS``.

import DATABASE_URL INSTANT TOWN_ID FILE
deliver DATABASE_URL INSTANT TOWN_ID
mail DATABASE_URL INSTANT PORT
"""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from pathlib import Path
from uuid import UUID

from gutschein.bank.statement_file import read_statements
from gutschein.db.access import JOBS, Access
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database
from gutschein.deposits.importing import import_statements
from gutschein.kernel.author import Author
from gutschein.kernel.ids import TownId
from gutschein.mail.jobs import deliver as send_mails
from gutschein.mail.smtp import SmtpSender
from gutschein.shop.delivery_jobs import Delivery
from gutschein.shop.fulfilment import Fulfilment
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.signing.service_keys import load_service_keys
from gutschein.vouchers.printing import Press

KEK = KeyEncryptionKey(bytes(32))
SENDER = "Stadtgutschein <gutschein@region.example>"


async def main(chore: str, url: str, instant: str, *rest: str) -> None:
    """Do it once, as the service does."""
    now = datetime.fromisoformat(instant)
    database = Database(create_engine(url))
    async with database.acting(JOBS).reading() as work:
        keys = await load_service_keys(work, KEK)
    if chore == "mail":
        sender = SmtpSender("127.0.0.1", int(rest[0]), SENDER, "none")
        await send_mails(database, keys, sender, now)
        return
    town_id = TownId(UUID(rest[0]))
    if chore == "deliver":
        press = Press("HTTPS://GUTSCHEIN.EXAMPLE/V/", KEK, now)
        await Delivery(KEK, keys, "https://gutschein.example", press).town(database, town_id)
        return
    statements = read_statements(await asyncio.to_thread(Path(rest[1]).read_bytes))
    async with database.acting(Access.town(town_id)).unit_of_work() as work:
        await import_statements(
            work,
            town_id,
            statements,
            by=Author(UUID(int=7), "Anna Amt"),
            kek=KEK,
            paid=Fulfilment(KEK),
            now=now,
        )


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
