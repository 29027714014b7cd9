"""Paid vouchers reach their mailboxes, once, whatever happens in between."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from buying_stage import Shop
from waiting_mails import mails_to

from gutschein.db.access import JOBS
from gutschein.mail.message import Mail


async def mails(shop: Shop, to: str) -> list[Mail]:
    """What waits in the outbox for somebody, the oldest first."""
    return await mails_to(shop.stage.app.state.database.acting(JOBS), shop.keys, to)


async def test_the_order_is_confirmed_with_how_to_pay(shop: Shop) -> None:
    path = await shop.ordered(amount="25")
    reference = await shop.reference(path)
    [mail] = await mails(shop, shop.email)
    assert reference in mail.subject
    for told in ("25,00 €", "DE89 3704 0044 0532 0130 00", reference, path):
        assert told in mail.text
        assert mail.html is not None
        assert told in mail.html


async def test_the_buyer_gets_the_vouchers_as_files(shop: Shop) -> None:
    path = await shop.ordered(amount="25", count="2", delivery="buyer")
    await shop.pay(await shop.reference(path), 50_00)
    assert await shop.deliver() == 1
    assert await shop.deliver() == 0
    [mail] = [each for each in await mails(shop, shop.email) if each.attachments]
    assert len(mail.attachments) == 2
    assert all(each.content.startswith(b"%PDF") for each in mail.attachments)


async def test_whoever_it_is_for_gets_it_on_the_chosen_day(shop: Shop) -> None:
    day = (shop.clock.now + timedelta(days=10)).date().isoformat()
    friend = "oma@example.org"
    path = await shop.ordered(
        delivery="recipient", recipient=friend, deliver_on=day, message="Für dich!"
    )
    await shop.pay(await shop.reference(path), 50_00)
    await shop.deliver()
    assert await mails(shop, friend) == []
    shop.clock.now += timedelta(days=10)
    assert await shop.deliver() == 1
    assert await shop.deliver() == 0
    [mail] = await mails(shop, friend)
    assert "Für dich!" in mail.text
    assert path not in mail.text  # the order is the buyer's
    assert [each.name[:10] for each in mail.attachments] == ["gutschein-"]


async def test_two_deliveries_at_once_write_one_mail(shop: Shop) -> None:
    path = await shop.ordered(amount="25", delivery="buyer")
    await shop.pay(await shop.reference(path), 25_00)
    order = await shop.order(path)
    done = await asyncio.gather(
        *(shop.delivery.tell_buyer(shop.database, shop.town_id, order.id) for _ in range(3))
    )
    assert sum(done) == 1
    assert len(await mails(shop, shop.email)) == 2  # the confirmation and the vouchers


async def test_a_blocked_voucher_is_not_mailed_and_keeps_nobody_waiting(shop: Shop) -> None:
    blocked = await shop.ordered(amount="25", delivery="buyer")
    await shop.pay(await shop.reference(blocked), 25_00)
    [item] = (await shop.order(blocked)).items
    answer = await shop.stage.api.post(
        f"/api/v1/towns/{shop.town_id}/vouchers/{item.voucher_id}/block", {"reason": "Verloren"}
    )
    assert answer.is_success, answer.text
    other = await shop.ordered(amount="30", delivery="buyer")
    await shop.pay(await shop.reference(other), 30_00)
    assert await shop.deliver() == 1
    page = await shop.get(blocked)
    assert "Gesperrt" in page
    assert "gutschein/1/pdf" not in page
