"""The town hall sees what was withdrawn from, what it owes and to whom, and notes that it paid."""

from __future__ import annotations

from uuid import UUID

import httpx
import pytest
from bank_messages import PAYER_IBAN, Booking, message
from buying_stage import CLERK, Shop
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from withdrawing import kept, paid, said, states, withdrawn

from gutschein.bank.iban import format_iban, masked_iban
from gutschein.bank.statement_file import read_statements
from gutschein.db.unit_of_work import Work
from gutschein.deposits.importing import import_statements
from gutschein.kernel.ids import TownId
from gutschein.web.guard import CSRF_FIELD
from gutschein.web.rights import Role
from tests.devices.shop_stage import NewPerson, Person, logged
from tests.devices.shop_stage import Shop as Place

HOW = "50 € überwiesen am 7. Dezember"


def place_of(shop: Shop) -> Place:
    town = shop.stage.zwoenitz
    return Place({"id": town.id}, {"id": town.shop.merchant_id, "branches": []})


def list_of(shop: Shop) -> str:
    return f"/stadt/{shop.town_id}/widerrufe"


async def path_to(shop: Shop, outcome: str) -> str:
    query = text("SELECT id FROM withdrawal WHERE town_id = :id AND outcome = :outcome")
    async with shop.database.reading() as work:
        rows = await work.execute(query, {"id": shop.town_id, "outcome": outcome})
        return f"{list_of(shop)}/{rows.scalars().one()}"


async def note(who: Person, path: str, how: str) -> httpx.Response:
    """Send the form as a browser does: with the token of the session as a field."""
    client = who.api.client
    headers = {"cookie": client.headers["cookie"], "x-csrf-token": ""}
    form = {CSRF_FIELD: client.headers["x-csrf-token"], "how": how}
    return await client.post(path, data=form, headers=headers)


async def test_what_is_owed_is_shown_and_settled_once(shop: Shop, new_person: NewPerson) -> None:
    clerk = await new_person(Role.CLERK, place_of(shop))
    order_path, number = await paid(shop, amount="50", count="3")
    other_path, other = await paid(shop, amount="20")
    order = await shop.order(order_path)
    for item, cents in zip(order.items[:2], (12_50, 50_00), strict=True):
        paper = await shop.stage.paper_of(shop.stage.zwoenitz, str(item.voucher_id))
        await shop.stage.redeemed(paper, cents)
    await withdrawn(shop, number=number, remarks="Bitte schnell")
    assert await states(shop, order_path) == ["blocked"] * 3
    assert await states(shop, other_path) == ["active"]
    path = await path_to(shop, "frozen")
    assert (await clerk.api.get("/widerrufe")).headers["location"] == list_of(shop)
    listed = await clerk.api.get(list_of(shop))
    assert "offen" in said(listed)
    assert path in listed.text
    page = said(await clerk.api.get(path))
    for told in (
        f"Bestellung {number}",
        "Gesamtpreis 150,00 €",
        "Zu erstatten 50,00 €",
        "Darüber entscheidet die Stadt 37,50 €",
        "teilweise eingelöst: Die Stadt entscheidet, jetzt gesperrt",
        "ganz eingelöst: Die Stadt entscheidet, jetzt gesperrt",
        f"Erika Beispiel {masked_iban(PAYER_IBAN)}: 150,00 €",
        "Bitte schnell",
        shop.email,
    ):
        assert told in page
    assert format_iban(PAYER_IBAN) not in page
    assert PAYER_IBAN not in page
    assert other not in page
    assert (await note(clerk, path, "")).status_code == 422
    done = await note(clerk, path, HOW)
    assert (done.status_code, done.headers["location"]) == (303, list_of(shop))
    listed = await clerk.api.get(list_of(shop))
    assert f"{HOW} (Kerstin Beispiel" in said(listed)
    assert "offen" not in said(listed)
    again = await note(clerk, path, "Noch einmal überwiesen")
    assert again.status_code == 409
    assert "schon erledigt" in said(again)
    assert (await logged(shop.stage.database, shop.town_id))[-1] == (
        "withdrawal.resolved",
        "Kerstin Beispiel",
        f"Widerruf zu {number}",
    )


