"""A citizen buys: every step without script, and each of them as often as one clicks."""

from __future__ import annotations

from buying_stage import Shop


async def test_a_voucher_is_chosen_checked_and_ordered(shop: Shop) -> None:
    path = await shop.chosen(amount="25", message="Alles Gute!\nDeine Tante")
    page = await shop.get(path)
    assert "25,00 €" in page
    assert "Alles Gute!" in page
    assert "zahlungspflichtig bestellen" in page
    answer = await shop.place(path)
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    order = await shop.order(path)
    assert (order.stage, order.total_cents, order.email) == ("placed", 25_00, shop.email)
    assert "GiroCode" in await shop.get(path)


async def test_whoever_clicks_twice_has_ordered_once(shop: Shop) -> None:
    page = await shop.get(f"/{shop.slug}/kaufen")
    first, second = [await shop.send(page, "kaufen", amount="50") for _ in range(2)]
    assert first.headers["location"] == second.headers["location"]
    path = first.headers["location"]
    review = await shop.get(path)
    for _ in range(2):
        answer = await shop.send(review, path.rpartition("/")[2], email=shop.email)
        assert answer.status_code == 303
    assert len((await shop.order(path)).items) == 1


async def test_several_vouchers_in_one_order_are_changed_and_taken_out(shop: Shop) -> None:
    path = await shop.chosen(amount="10", count="3")
    form = await shop.get(f"{path}/weiterer")
    added = await shop.send(form, "weiterer", amount="40", delivery="download")
    assert added.headers["location"] == path
    order = await shop.order(path)
    assert [item.wish.value_cents for item in order.items] == [10_00, 10_00, 10_00, 40_00]
    changed = await shop.send(await shop.get(f"{path}/gutschein/4"), "4", amount="45,50")
    assert changed.status_code == 303
    removed = await shop.citizen.post(f"{path}/gutschein/1/entfernen")
    assert removed.status_code == 303
    assert (await shop.order(path)).total_cents == 65_50


async def test_paid_it_is_a_voucher_once(shop: Shop) -> None:
    path = await shop.ordered(amount="50")
    reference = await shop.reference(path)
    await shop.pay(f"Gutschein {reference} danke", 50_00, bank_reference="A1")
    await shop.pay(f"Gutschein {reference} danke", 50_00, bank_reference="A1")
    order = await shop.order(path)
    assert order.stage == "issued"
    assert len({item.voucher_id for item in order.items}) == 1
    page = await shop.get(path)
    assert "Bezahlt" in page
    answer = await shop.citizen.get(f"{path}/gutschein/1/pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


async def test_a_part_is_told_and_waits_for_the_rest(shop: Shop) -> None:
    path = await shop.ordered(amount="50")
    reference = await shop.reference(path)
    await shop.pay(reference, 20_00)
    page = await shop.get(path)
    assert "20,00 € sind angekommen, 30,00 € fehlen noch." in page
    await shop.pay(reference, 30_00)
    assert (await shop.order(path)).stage == "issued"
