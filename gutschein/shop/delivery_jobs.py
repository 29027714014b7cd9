"""Issue what was paid and could not be issued then; bring vouchers to their mailboxes.

Files are made outside of any unit of work. Then one unit of work locks the order, looks once more
whether its mail is there, writes it into the outbox and notes it: whoever is killed in between has
done nothing, and two at once write one mail.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from gutschein.db.access import NOTHING, Access
from gutschein.db.unit_of_work import Database
from gutschein.deposits.requests import get_request
from gutschein.documents.typst_pdf import DocumentError
from gutschein.kernel.clock import berlin_day
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId, derived_id
from gutschein.kernel.money import format_euro
from gutschein.mail.outbox import enqueue
from gutschein.shop import drafts, letters, repository
from gutschein.shop.fulfilment import issue_order
from gutschein.shop.orders import Item, Position, ShopOrder
from gutschein.shop.paper import fitting, print_job, printed
from gutschein.shop.stationery import stationery_of
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.signing.service_keys import ServiceKeys
from gutschein.vouchers.printing import Press

#: Mails of a town that one run writes; the rest is the next run's.
MOST_AT_ONCE = 50

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is needed to deliver.

    :param url: where the service is reached, without a slash at its end.
    :param press: how vouchers are printed; its instant is set for each run.
    """

    kek: KeyEncryptionKey
    keys: ServiceKeys
    url: str
    press: Press

    async def __call__(self, database: Database, now: datetime) -> int:
        """Do what is due, and return how many mails were written. An order that cannot be delivered
        is logged, tried again with the next run, and keeps nobody else waiting.
        """
        run = replace(self, press=replace(self.press, now=now))
        async with database.acting(NOTHING).reading() as work:
            town_ids = await repository.all_towns(work)
        return sum([await run.town(database, town_id) for town_id in town_ids])

    async def town(self, database: Database, town_id: TownId) -> int:
        """Write the mails of one town that are due, and return how many."""
        acting = database.acting(Access.town(town_id))
        today = berlin_day(self.press.now)
        async with acting.reading() as work:
            left = await repository.to_issue(work, town_id, MOST_AT_ONCE)
        for order_id in left:
            with _trouble_of(order_id):
                async with acting.unit_of_work() as work:
                    await issue_order(work, town_id, order_id, self.kek, self.press.now)
        async with acting.reading() as work:
            paid = await repository.to_tell(work, town_id, MOST_AT_ONCE)
            gifts = await repository.to_deliver(work, town_id, today, MOST_AT_ONCE)
        done = 0
        for order_id in paid:
            with _trouble_of(order_id):
                done += await self.tell_buyer(acting, town_id, order_id)
        for order_id, position in gifts:
            with _trouble_of(order_id):
                done += await self.hand_over(acting, town_id, order_id, position)
        return done

    async def tell_buyer(self, database: Database, town_id: TownId, order_id: UUID) -> bool:
        """Write to the buyer, with the vouchers that were to come by mail; tell whether this
        call did.

        :raises Refusal: ``order.unknown``, ``service.busy``, ``key.sealed``.
        :raises DocumentError: when a voucher cannot be laid out.
        """
        async with database.reading() as work:
            order = await drafts.get_order(work, town_id, order_id, self.kek)
            wanted = [item for item in order.items if item.wish.delivery == "buyer"]
            jobs = [await print_job(work, order, item, self.press) for item in wanted]
        pdfs = fitting(await printed(jobs, self.press))
        async with database.unit_of_work() as work:
            order = await drafts.get_order(work, town_id, order_id, self.kek, lock=True)
            if order.mail_id is not None:
                return False
            request = await get_request(work, town_id, order_id)
            stationery = await stationery_of(
                work, town_id, kek=self.kek, keys=self.keys, url=self.url
            )
            mail_id = derived_id(order_id, "issued")
            mail = letters.issued(order, request, stationery, pdfs)
            await enqueue(work, self.keys, mail, self.press.now, mail_id=mail_id)
            await repository.set_mailed(work, town_id, order_id, mail_id)
        return True

    async def hand_over(
        self, database: Database, town_id: TownId, order_id: UUID, position: Position
    ) -> bool:
        """Write to whoever a voucher was bought for; tell whether this call did.

        :raises Refusal: ``order.unknown``, ``order.no_item``, ``service.busy``, ``key.sealed``.
        :raises DocumentError: when the voucher cannot be laid out.
        """
        async with database.reading() as work:
            order = await drafts.get_order(work, town_id, order_id, self.kek)
            job = await print_job(work, order, item_at(order, position), self.press)
        [pdf] = await printed([job], self.press)
        async with database.unit_of_work() as work:
            order = await drafts.get_order(work, town_id, order_id, self.kek, lock=True)
            item = item_at(order, position)
            if item.mail_id is not None:
                return False
            stationery = await stationery_of(
                work, town_id, kek=self.kek, keys=self.keys, url=self.url
            )
            value = format_euro(item.wish.value_cents, order.language)
            mail_id = derived_id(order_id, f"gift {position}")
            mail = letters.gift(order, item, value, stationery, pdf)
            await enqueue(work, self.keys, mail, self.press.now, mail_id=mail_id)
            await repository.set_item_mailed(work, town_id, order_id, position, mail_id)
        return True


def item_at(order: ShopOrder, position: Position) -> Item:
    """Return a voucher of an order.

    :raises Refusal: ``order.no_item``.
    """
    for item in order.items:
        if item.position == position:
            return item
    raise Refusal("order.no_item")


@contextmanager
def _trouble_of(order_id: UUID) -> Iterator[None]:
    """Log what keeps one order from being delivered. Whatever else goes wrong ends the run."""
    try:
        yield
    except (Refusal, DocumentError) as error:
        _log.error("Order %s is not delivered: %s", order_id, error)
