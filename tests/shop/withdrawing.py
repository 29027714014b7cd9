"""A citizen withdraws with a browser without script, and the town hall looks at it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape

import httpx
from buying_stage import Shop
from filled_forms import forms_of
from sqlalchemy import text
from waiting_mails import mails_to

from gutschein.db.access import JOBS
from gutschein.mail.message import Mail


def said(answer: httpx.Response) -> str:
    """What a page says, without its mark-up."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


async def checked(shop: Shop, **declaration: str) -> httpx.Response:
    """Fill in the form and go on to the second step."""
    page = await shop.get(f"/{shop.slug}/widerruf")
    entered = {"name": "Erika Beispiel", "email": shop.email} | declaration
    return await shop.send(page, "widerruf", step="check", **entered)


async def confirm(shop: Shop, page: httpx.Response, **changes: str) -> httpx.Response:
    """Press the button of the second step."""
    assert page.status_code == 200, page.text
    return await shop.send(page.text, "widerruf", step="confirm", **changes)


async def withdrawn(shop: Shop, **declaration: str) -> str:
    """Withdraw; return the address of the receipt."""
    answer = await confirm(shop, await checked(shop, **declaration))
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def paid(shop: Shop, **wish: str) -> tuple[str, str]:
    """Order vouchers and pay them; return the address of the order and its number."""
    path = await shop.ordered(**wish)
    number = await shop.reference(path)
    await shop.pay(number, (await shop.order(path)).total_cents)
    return path, number


async def receipts(shop: Shop, to: str = "") -> list[Mail]:
    """The receipts that wait in the outbox for somebody."""
    database = shop.stage.app.state.database.acting(JOBS)
    found = await mails_to(database, shop.keys, to or shop.email)
    return [mail for mail in found if "Widerruf" in mail.subject]


async def kept(shop: Shop) -> Sequence[tuple[str, bool]]:
    """What came of the declarations of the town, and whether an order was found."""
    query = text(
        "SELECT outcome, order_id IS NOT NULL FROM withdrawal WHERE town_id = :town_id"
        " ORDER BY outcome"
    )
    async with shop.database.reading() as work:
        rows = await work.execute(query, {"town_id": shop.town_id})
    return [(row[0], row[1]) for row in rows]


async def states(shop: Shop, path: str) -> list[str]:
    """Where the vouchers of an order are in their life, with those that took others' places."""
    order = await shop.order(path)
    query = text(
        "SELECT v.state FROM voucher v JOIN order_item i ON i.town_id = v.town_id"
        " AND (i.batch_id = v.batch_id OR v.replaces_id IN (SELECT w.id FROM voucher w"
        " WHERE w.town_id = i.town_id AND w.batch_id = i.batch_id))"
        " WHERE i.town_id = :town_id AND i.order_id = :order_id ORDER BY v.serial"
    )
    async with shop.database.reading() as work:
        rows = await work.execute(query, {"town_id": shop.town_id, "order_id": order.id})
    return [row.state for row in rows]


def form_id(page: str) -> str:
    return forms_of(page)["widerruf"].fields["id"]