async def test_what_waits_stands_first_and_what_was_not_paid_is_done(
    shop: Shop, new_person: NewPerson
) -> None:
    clerk = await new_person(Role.CLERK, place_of(shop))
    await withdrawn(shop, number="Keine Ahnung", name="Unbekannt")
    await withdrawn(shop, number=await shop.reference(await shop.ordered()), name="Unbezahlt")
    await withdrawn(shop, number=(await paid(shop))[1], name="Bezahlt")
    page = said(await clerk.api.get(list_of(shop)))
    assert page.count("offen") == 2
    assert page.index("Unbekannt") < page.index("Unbezahlt")
    assert page.index("Bezahlt,") < page.index("Unbezahlt")
    closed, unmatched = await path_to(shop, "closed"), await path_to(shop, "unmatched")
    assert "Bezahlt nein" in said(await clerk.api.get(closed))
    assert (await note(clerk, closed, HOW)).status_code == 409
    assert "zu keiner Bestellung" in said(await clerk.api.get(unmatched))
    assert (await note(clerk, unmatched, "Geantwortet")).status_code == 303


async def test_who_declares_twice_is_refunded_once(shop: Shop, new_person: NewPerson) -> None:
    clerk = await new_person(Role.CLERK, place_of(shop))
    _, number = await paid(shop)
    await withdrawn(shop, number=number, name="Erika")
    first = await path_to(shop, "frozen")
    await withdrawn(shop, number=number, name="Erika B.")
    assert await kept(shop) == [("frozen", True)] * 2
    page = said(await clerk.api.get(first))
    assert "Bitte nur einmal erstatten: Erika B." in page


async def test_what_was_paid_and_not_issued_yet_never_is(shop: Shop, new_person: NewPerson) -> None:
    async def later(work: Work, town_id: TownId, request_id: UUID, now: object) -> None:
        """The signing key was withdrawn: the order waits for the next delivery."""

    path = await shop.ordered(amount="50")
    number = await shop.reference(path)
    statement = read_statements(message(Booking(cents=50_00, text=(number,))))
    async with shop.database.unit_of_work() as work:
        await import_statements(
            work,
            shop.town_id,
            statement,
            by=CLERK,
            kek=shop.stage.kek,
            paid=later,
            now=shop.clock.now,
        )
    await withdrawn(shop, number=number)
    assert await kept(shop) == [("frozen", True)]
    assert await shop.deliver() == 0
    assert (await shop.order(path)).stage == "closed"
    assert await states(shop, path) == []
    clerk = await new_person(Role.CLERK, place_of(shop))
    assert "Zu erstatten 50,00 €" in said(await clerk.api.get(await path_to(shop, "frozen")))


async def test_others_of_the_town_hall_read_and_shops_do_not(
    shop: Shop, new_person: NewPerson
) -> None:
    await withdrawn(shop, number="RF1")
    path = await path_to(shop, "unmatched")
    for role in (Role.APPROVER, Role.AUDITOR):
        somebody = await new_person(role, place_of(shop))
        page = await somebody.api.get(path)
        assert page.status_code == 200
        assert "Als erledigt vermerken" not in said(page)
        assert (await note(somebody, path, HOW)).status_code == 403
    owner = await new_person(Role.OWNER, place_of(shop))
    assert (await owner.api.get(path)).status_code == 403
    stranger = list_of(shop) + "/00000000-0000-7000-8000-000000000000"
    clerk = await new_person(Role.CLERK, place_of(shop))
    assert (await clerk.api.get(stranger)).status_code == 404


async def test_what_was_declared_is_sealed_and_stays(shop: Shop) -> None:
    await withdrawn(shop, number="RF1", name="Geheimname", remarks="Geheimsache")
    query = text("SELECT withdrawal::text FROM withdrawal WHERE town_id = :id")
    async with shop.database.reading() as work:
        [row] = (await work.execute(query, {"id": shop.town_id})).scalars().all()
    for typed in ("Geheimname", "Geheimsache", shop.email):
        assert typed.encode().hex() not in row
    for change in ("UPDATE withdrawal SET outcome = 'unmatched'", "DELETE FROM withdrawal"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with shop.database.unit_of_work() as work:
                await work.execute(text(change))
