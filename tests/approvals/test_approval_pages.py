"""The pages of requests, as a browser without script gets them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import httpx
from colleagues import Colleague, Office

from gutschein.db.access import IDENTITY
from gutschein.identity.roles import grant_role
from gutschein.kernel.ids import PersonId, TownId
from gutschein.web.guard import CSRF_FIELD
from gutschein.web.rights import Role

SUBSIDY = {"kind": "gratis_issue", "amount_cents": 500_00, "reference": "Neugeborene 2027"}


def page_path(office: Office, request: dict[str, Any] | None = None, verb: str = "") -> str:
    path = f"/stadt/{office.town.id}/freigaben"
    return path if request is None else f"{path}/{request['id']}{verb}"


async def seen(who: Colleague, path: str, language: str = "de") -> str:
    """The text of a page, without its tags."""
    headers = who.headers | {"accept-language": language}
    answer = await who.client.get(path, headers=headers, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return text_of(answer)


def text_of(answer: httpx.Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


async def send(who: Colleague, path: str, **fields: str) -> httpx.Response:
    """Send a form as a browser does: with the token of the session as a field."""
    headers = {"cookie": who.headers["cookie"]}
    form = {CSRF_FIELD: who.headers["x-csrf-token"]} | fields
    return await who.client.post(path, data=form, headers=headers)


def section(text: str, begin: str, end: str = "\0") -> str:
    return text.partition(begin)[2].partition(end)[0]


async def test_everybody_sees_what_is_theirs_to_do(office: Office) -> None:
    request = await office.asked(office.clara, SUBSIDY, "Beschluss 17/2026")
    for_bea = await seen(office.bea, page_path(office))
    assert request["summary"] in section(for_bea, "Wartet auf Sie", "Erledigt")
    for_clara = await seen(office.clara, page_path(office))
    assert "Gerade nichts zu entscheiden." in for_clara
    assert request["summary"] in section(for_clara, "Von Ihnen beantragt")
    for_adam = await seen(office.adam, page_path(office))
    assert request["summary"] in section(for_adam, "Wartet auf andere")
    details = await seen(office.bea, page_path(office, request))
    for fact in ("Beschluss 17/2026", "Clara Schalter", "05.12.2026, 10:00", "12.12.2026, 10:00"):
        assert fact in details


async def test_a_request_is_approved_after_a_second_look(office: Office) -> None:
    request = await office.asked(office.clara, SUBSIDY)
    page = await office.bea.get(page_path(office, request))
    assert f'value="{request["fingerprint"]}"' in page.text
    form = {"fingerprint": request["fingerprint"]}
    blind = await send(office.bea, page_path(office, request, "/freigeben"), **form)
    assert blind.status_code == 422
    assert "Bitte bestätigen, dass Sie die Angaben geprüft haben." in text_of(blind)
    assert await office.state(request) == "open"
    done = await send(office.bea, page_path(office, request, "/freigeben"), seen="true", **form)
    assert (done.status_code, done.headers["location"]) == (303, page_path(office, request))
    after = await seen(office.clara, page_path(office))
    assert "Freigegeben von Bea Bestätigt" in section(after, "Erledigt")


async def test_a_page_that_is_out_of_date_approves_nothing(office: Office) -> None:
    request = await office.asked(office.clara, SUBSIDY)
    path = page_path(office, request, "/freigeben")
    stale = await send(office.bea, path, seen="true", fingerprint="0" * 64)
    assert stale.status_code == 409
    assert "Der Antrag ist ein anderer als der gezeigte." in text_of(stale)
    assert f'value="{request["fingerprint"]}"' in stale.text
    assert await office.state(request) == "open"


async def test_a_request_is_rejected_with_a_reason(office: Office) -> None:
    request = await office.asked(office.clara, SUBSIDY)
    path = page_path(office, request, "/ablehnen")
    assert "Warum nicht?" in await seen(office.bea, path)
    assert (await send(office.bea, path, reason=" ")).status_code == 422
    assert (await send(office.bea, path, reason="Kein Geld da")).status_code == 303
    after = await seen(office.clara, page_path(office, request))
    assert "Abgelehnt von Bea Bestätigt" in after
    assert "Kein Geld da" in after


async def test_a_request_is_taken_back(office: Office) -> None:
    request = await office.asked(office.clara, SUBSIDY)
    path = page_path(office, request, "/zurueckziehen")
    others = await send(office.adam, path)
    assert "Zurückziehen kann das nur Clara Schalter." in text_of(others)
    assert (await send(office.clara, path)).status_code == 303
    assert "Zurückgezogen von Clara Schalter" in await seen(office.clara, page_path(office))


async def test_nobody_finds_a_button_for_their_own_request(office: Office) -> None:
    both = await office.colleague("Dora Doppelt", Role.ADMINISTRATOR, Role.APPROVER)
    request = await office.asked(both, {"kind": "key_renewal"})
    assert "Antrag zurückziehen" in await seen(both, page_path(office, request))
    path = page_path(office, request, "/freigeben")
    form = {"fingerprint": request["fingerprint"], "seen": "true"}
    refused = await send(both, path, **form)
    assert refused.status_code == 403
    assert "Die Freigabe braucht eine zweite Person." in text_of(refused)


async def test_a_form_without_the_sessions_token_does_nothing(office: Office) -> None:
    request = await office.asked(office.clara, SUBSIDY)
    form = {"fingerprint": request["fingerprint"], "seen": "true"}
    answer = await office.bea.client.post(
        page_path(office, request, "/freigeben"),
        data=form,
        headers={"cookie": office.bea.headers["cookie"]},
    )
    assert answer.status_code == 403
    assert await office.state(request) == "open"


async def test_other_towns_find_nothing(office: Office) -> None:
    request = await office.asked(office.clara, SUBSIDY)
    schneeberg = await office.neighbour()
    neighbour = await office.colleague(
        "Nina Nebenan", Role.APPROVER, Role.CLERK, town_id=schneeberg
    )
    forms = {
        "/freigeben": {"fingerprint": request["fingerprint"], "seen": "true"},
        "/ablehnen": {"reason": "Nein"},
        "/zurueckziehen": {},
    }
    for town_id, status in ((office.town.id, 403), (schneeberg, 404)):
        path = page_path(office, request).replace(office.town.id, town_id)
        for verb in ("", "/ablehnen"):
            assert (await neighbour.get(path + verb)).status_code == status
        for verb, form in forms.items():
            assert (await send(neighbour, path + verb, **form)).status_code == status
    assert await office.state(request) == "open"


async def test_the_menu_leads_to_ones_town(office: Office) -> None:
    await office.asked(office.clara, SUBSIDY)
    answer = await office.bea.get("/freigaben")
    assert (answer.status_code, answer.headers["location"]) == (303, page_path(office))
    assert 'href="/freigaben"' in (await office.bea.get(page_path(office))).text
    several = await office.colleague("Alma Allseits", Role.AUDITOR)
    other = TownId(UUID(await office.neighbour()))
    async with office.database.acting(IDENTITY).unit_of_work() as work:
        await grant_role(
            work,
            PersonId(several.id),
            Role.AUDITOR,
            town_id=other,
            by=None,
            now=office.clock.now,
        )
    towns = await seen(several, "/freigaben")
    assert "Schneeberg 0 Anträge warten." in towns
    assert "Zwönitz Ein Antrag wartet." in towns


async def test_the_pages_are_english_too(office: Office) -> None:
    request = await office.asked(office.clara, SUBSIDY)
    listed = await seen(office.bea, page_path(office), "en")
    assert "Waiting for you Vouchers at the town's expense" in listed
    details = await seen(office.bea, page_path(office, request), "en")
    assert "Asked for by Clara Schalter" in details
    page = await office.bea.client.get(
        page_path(office, request), headers=office.bea.headers | {"accept-language": "en"}
    )
    assert f'lang="de">{request["summary"]}' in page.text  # the log's words stay German


async def test_what_is_shown_once_is_shown_once(office: Office) -> None:
    """The link for somebody who is invited: to the approver, with the approval, never again."""
    terms = {
        "kind": "role_grant",
        "name": "Ute Unbekannt",
        "email": f"{uuid4().hex}@rathaus.example",
        "roles": ["approver"],
    }
    request = await office.asked(office.adam, terms)
    path = page_path(office, request)
    form = {"fingerprint": request["fingerprint"], "seen": "true"}
    done = await send(office.bea, f"{path}/freigeben", **form)
    assert done.status_code == 200
    told = text_of(done)
    assert "Freigegeben. Das wird nur dieses eine Mal gezeigt:" in told
    [link] = re.findall(r"http\S+", told)
    assert done.headers["cache-control"] == "no-store"
    for who in (office.bea, office.adam):
        assert link not in (await who.get(path)).text
        assert link not in (await who.get(office.path(request))).text
    assert link not in str(await office.log())
