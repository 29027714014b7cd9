"""Passkeys, with a software one that is honest and then bent in every way."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from typing import Any
from uuid import uuid4

import cbor2
import httpx
import pytest
from identity_stage import Give, NewPerson, Reader, Somebody
from software_passkey import USER_PRESENT, USER_VERIFIED, SoftwarePasskey, base64url
from sqlalchemy import text

from gutschein.db.unit_of_work import Database
from gutschein.identity.sessions import csrf_token
from gutschein.web.rights import Role

NewReader = Callable[..., Reader]


async def send(reader: Reader, path: str, body: object = None) -> httpx.Response:
    """Send what the script of the pages sends."""
    headers = {"accept": "application/json"}
    if reader.session:
        headers["x-csrf-token"] = csrf_token(reader.session)
    return await reader.client.post(path, json=body, headers=headers)


async def asked(reader: Reader, path: str = "/anmelden/passkey/aufgabe") -> dict[str, Any]:
    answer = await send(reader, path)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def add(reader: Reader, passkey: SoftwarePasskey) -> None:
    """Make a passkey one's own, signed in."""
    challenge = await asked(reader, "/konto/passkeys/aufgabe")
    added = await send(reader, "/konto/passkeys", passkey.made(challenge))
    assert added.json() == {"then": "/konto?erledigt=passkey"}, added.text


async def sign_in(reader: Reader, passkey: SoftwarePasskey, **bent: Any) -> httpx.Response:
    return await send(reader, "/anmelden/passkey", passkey.used(await asked(reader), **bent))


def is_refused(answer: httpx.Response) -> bool:
    return (answer.status_code, answer.json()["code"]) == (422, "passkey.refused") and not (
        answer.headers.get_list("set-cookie")
    )


@pytest.fixture
async def erika(new_person: NewPerson) -> Somebody:
    return await new_person(totp=True)


@pytest.fixture
async def passkey(new_reader: NewReader, erika: Somebody) -> SoftwarePasskey:
    """Erika's, on a device that counts."""
    reader, passkey = new_reader(), SoftwarePasskey(count=1)
    await reader.sign_in(erika)
    await add(reader, passkey)
    passkey.count += 1
    return passkey


async def test_a_passkey_opens_by_itself_with_two_factors(
    reader: Reader, erika: Somebody, passkey: SoftwarePasskey
) -> None:
    challenge = await asked(reader)
    options = challenge["options"]
    assert options["userVerification"] == "required"
    assert options["rpId"] == "127.0.0.1"
    assert options["allowCredentials"] == []  # it tells nobody whose passkeys there are
    answer = passkey.used(challenge) | {"then": "/konto/sitzungen"}
    signed_in = await send(reader, "/anmelden/passkey", answer)
    assert signed_in.json() == {"then": "/konto/sitzungen"}
    assert erika.name in (await reader.get("/konto")).text
    assert (await reader.get("/konto/app")).status_code == 200  # proved just now


async def test_what_a_browser_is_asked_to_make(reader: Reader, erika: Somebody) -> None:
    await reader.sign_in(erika)
    options = (await asked(reader, "/konto/passkeys/aufgabe"))["options"]
    assert options["rp"] == {"id": "127.0.0.1", "name": "Gutschein"}
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["attestation"] == "none"
    assert (options["user"]["name"], options["user"]["displayName"]) == (erika.email, erika.name)


async def test_it_also_serves_as_the_second_step_after_the_password(
    reader: Reader, erika: Somebody, passkey: SoftwarePasskey
) -> None:
    await reader.password(erika)
    assert (await sign_in(reader, passkey)).status_code == 200
    assert (await reader.get("/konto")).status_code == 200


async def test_a_first_second_factor_can_be_a_passkey(
    new_reader: NewReader, new_person: NewPerson, give: Give
) -> None:
    clerk, reader, passkey = await new_person(), new_reader(), SoftwarePasskey()
    await give(clerk, Role.CLERK)
    await reader.password(clerk)
    challenge = await asked(reader, "/anmelden/zweiter-faktor/passkey/aufgabe")
    answer = passkey.made(challenge) | {"then": "/konto/sitzungen"}
    added = await send(reader, "/anmelden/zweiter-faktor/passkey", answer)
    assert added.json() == {"then": "/konto/sitzungen"}
    assert (await reader.get("/konto")).status_code == 200
    other = new_reader()
    assert (await other.password(clerk)).headers["location"] == "/anmelden/code"
    assert (
        "code"
        not in (await other.get("/anmelden/code")).text.split("<form")[-1].split("kern-btn")[0]
    )
    assert (await sign_in(other, passkey)).status_code == 200


