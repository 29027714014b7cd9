"""A citizen withdraws: two steps and a receipt, and what follows at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

from api_fixtures import fresh_id
from buying_stage import Shop, open_shop
from filled_forms import forms_of
from sqlalchemy import text
from withdrawing import checked, confirm, form_id, kept, paid, receipts, said, states, withdrawn

from gutschein.kernel.ids import VoucherId
from gutschein.vouchers.life import replace_voucher

SCRIPT = "<script>alert(1)</script>"


async def test_from_every_page_and_from_the_order_a_link_leads_to_the_form(shop: Shop) -> None:
    path = await shop.ordered(amount="25")
    number = await shop.reference(path)
    for page in (f"/{shop.slug}", f"/{shop.slug}/akzeptanzstellen", f"/{shop.slug}/kaufen", path):
        assert f'href="/{shop.slug}/widerruf">Vertrag widerrufen</a>' in await shop.get(page)
    link = f"/{shop.slug}/widerruf?nummer="
    compact = number.replace(" ", "")
    assert f"{link}{compact}" in await shop.get(path)
    form = forms_of(await shop.get(f"{link}{compact}"))["widerruf"]
    assert form.fields["number"] == number
    form = forms_of(await shop.get(f"{link}RF00-irgendwas"))["widerruf"]
    assert form.fields["number"] == ""


async def test_two_steps_with_the_words_of_the_law_and_a_receipt(shop: Shop) -> None:
    path = await shop.ordered(amount="25")
    number = await shop.reference(path)
    first = await shop.citizen.get(f"/{shop.slug}/widerruf")
    assert "Vertrag widerrufen" in said(first)
    second = await checked(shop, number=number, remarks="Alle beide,\nbitte.")
    for told in ("Hiermit widerrufe ich", "Erika Beispiel", number, shop.email, "Alle beide,"):
        assert told in said(second)
    assert ">Widerruf bestätigen</span>" in second.text
    assert await kept(shop) == []  # nothing is declared before it is confirmed
    answer = await confirm(shop, second)
    assert answer.status_code == 303
    third = await shop.citizen.get(answer.headers["location"])
    assert "no-store" in third.headers["cache-control"]
    [mail] = await receipts(shop)
    assert mail.html is not None
    for received in (said(third), mail.text, mail.html):
        for told in ("05.12.2026, 10:", number, "Erika Beispiel", shop.email, "Alle beide,"):
            assert told in received


async def test_an_order_that_is_not_paid_is_closed(shop: Shop) -> None:
    path = await shop.ordered(amount="25")
    number = await shop.reference(path)
    await withdrawn(shop, number=number)
    assert (await shop.order(path)).stage == "closed"
    assert await kept(shop) == [("closed", True)]
    await shop.pay(number, 25_00)  # it was on its way: now it is a task of the town
    assert (await shop.order(path)).stage == "closed"


async def test_of_a_paid_order_every_voucher_is_blocked(shop: Shop) -> None:
    for typed in ("{}", "bestellung {} vom Montag", "{}."):
        path, number = await paid(shop, amount="25", count="2")
        await withdrawn(shop, number=typed.format(number), email=f" {shop.email.upper()} ")
        assert await states(shop, path) == ["blocked", "blocked"]
        assert "gutschein/1/pdf" not in await shop.get(path)
    assert await kept(shop) == [("frozen", True)] * 3
    query = "SELECT DISTINCT reason FROM voucher_event WHERE town_id = :id AND state = 'blocked'"
    async with shop.database.reading() as work:
        rows = await work.execute(text(query), {"id": shop.town_id})
        assert [row.reason for row in rows] == ["Widerruf"]


async def test_a_voucher_that_took_the_place_of_a_lost_one_is_blocked(shop: Shop) -> None:
    path, number = await paid(shop, amount="25")
    [item] = (await shop.order(path)).items
    assert item.voucher_id is not None
    async with shop.database.unit_of_work() as work:
        await replace_voucher(
            work,
            shop.town_id,
            item.voucher_id,
            VoucherId(UUID(fresh_id())),
            "Verloren",
            kek=shop.stage.kek,
            now=shop.clock.now,
        )
    await withdrawn(shop, number=number)
    assert await states(shop, path) == ["replaced", "blocked"]


async def test_the_last_day_counts_and_after_it_the_town_decides(shop: Shop) -> None:
    orders = [await paid(shop, amount="25") for _ in range(2)]
    placed_at = shop.clock.now  # on a Saturday: the last day is a Monday
    for days, (_, number) in zip((16, 17), orders, strict=True):
        shop.clock.now = placed_at + timedelta(days=days)
        await withdrawn(shop, number=number)
    assert await kept(shop) == [("frozen", True), ("too_late", True)]
    assert [await states(shop, path) for path, _ in orders] == [["blocked"], ["active"]]


async def test_whoever_clicks_twice_or_goes_back_has_withdrawn_once(shop: Shop) -> None:
    path, number = await paid(shop, amount="25")
    second = await checked(shop, number=number)
    receipt = {(await confirm(shop, second)).headers["location"] for _ in range(3)}
    assert len(receipt) == 1
    shop.clock.now += timedelta(hours=2)
    again = await confirm(shop, second)
    assert {again.headers["location"]} == receipt
    assert "10:" in said(await shop.citizen.get(receipt.pop()))
    assert await kept(shop) == [("frozen", True)]
    assert len(await receipts(shop)) == 1
    assert (await shop.order(path)).stage == "issued"


async def test_two_confirmations_at_once_are_one(shop: Shop) -> None:
    _, number = await paid(shop, amount="25")
    second = await checked(shop, number=number)
    answers = await asyncio.gather(*(confirm(shop, second) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await kept(shop) == [("frozen", True)]
    assert len(await receipts(shop)) == 1


async def test_two_declarations_at_once_close_one_order(shop: Shop) -> None:
    path = await shop.ordered(amount="25")
    number = await shop.reference(path)
    pages = [await checked(shop, number=number, name=name) for name in ("Erika", "Erich")]
    answers = await asyncio.gather(*(confirm(shop, page) for page in pages))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert await kept(shop) == [("closed", True), ("closed", True)]


async def test_the_money_and_the_withdrawal_at_once_end_in_one_of_two_ways(shop: Shop) -> None:
    path = await shop.ordered(amount="25")
    number = await shop.reference(path)
    second = await checked(shop, number=number)
    answer, _ = await asyncio.gather(confirm(shop, second), shop.pay(number, 25_00))
    assert answer.status_code == 303
    stage = (await shop.order(path)).stage
    [(outcome, _)] = await kept(shop)
    assert (outcome, stage) in {("closed", "closed"), ("frozen", "issued")}
    assert await states(shop, path) == ([] if outcome == "closed" else ["blocked"])


async def test_a_number_that_was_mistyped_is_corrected_with_the_same_form(shop: Shop) -> None:
    path, number = await paid(shop, amount="25")
    second = await checked(shop, number="RF00 0000 0000", remarks="Danke")
    first = await shop.send(second.text, "widerruf", step="change")
    assert forms_of(first.text)["widerruf"].fields["remarks"] == "Danke"
    assert form_id(first.text) == form_id(second.text)
    wrong = await confirm(shop, second)
    right = await confirm(
        shop, await shop.send(first.text, "widerruf", step="check", number=number)
    )
    assert wrong.headers["location"] != right.headers["location"]
    assert await kept(shop) == [("frozen", True), ("unmatched", False)]
    assert await states(shop, path) == ["blocked"]


async def shown(shop: Shop, number: str, email: str) -> list[str]:
    """Everything somebody sees who withdraws, but for what they have typed and its address."""
    page = await checked(shop, number=number, email=email)
    answer = await confirm(shop, page)
    location = str(answer.headers["location"])
    receipt = await shop.citizen.get(location)
    [mail] = await receipts(shop, email)
    seen = [page.text, receipt.text, mail.subject, mail.text, mail.html or ""]
    own = (number, email, form_id(page.text), location, location.rpartition("/")[2])
    for typed in own:
        seen = [each.replace(typed, "…") for each in seen]
    return [*seen, str(answer.status_code), str(receipt.status_code)]


async def test_nothing_tells_whether_there_is_such_an_order(shop: Shop) -> None:
    _, number = await paid(shop, amount="25")
    others = [f"{name}@{shop.slug}.example" for name in ("a", "b", "c")]
    seen = [
        await shown(shop, "RF18 5390 0754 7034", others[0]),  # no order
        await shown(shop, number, others[1]),  # somebody else's
        await shown(shop, "Das weiß ich nicht mehr", others[2]),
        await shown(shop, number, shop.email),
    ]
    assert await kept(shop) == [("frozen", True)] + [("unmatched", False)] * 3
    assert all(each == seen[0] for each in seen)


async def test_an_order_of_another_town_is_none_here(shop: Shop) -> None:
    path, number = await paid(shop, amount="25")
    slug = await open_shop(shop.stage.api, shop.stage.schneeberg)
    page = await shop.get(f"/{slug}/widerruf")
    entered = {"name": "Erika", "number": number, "email": shop.email, "step": "confirm"}
    answer = await shop.send(page, "widerruf", **entered)
    receipt = answer.headers["location"]
    assert (await shop.citizen.get(receipt)).status_code == 200
    assert (await shop.citizen.get(receipt.replace(slug, shop.slug))).status_code == 404
    assert await states(shop, path) == ["active"]
    assert await kept(shop) == []


async def test_a_guessed_receipt_shows_nothing(shop: Shop) -> None:
    path = await shop.ordered()
    for link in ("a" * 42, "irgendwas", path.rpartition("/")[2]):
        answer = await shop.citizen.get(f"/{shop.slug}/widerruf/{link}")
        assert answer.status_code == 404
        assert "Diesen Widerruf gibt es nicht" in answer.text


async def test_what_does_not_fit_is_said_in_both_steps(shop: Shop) -> None:
    page = await shop.get(f"/{shop.slug}/widerruf")
    entered = {"name": "Erika", "number": "RF1", "email": shop.email, "remarks": "Bleibt"}
    for field, value, told in (
        ("name", "", "Bitte ausfüllen"),
        ("number", "", "Bitte ausfüllen"),
        ("number", "x" * 61, "höchstens 60 Zeichen"),
        ("email", "erika", "Bitte eine E-Mail-Adresse eingeben"),
        ("remarks", "x" * 501, "höchstens 500 Zeichen"),
        ("step", "sofort", "Diese Angabe passt nicht"),
    ):
        for step in ("check", "confirm"):
            sent = entered | {"step": step} | {field: value}
            answer = await shop.send(page, "widerruf", **sent)
            assert answer.status_code == 422
            assert told in answer.text
            fields = forms_of(answer.text)["widerruf"].fields
            assert fields["id"] == form_id(page)
            assert fields["remarks"] == sent["remarks"]
    assert await kept(shop) == []


async def test_script_is_only_ever_text(shop: Shop) -> None:
    second = await checked(shop, name=SCRIPT, number=SCRIPT, remarks=SCRIPT)
    answer = await confirm(shop, second)
    third = await shop.citizen.get(answer.headers["location"])
    [mail] = await receipts(shop)
    for page in (second.text, third.text, mail.html or ""):
        assert SCRIPT not in page
        assert "&lt;script&gt;" in page


async def test_many_receipts_to_one_mailbox_are_slowed_down_and_none_is_lost(shop: Shop) -> None:
    for number in range(10):
        await withdrawn(shop, number=f"RF{number}")
    second = await checked(shop, number="RF10")
    late = await confirm(shop, second)
    assert late.status_code == 429
    assert forms_of(late.text)["widerruf"].fields["number"] == "RF10"
    assert len(await kept(shop)) == 10
    somebody = f"{uuid4().hex}@example.org"
    assert (await confirm(shop, await checked(shop, number="RF11", email=somebody))).is_redirect


async def test_a_closed_shop_takes_withdrawals(shop: Shop) -> None:
    path, number = await paid(shop, amount="25")
    front = f"/api/v1/towns/{shop.town_id}/storefront"
    body = {"slug": shop.slug, "intro": "Bald wieder.", "intro_en": None, "is_open": False}
    assert (await shop.stage.api.client.put(front, json=body)).is_success
    await withdrawn(shop, number=number)
    assert await states(shop, path) == ["blocked"]
