"""The page of money that came in, as a browser without a script gets it, and the API beside it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from html import unescape
from typing import Any
from uuid import UUID

import httpx
import pytest
from api_fixtures import code_of
from bank_messages import Booking, Sheet, message, messages, zipped
from deposit_stage import DUE
from everybody import ANNA, COOKIE, Everybody
from stage import Stage

from gutschein.bank.rf_reference import format_reference
from gutschein.bank.statement_file import MOST_BYTES
from gutschein.deposits.requests import PaymentRequest, ask, get_request
from gutschein.identity.sessions import csrf_token
from gutschein.kernel.ids import TownId, new_id

WRONG = ("Gutschein RF34 0000 0024",)


@dataclass
class Office:
    """Anna's browser in the town hall of Zwönitz."""

    stage: Stage
    client: httpx.AsyncClient
    proof: str

    @property
    def town_id(self) -> TownId:
        return TownId(UUID(self.stage.zwoenitz.id))

    @property
    def path(self) -> str:
        return f"/stadt/{self.town_id}/geldeingaenge"

    async def ask(self, amount_cents: int) -> PaymentRequest:
        async with self.stage.database.unit_of_work() as work:
            return await ask(
                work,
                self.town_id,
                new_id(),
                amount_cents,
                due_on=DUE,
                now=self.stage.clock.now,
            )

    async def state_of(self, request: PaymentRequest) -> str:
        async with self.stage.database.reading() as work:
            return (await get_request(work, self.town_id, request.id)).state

    async def open(self) -> httpx.Response:
        return await self.client.get(self.path)

    async def hand_in(self, file: bytes, **fields: str) -> httpx.Response:
        return await self.client.post(
            f"{self.path}/auszuege",
            data={"csrf_token": self.proof} | fields,
            files={"file": ("auszug.xml", file, "application/xml")},
        )

    async def send(self, rest: str, **fields: str) -> httpx.Response:
        return await self.client.post(
            f"{self.path}/{rest}", data={"csrf_token": self.proof} | fields
        )

    def api(self, rest: str) -> str:
        return self.stage.zwoenitz.path(rest)


def said(answer: httpx.Response) -> str:
    content = answer.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", content)).split())


@pytest.fixture
async def office(
    stage: Stage, everybody: Everybody, anonymous: httpx.AsyncClient
) -> AsyncIterator[Office]:
    token = await everybody.session_of(ANNA)
    async with httpx.AsyncClient(
        transport=anonymous._transport,
        base_url="http://test",
        cookies={COOKIE: token},
        headers={"accept": "text/html"},
        follow_redirects=True,
    ) as client:
        yield Office(stage, client, csrf_token(token))


async def test_a_statement_is_handed_in_and_the_page_says_what_it_brought(office: Office) -> None:
    request = await office.ask(25_00)
    paid = Booking(cents=25_00, text=(request.reference,))
    file = message(paid, Booking(cents=5_00, text=("Danke",)), Booking(cents=-1_00))
    page = await office.hand_in(file)
    assert page.status_code == 200
    words = said(page)
    assert "Neue Buchungen: 3. Schon bekannt: 0." in words
    assert "Eingänge: 2. Davon von selbst zugeordnet: 1. Bezahlte Bestellungen: 1." in words
    assert "Bitte zuordnen: 1." in words
    assert "5,00 €, Erika Beispiel" in words
    assert "Im Verwendungszweck steht keine gültige Referenz." in words
    assert await office.state_of(request) == "paid"
    again = said(await office.hand_in(file))
    assert "Neue Buchungen: 0. Schon bekannt: 3." in again
    listed = said(await office.open())
    assert listed.count("2026-245") == 1
    assert "Anna Amtmann" in listed
    await office.stage.audit()


async def test_a_misspelt_reference_is_suggested_and_assigned_by_hand(office: Office) -> None:
    numbered = [await office.ask(25_00) for _ in range(42)]
    request = numbered[41]
    page = await office.hand_in(message(Booking(cents=25_00, text=WRONG)))
    assert f"{format_reference(request.reference)}: es fehlen 25,00 €" in said(page)
    assert "Die Referenz ist fast dieselbe." in said(page)
    action = re.search(r'action="([^"]*/zuordnung)"', page.text)
    assert action
    sent = await office.client.post(
        action[1], data={"csrf_token": office.proof, "reference": request.reference}
    )
    assert str(sent.url).endswith(office.path)
    assert "Alles, was eingegangen ist, ist zugeordnet." in said(sent)
    assert await office.state_of(request) == "paid"
    await office.stage.audit()