async def test_whoever_has_a_factor_cannot_get_around_it_by_a_new_passkey(
    reader: Reader, erika: Somebody
) -> None:
    await reader.password(erika)
    for path in ("/anmelden/zweiter-faktor/passkey/aufgabe", "/konto/passkeys/aufgabe"):
        assert (await send(reader, path)).status_code == 401


BENT: dict[str, dict[str, Any]] = {
    "of another site": {"origin": "https://gutschein.example.evil", "rp_id": "evil"},
    "asked for by another site": {"origin": "https://evil.example"},
    "asked for on another port": {"origin": "http://127.0.0.1:8001"},
    "bound to another site": {"rp_id": "evil.example"},
    "by a device that did not look who is there": {"flags": USER_PRESENT},
    "by a device that nobody touched": {"flags": USER_VERIFIED},
    "meant for making one": {"type": "webauthn.create"},
    "of somebody else's account": {"user_handle": uuid4().bytes},
}


@pytest.mark.parametrize("bent", BENT.values(), ids=BENT)
async def test_an_answer_is_refused_that_is(
    reader: Reader, passkey: SoftwarePasskey, bent: dict[str, Any]
) -> None:
    assert is_refused(await sign_in(reader, passkey, **bent))
    assert (await sign_in(reader, passkey)).status_code == 200


