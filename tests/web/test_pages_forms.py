from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from page_app import browsing, page_app

from gutschein.web.forms import MAX_BYTES, MAX_FIELDS

GOOD = {
    "email": "jana@beispiel.example",
    "password": " vier Wörter am Stück ",
    "role": "approver",
    "towns": ["z", "s"],
}


async def send(data: dict[str, Any], **headers: str) -> httpx.Response:
    async with browsing(page_app(), **headers) as client:
        return await client.post("/form", data=data)


async def send_raw(content: bytes, media_type: str) -> httpx.Response:
    async with browsing(page_app(), accept="*/*", **{"content-type": media_type}) as client:
        return await client.post("/form", content=content)


async def test_a_form_becomes_what_its_struct_says() -> None:
    region_id = "01938f6e-5c00-7cc3-98c4-dc0c0c07398f"
    more = {"stay": "true", "count": " 12 ", "region_id": region_id, "note": "eins\r\nzwei "}
    answer = await send(GOOD | more | {"csrf_token": "seen by the guard"})
    assert answer.json() == GOOD | {
        "stay": True,
        "count": 12,
        "region_id": region_id,
        "note": "eins\nzwei",
    }


async def test_what_is_left_empty_is_not_given() -> None:
    answer = await send(GOOD | {"count": "", "region_id": " ", "note": "", "towns": []})
    assert answer.json() == GOOD | {
        "stay": False,
        "count": None,
        "region_id": None,
        "note": "",
        "towns": [],
    }


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("email", "", "Bitte ausfüllen."),
        ("email", "a@b", "Bitte mindestens 5 Zeichen eingeben."),
        ("email", "jana@" + "b" * 30, "Bitte höchstens 30 Zeichen eingeben."),
        ("email", "jana\x00@beispiel", "Diese Angabe passt nicht. Bitte prüfen."),
        ("email", ["jana@a.example", "jana@b.example"], "Diese Angabe passt nicht. Bitte prüfen."),
        ("role", "emperor", "Diese Angabe passt nicht. Bitte prüfen."),
        ("count", "12,5", "Diese Angabe passt nicht. Bitte prüfen."),
        ("password", "", "Bitte ausfüllen."),
    ],
)
async def test_what_does_not_fit_is_said_at_its_field(
    field: str, text: str | list[str], words: str
) -> None:
    answer = await send(GOOD | {field: text})
    assert answer.status_code == 422
    if field != "count":  # which the page does not show
        input_ = re.search(rf'<(?:input|select)[^>]* id="{field}"[^>]*>', answer.text)
        assert input_ is not None
        assert 'aria-invalid="true"' in input_[0]
        assert f'"{field}-error' in input_[0]
        error = re.search(rf'<p class="kern-error" id="{field}-error">(.*?)</p>', answer.text, re.S)
        assert error is not None
        assert words in error[1]
        assert f'<a class="kern-link" href="#{field}">' in answer.text
    assert words in answer.text
    assert "<title>Fehler: Formular" in answer.text


async def test_all_that_does_not_fit_is_said_at_once() -> None:
    answer = await send({"note": "Rest"}, **{"accept-language": "en"})
    assert answer.status_code == 422
    assert answer.text.count("Please fill this in.") == 6  # three fields, and the summary
    assert "<title>Error: " in answer.text


async def test_what_was_entered_is_kept_but_for_secrets() -> None:
    sent = GOOD | {"email": '"><script>', "stay": "true", "note": "</textarea><b>"}
    text = (await send(sent | {"role": ""})).text
    assert 'value="&#34;&gt;&lt;script&gt;"' in text
    assert "&lt;/textarea&gt;&lt;b&gt;" in text
    assert "<script>" not in text
    assert "vier Wörter" not in text
    assert re.search(r'id="stay"[^>]* checked', text)
    assert re.search(r'value="z" checked', text)


async def test_what_the_service_refuses_is_said_at_the_field_it_blames() -> None:
    answer = await send(GOOD | {"note": "refused"})
    assert answer.status_code == 429
    assert answer.text.count("Zu viele Versuche. Bitte 30 Sekunden warten.") == 2
    assert 'value="jana@beispiel.example"' in answer.text
    assert re.search(r'<option value="approver" selected>', answer.text)
    assert "vier Wörter" not in answer.text


async def test_a_rule_about_several_fields_is_said_above_the_form() -> None:
    answer = await send(GOOD | {"note": GOOD["email"]})
    assert answer.status_code == 422
    assert "Diese Angabe passt nicht. Bitte prüfen." in answer.text
    assert 'aria-invalid="true"' not in answer.text


async def test_a_form_names_no_field_that_is_not_there() -> None:
    answer = await send(GOOD | {"is_admin": "true"})
    assert answer.status_code == 422
    assert "is_admin" not in answer.text


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"{}", "application/json"),
        (b"email=a", "text/plain"),
        (b"email=a", ""),
        (b"email", "application/x-www-form-urlencoded"),
        (b"email=%ff", "application/x-www-form-urlencoded"),
        ("email=ä".encode(), "application/x-www-form-urlencoded"),
        (b"&".join([b"a=1"] * (MAX_FIELDS + 1)), "application/x-www-form-urlencoded"),
        (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x"),
    ],
)
async def test_nothing_but_a_form_is_read(content: bytes, media_type: str) -> None:
    answer = await send_raw(content, media_type)
    assert (answer.status_code, answer.json()["code"]) == (400, "form.unreadable")


async def test_no_form_is_longer_than_forms_are() -> None:
    content = b"email=" + b"a" * MAX_BYTES
    answer = await send_raw(content, "application/x-www-form-urlencoded")
    assert (answer.status_code, answer.json()["code"]) == (413, "request.too_large")


async def test_a_form_says_what_its_fields_are() -> None:
    async with browsing(page_app()) as client:
        text = (await client.get("/form")).text
    for field, label in (("email", "E-Mail-Adresse"), ("password", "Passwort"), ("note", "Anm")):
        assert re.search(rf'<label class="kern-label" for="{field}">{label}', text)
    assert 'aria-describedby="email-hint"' in text
    assert 'autocomplete="one-time-code"' in text
    assert 'autocomplete="current-password"' in text
    assert re.search(r'id="email"[^>]* required', text)
    assert not re.search(r'id="note"[^>]* required', text)
    assert "kern-alert" not in text