async def test_a_reference_is_typed_and_a_wrong_one_is_said_beside_it(office: Office) -> None:
    request = await office.ask(30_00)
    page = await office.hand_in(message(Booking(cents=25_00, text=("Danke",))))
    deposit = re.search(r'id="eingang-([^"]*)"', page.text)
    assert deposit
    path = f"{deposit[1]}/zuordnung"
    for wrong, status, text in (
        ("RF18 5390 0754 7034", 404, "Diese Zahlungsaufforderung gibt es nicht."),
        ("", 422, "Bitte die Referenz eingeben"),
    ):
        refused = await office.send(path, reference=wrong)
        assert refused.status_code == status
        assert text in said(refused)
        assert "Das hat noch nicht geklappt" not in said(refused)
    await office.send(path, reference=format_reference(request.reference).lower())
    words = said(await office.open())
    assert "25,00 € von 30,00 € sind da. Es fehlen 5,00 €" in words


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (b"", "Bitte eine Datei auswählen."),
        (b"<html/>", "Das ist kein Kontoauszug im Format camt.053"),
        (message(closing=1), "geht nicht auf"),
        (message(iban="DE02120300000000202051"), "DE02 … 2051"),
    ],
)
async def test_what_is_no_statement_of_the_town_is_said(
    office: Office, file: bytes, words: str
) -> None:
    page = await office.hand_in(file)
    assert page.status_code in {409, 422}
    assert words in said(page)
    assert "Noch keine." in said(page)


async def test_script_in_what_a_payer_wrote_stays_text(office: Office) -> None:
    evil = "<script>alert(1)</script>"
    await office.hand_in(message(Booking(cents=1_00, text=(evil,), name="<img src=x>")))
    page = await office.open()
    assert evil not in page.text
    assert "<img src=x>" not in page.text
    assert evil in said(page)


async def test_missing_statements_are_warned_of(office: Office) -> None:
    await office.hand_in(message())
    later = Sheet([], id="9", sequence=249, opening=1_200_00, days=("2026-12-09", "2026-12-09"))
    page = said(await office.hand_in(messages(later)))
    assert "Zwischen dem 04.12.2026 und dem 09.12.2026" in page
    assert "um 200,00 € geändert" in page


async def test_a_form_of_another_site_is_refused(office: Office) -> None:
    files = {"file": ("auszug.xml", message(Booking(cents=1_00)), "application/xml")}
    for fields in ({}, {"csrf_token": "0" * 64}):
        refused = await office.client.post(f"{office.path}/auszuege", data=fields, files=files)
        assert refused.status_code == 403
    body = {"csrf_token": office.proof}
    unreadable = await office.client.post(f"{office.path}/auszuege", data=body)
    assert unreadable.status_code == 400
    assert "Noch keine." in said(await office.open())


async def test_the_only_town_is_led_to_and_several_are_shown(office: Office) -> None:
    page = await office.client.get("/geldeingaenge")
    assert "Um welche Stadt geht es?" in said(page)
    assert f'href="{office.path}"' in page.text


# the API


async def test_the_api_reads_xml_and_zip_in_and_lists_what_is_left(office: Office) -> None:
    api = office.stage.api
    request = await office.ask(25_00)
    file = message(Booking(cents=30_00, text=(request.reference,)))
    path = office.api("bank-statements")
    for content, new in ((file, 1), (zipped(file), 0)):
        answer = await api.client.post(path, content=content)
        assert answer.status_code == 200, answer.text
        assert answer.json()["new_entries"] == new
    listed = (await api.get(path)).json()
    assert [each["bank_reference"] for each in listed["statements"]] == ["2026-245"]
    [left] = (await api.get(office.api("deposits"))).json()["deposits"]
    assert (left["left_cents"], left["why"], left["payer_account"]) == (
        5_00,
        "excess",
        "DE02 … 2051",
    )
    assert "DE02120300000000202051" not in str(left)


async def test_the_api_assigns(office: Office) -> None:
    api = office.stage.api
    request = await office.ask(25_00)
    await api.client.post(office.api("bank-statements"), content=message(Booking(cents=25_00)))
    [left] = (await api.get(office.api("deposits"))).json()["deposits"]
    path = office.api(f"deposits/{left['id']}/assignments")
    body = {"reference": format_reference(request.reference)}
    for _ in range(2):
        done = await api.post(path, body)
        assert (done.status_code, done.json()["state"]) == (200, "paid")
    unknown = await api.post(path, {"reference": "RF18539007547034"})
    assert code_of(unknown) == "payment_request.unknown"
    payment = await api.get(office.api(f"payments/{request.id}"))
    assert (payment.json()["method"], payment.json()["left_cents"]) == ("deposits", 25_00)


async def test_a_file_beyond_the_limit_is_refused(office: Office) -> None:
    huge = b" " * (MOST_BYTES + 1)
    answer = await office.stage.api.client.post(office.api("bank-statements"), content=huge)
    assert answer.status_code == 413


async def test_nobody_books_a_payment_under_the_id_of_what_is_asked_for(office: Office) -> None:
    request = await office.ask(25_00)
    body: dict[str, Any] = {
        "id": str(request.id),
        "method": "bank_transfer",
        "amount_cents": 25_00,
        "reference": "von Hand",
    }
    answer = await office.stage.api.post(office.api("payments"), body)
    assert (answer.status_code, code_of(answer)) == (409, "request.conflict")
    by_deposits = body | {"id": None, "method": "deposits"}
    answer = await office.stage.api.post(office.api("payments"), by_deposits)
    assert code_of(answer) == "request.invalid"
