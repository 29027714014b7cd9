"""What the shop does not take: said clearly, and nothing of what was typed is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from api_fixtures import fresh_id
from buying_stage import Shop, open_shop
from filled_forms import forms_of

from gutschein.shop.closing_jobs import close_unpaid

SCRIPT = "<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"amount": "0"}, "Bitte einen Betrag eingeben"),
        ({"amount": "viel"}, "Bitte einen Betrag eingeben"),
        ({"amount": "0,50"}, "Diesen Wert gibt es hier nicht"),
        ({"amount": "1.000,01"}, "Diesen Wert gibt es hier nicht"),
        ({"motif": "osterhase"}, "Motiv"),
        ({"message": "x" * 301}, "höchstens 300 Zeichen"),
        ({"message": "\n".join("abcdefg")}, "höchstens 6 Zeilen"),
        ({"delivery": "recipient", "recipient": ""}, "Bitte eine E-Mail-Adresse eingeben"),
        ({"delivery": "recipient", "recipient": "oma"}, "Bitte eine E-Mail-Adresse eingeben"),
        ({"count": "21"}, "Anzahl"),
        ({"delivery": "brieftaube"}, "Diese Angabe passt nicht"),
    ],
)
async def test_what_does_not_fit_is_said_and_what_was_typed_stays(
    shop: Shop, wish: dict[str, str], told: str
) -> None:
    page = await shop.get(f"/{shop.slug}/kaufen")
    answer = await shop.send(page, "kaufen", **{"amount": "50", "message": "Bleibt"} | wish)
    assert answer.status_code in {404, 422}
    assert told in answer.text
    assert "Das hat noch nicht geklappt" in answer.text
    again = forms_of(answer.text)["kaufen"].fields
    assert again["id"] == forms_of(page)["kaufen"].fields["id"]
    assert again["message"] == wish.get("message", "Bleibt")


async def test_a_day_that_is_over_is_refused(shop: Shop) -> None:
    page = await shop.get(f"/{shop.slug}/kaufen")
    day = (shop.clock.now - timedelta(days=1)).date().isoformat()
    wish = {"amount": "50", "delivery": "recipient", "recipient": "oma@example.org"}
    answer = await shop.send(page, "kaufen", **wish, deliver_on=day)
    assert answer.status_code == 422
    assert "Bitte einen Tag zwischen" in answer.text


async def test_script_in_every_field_is_only_ever_text(shop: Shop) -> None:
    path = await shop.chosen(message=SCRIPT, delivery="recipient", recipient="a@b.example")
    page = await shop.get(path)
    assert SCRIPT not in page
    assert "&lt;script&gt;" in page
    answer = await shop.place(path, email=SCRIPT)
    assert answer.status_code == 422
    assert SCRIPT not in answer.text


async def test_nobody_pays_another_price_than_they_read(shop: Shop) -> None:
    path = await shop.chosen(amount="25")
    review = await shop.get(path)
    await shop.send(await shop.get(f"{path}/weiterer"), "weiterer", amount="40")
    answer = await shop.send(review, path.rpartition("/")[2], email=shop.email)
    assert answer.status_code == 409
    assert "Sie kostet jetzt 65,00 €" in answer.text
    assert (await shop.order(path)).stage == "draft"


async def test_what_is_placed_does_not_change_any_more(shop: Shop) -> None:
    path = await shop.chosen(amount="25")
    form = await shop.get(f"{path}/weiterer")
    await shop.place(path)
    answer = await shop.send(form, "weiterer", amount="40")
    assert answer.status_code == 409
    assert (await shop.order(path)).total_cents == 25_00


async def test_an_empty_order_is_not_placed(shop: Shop) -> None:
    path = await shop.chosen(amount="25")
    review = await shop.get(path)
    await shop.citizen.post(f"{path}/gutschein/1/entfernen")
    answer = await shop.send(review, path.rpartition("/")[2], email=shop.email)
    assert answer.status_code == 409
    assert "noch kein Gutschein" in answer.text


async def test_a_guessed_link_and_another_towns_link_open_nothing(shop: Shop) -> None:
    path = await shop.ordered()
    link = path.rpartition("/")[2]
    other = await open_shop(shop.stage.api, shop.stage.schneeberg)
    twisted = ("b" if link[0] == "a" else "a") + link[1:]
    for guess in (f"/{other}/bestellung/{link}", f"/{shop.slug}/bestellung/{twisted}"):
        answer = await shop.citizen.get(guess)
        assert answer.status_code == 404
    assert (await shop.citizen.get(f"/{shop.slug}/bestellung/{'a' * 42}")).status_code == 404


async def test_a_closed_shop_sells_nothing(shop: Shop) -> None:
    path = await shop.chosen(amount="25")
    front = f"/api/v1/towns/{shop.town_id}/storefront"
    body = {"slug": shop.slug, "intro": "Bald wieder.", "intro_en": None, "is_open": False}
    assert (await shop.stage.api.client.put(front, json=body)).is_success
    answer = await shop.citizen.get(f"/{shop.slug}/kaufen")
    assert answer.status_code == 409
    assert "verkauft gerade keine Gutscheine" in answer.text
    assert (await shop.place(path)).status_code == 409


async def test_thousands_from_one_address_are_slowed_down(shop: Shop) -> None:
    page = await shop.get(f"/{shop.slug}/kaufen")
    form = forms_of(page)["kaufen"]
    answers = [
        await shop.citizen.post(form.action, data=form.fields | {"amount": "50", "id": fresh_id()})
        for _ in range(61)
    ]
    assert [answer.status_code for answer in answers] == [303] * 60 + [429]


async def test_an_order_that_nobody_pays_is_closed_and_late_money_is_a_task(shop: Shop) -> None:
    path = await shop.ordered(amount="25")
    reference = await shop.reference(path)
    shop.clock.now += timedelta(days=21)
    await close_unpaid(shop.stage.app.state.database, shop.clock.now)
    assert (await shop.order(path)).stage == "placed"
    shop.clock.now += timedelta(days=1)
    await close_unpaid(shop.stage.app.state.database, shop.clock.now)
    assert (await shop.order(path)).stage == "closed"
    await shop.pay(reference, 25_00)
    assert (await shop.order(path)).stage == "closed"
    assert "keine Zahlung" in await shop.get(path)


async def test_a_draft_is_forgotten(shop: Shop) -> None:
    path = await shop.chosen(amount="25")
    shop.clock.now += timedelta(days=3)
    await close_unpaid(shop.stage.app.state.database, shop.clock.now)
    assert (await shop.citizen.get(path)).status_code == 404