@pytest.mark.parametrize("part", ["signature", "authenticatorData", "clientDataJSON"])
async def test_an_answer_with_one_bit_changed_is_refused(
    reader: Reader, passkey: SoftwarePasskey, part: str
) -> None:
    answer = passkey.used(await asked(reader))
    signed = answer["credential"]["response"][part]
    for at in (5, len(signed) // 2, len(signed) - 3):
        changed = deepcopy(answer)
        other = "A" if signed[at] != "A" else "B"
        changed["credential"]["response"][part] = signed[:at] + other + signed[at + 1 :]
        changed["challenge_id"] = (await asked(reader))["challenge_id"]
        assert is_refused(await send(reader, "/anmelden/passkey", changed))


async def test_another_key_under_a_known_id_is_refused(
    reader: Reader, passkey: SoftwarePasskey
) -> None:
    forged = SoftwarePasskey(id=passkey.id, count=9, user_handle=passkey.user_handle)
    assert is_refused(await sign_in(reader, forged))
    assert is_refused(await sign_in(reader, SoftwarePasskey()))


async def test_a_challenge_is_answered_once(reader: Reader, passkey: SoftwarePasskey) -> None:
    answer = passkey.used(await asked(reader))
    assert (await send(reader, "/anmelden/passkey", answer)).status_code == 200
    assert is_refused(await send(reader, "/anmelden/passkey", answer))
    passkey.count += 1
    wrong = passkey.used(await asked(reader), origin="https://evil.example")
    assert is_refused(await send(reader, "/anmelden/passkey", wrong))
    right = passkey.used({"options": {"challenge": ""}} | {"challenge_id": wrong["challenge_id"]})
    assert is_refused(await send(reader, "/anmelden/passkey", right))


async def test_an_answer_to_another_challenge_is_refused(
    reader: Reader, passkey: SoftwarePasskey
) -> None:
    first, second = await asked(reader), await asked(reader)
    answer = passkey.used(first) | {"challenge_id": second["challenge_id"]}
    assert is_refused(await send(reader, "/anmelden/passkey", answer))


async def test_a_challenge_waits_five_minutes(reader: Reader, passkey: SoftwarePasskey) -> None:
    challenge = await asked(reader)
    reader.clock.now += timedelta(minutes=4, seconds=59)
    assert (await send(reader, "/anmelden/passkey", passkey.used(challenge))).status_code == 200
    passkey.count += 1
    challenge = await asked(reader)
    reader.clock.now += timedelta(minutes=5)
    assert is_refused(await send(reader, "/anmelden/passkey", passkey.used(challenge)))


async def test_challenges_are_for_one_purpose_and_one_person(
    new_reader: NewReader, new_person: NewPerson, erika: Somebody, passkey: SoftwarePasskey
) -> None:
    reader, other = new_reader(), new_reader()
    await reader.sign_in(erika)
    await other.sign_in(await new_person())
    to_add, to_sign_in = await asked(reader, "/konto/passkeys/aufgabe"), await asked(reader)
    assert is_refused(await send(new_reader(), "/anmelden/passkey", passkey.used(to_add)))
    assert is_refused(await send(other, "/konto/passkeys", SoftwarePasskey().made(to_add)))
    new = SoftwarePasskey().made(to_add) | {"challenge_id": to_sign_in["challenge_id"]}
    assert is_refused(await send(reader, "/konto/passkeys", new))
    assert (await send(reader, "/konto/passkeys", SoftwarePasskey().made(to_add))).is_success


@pytest.mark.parametrize("count", [2, 1, 0])
async def test_a_counter_that_goes_back_is_refused_and_told(
    new_reader: NewReader,
    passkey: SoftwarePasskey,
    people: Database,
    caplog: pytest.LogCaptureFixture,
    count: int,
) -> None:
    assert (await sign_in(new_reader(), passkey)).status_code == 200
    passkey.count = count
    with caplog.at_level(logging.WARNING, "gutschein.identity.passkey_sign_in"):
        assert is_refused(await sign_in(new_reader(), passkey))
    assert f"counts {count} after 2: refused as a copy" in caplog.text
    async with people.reading() as work:
        kept = await work.execute(
            text("SELECT sign_count FROM passkey WHERE credential_id = :id"), {"id": passkey.id}
        )
        assert kept.scalar_one() == 2


async def test_a_wrong_signature_says_nothing_about_copies(
    reader: Reader, passkey: SoftwarePasskey, caplog: pytest.LogCaptureFixture
) -> None:
    forged = SoftwarePasskey(id=passkey.id, count=0, user_handle=passkey.user_handle)
    assert is_refused(await sign_in(reader, forged))
    assert "refused as a copy" not in caplog.text


async def test_devices_that_do_not_count_are_welcome(reader: Reader, erika: Somebody) -> None:
    await reader.sign_in(erika)
    passkey = SoftwarePasskey(count=0)
    await add(reader, passkey)
    for _ in range(3):
        assert (await sign_in(reader, passkey)).status_code == 200


@pytest.mark.parametrize(
    "bent",
    [
        {"origin": "https://evil.example"},
        {"rp_id": "evil.example"},
        {"flags": USER_PRESENT},
    ],
)
async def test_a_passkey_made_elsewhere_or_without_looking_is_not_taken(
    reader: Reader, erika: Somebody, bent: dict[str, Any]
) -> None:
    await reader.sign_in(erika)
    made = SoftwarePasskey().made(await asked(reader, "/konto/passkeys/aufgabe"), **bent)
    assert is_refused(await send(reader, "/konto/passkeys", made))


async def test_a_passkey_belongs_to_one_account(
    reader: Reader, new_person: NewPerson, passkey: SoftwarePasskey
) -> None:
    await reader.sign_in(await new_person())
    made = passkey.made(await asked(reader, "/konto/passkeys/aufgabe"))
    answer = await send(reader, "/konto/passkeys", made)
    assert (answer.status_code, answer.json()["code"]) == (409, "passkey.known")


async def test_its_owner_names_and_removes_it_and_nobody_else(
    new_reader: NewReader, new_person: NewPerson, passkey: SoftwarePasskey
) -> None:
    reader, stranger = new_reader(), new_reader()
    await stranger.sign_in(await new_person())
    await sign_in(reader, passkey)
    account = (await reader.get("/konto")).text
    path = f"/konto/passkeys/{account.split('/konto/passkeys/')[1][:36]}"
    assert "Firefox, Windows</a>" in account
    for refused in (
        await stranger.get(path),
        await stranger.send(path, name="Meiner"),
        await stranger.send(f"{path}/entfernen"),
    ):
        assert refused.status_code == 404
    assert (await reader.send(path, name="<b>")).headers["location"].endswith("passkey-name")
    assert "&lt;b&gt;</h1>" in (await reader.get(path)).text
    assert (await reader.send(path, name=" ")).status_code == 422
    removed = await reader.send(f"{path}/entfernen")
    assert removed.headers["location"] == "/konto?erledigt=passkey-entfernt"
    passkey.count += 1
    assert is_refused(await sign_in(new_reader(), passkey))
    assert (await reader.get(path)).status_code == 404


async def test_the_last_factor_stays_where_the_work_needs_one(
    reader: Reader, new_person: NewPerson, give: Give
) -> None:
    clerk, passkey = await new_person(), SoftwarePasskey()
    await reader.sign_in(clerk)
    await add(reader, passkey)
    await give(clerk, Role.CLERK)
    path = f"/konto/passkeys/{(await reader.get('/konto')).text.split('/konto/passkeys/')[1][:36]}"
    kept = await reader.send(f"{path}/entfernen")
    assert kept.status_code == 409
    assert (await sign_in(reader, passkey)).status_code == 200


async def test_who_may_not_sign_in_any_more_has_no_passkey_either(
    reader: Reader, erika: Somebody, passkey: SoftwarePasskey, people: Database
) -> None:
    async with people.unit_of_work() as work:
        await work.execute(
            text("UPDATE person SET disabled_at = now() WHERE id = :id"), {"id": erika.id}
        )
    assert is_refused(await sign_in(reader, passkey))


@pytest.mark.parametrize(
    "garbage",
    ["", "A", "AAAA", "oA", "_____w", "eyJhIjoxfQ", "A" * 5000],
    ids=lambda each: each[:9],
)
async def test_garbage_is_refused_and_breaks_nothing(
    reader: Reader, erika: Somebody, passkey: SoftwarePasskey, garbage: str
) -> None:
    for part in ("clientDataJSON", "authenticatorData", "signature", "userHandle", "id"):
        answer = passkey.used(await asked(reader))
        inside = answer["credential"] if part == "id" else answer["credential"]["response"]
        inside[part] = garbage
        assert is_refused(await send(reader, "/anmelden/passkey", answer)), part
    await reader.sign_in(erika)
    for part in ("clientDataJSON", "attestationObject", "id"):
        answer = SoftwarePasskey().made(await asked(reader, "/konto/passkeys/aufgabe"))
        inside = answer["credential"] if part == "id" else answer["credential"]["response"]
        inside[part] = garbage
        assert is_refused(await send(reader, "/konto/passkeys", answer)), part


ODD = [
    {},
    [],
    None,
    {"fmt": "none", "attStmt": {}, "authData": 7},
    {"fmt": 7, "attStmt": [], "authData": b"x" * 37},
    {"fmt": "none", "attStmt": {}, "authData": b"x" * 300},
]
ODD_KEYS = [{}, [], 7, {1: 2}, {1: 2, 3: -7}, {1: 2, 3: -7, -1: 1, -2: 5, -3: None}, {1: 9, 3: 9}]


@pytest.mark.parametrize("odd", ODD, ids=repr)
async def test_an_odd_attestation_breaks_nothing(
    reader: Reader, erika: Somebody, odd: object
) -> None:
    await reader.sign_in(erika)
    answer = SoftwarePasskey().made(await asked(reader, "/konto/passkeys/aufgabe"))
    answer["credential"]["response"]["attestationObject"] = base64url(cbor2.dumps(odd))
    assert is_refused(await send(reader, "/konto/passkeys", answer))


@pytest.mark.parametrize("odd", ODD_KEYS, ids=repr)
async def test_an_odd_public_key_breaks_nothing(
    reader: Reader, erika: Somebody, monkeypatch: pytest.MonkeyPatch, odd: object
) -> None:
    await reader.sign_in(erika)
    passkey = SoftwarePasskey()
    monkeypatch.setattr(passkey, "_cose_key", lambda: cbor2.dumps(odd))
    made = passkey.made(await asked(reader, "/konto/passkeys/aufgabe"))
    answer = await send(reader, "/konto/passkeys", made)
    assert is_refused(answer) or answer.is_success
    if answer.is_success:  # a key that opens nothing
        assert is_refused(await sign_in(reader, passkey))


@pytest.mark.parametrize("odd", [[], 1, None, {}, {"type": 1}, {"type": "webauthn.get"}], ids=repr)
async def test_odd_client_data_breaks_nothing(
    reader: Reader, passkey: SoftwarePasskey, odd: object
) -> None:
    answer = passkey.used(await asked(reader))
    told = base64url(json.dumps(odd).encode())
    answer["credential"]["response"]["clientDataJSON"] = told
    assert is_refused(await send(reader, "/anmelden/passkey", answer))
