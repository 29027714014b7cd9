from __future__ import annotations

import logging

import httpx
import pytest
from api_fixtures import Api, Clock, fresh_id
from everybody import ANNA, Everybody
from furniture import furnish

REGIONS = "/api/v1/regions"


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    # Another test may have set what the caller's own library logs. What is set last counts
    # for the fixture itself.
    caplog.set_level(logging.ERROR, "httpx")
    caplog.set_level(logging.INFO, "gutschein.web.refusal_log")
    return caplog


async def test_whoever_lacks_a_right_is_named_with_the_route(
    api: Api, clock: Clock, everybody: Everybody, lines: pytest.LogCaptureFixture
) -> None:
    town_id = (await furnish(api, clock))["town_id"]
    lines.clear()
    key = await everybody.key_of(await everybody._shop(b""))
    till = {"authorization": f"Bearer {key}"}
    answer = await api.client.get(f"/api/v1/towns/{town_id}/payments/{fresh_id()}", headers=till)
    assert answer.status_code == 403
    (line,) = lines.messages
    assert line.startswith("refused right.missing: api_key ")
    assert line.endswith(" at GET /api/v1/towns/{town_id}/payments/{payment_id}")
    assert lines.records[0].levelno == logging.WARNING
    assert key not in line


async def test_what_somebody_known_does_wrong_is_told_without_what_they_sent(
    api: Api, lines: pytest.LogCaptureFixture
) -> None:
    assert (await api.post(REGIONS, {"name": "", "geheim": "Geheim"})).status_code == 422
    assert lines.messages == [f"refused request.invalid: person {ANNA} at POST {REGIONS}"]
    assert lines.records[0].levelno == logging.INFO


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"authorization": "Bearer gsk_geraten"}, "auth.required"),
        ({"cookie": "sitzung=geraten"}, "session.ended"),
        ({"signature": "geraten", "signature-input": "geraten"}, "device.signature"),
    ],
)
async def test_a_credential_that_is_not_genuine_is_told_and_not_repeated(
    anonymous: httpx.AsyncClient,
    lines: pytest.LogCaptureFixture,
    headers: dict[str, str],
    code: str,
) -> None:
    assert (await anonymous.get(REGIONS, headers=headers)).status_code == 401
    assert lines.messages == [f"refused {code}: somebody unknown at GET {REGIONS}"]


async def test_a_form_of_another_site_is_told(
    api: Api, everybody: Everybody, lines: pytest.LogCaptureFixture
) -> None:
    cookie = {"cookie": f"sitzung={await everybody.session_of(ANNA)}"}
    answer = await api.client.post(REGIONS, json={"name": "Erzgebirge"}, headers=cookie)
    assert answer.status_code == 403
    assert lines.messages == [f"refused session.csrf: person {ANNA} at POST {REGIONS}"]


async def test_a_passer_by_leaves_no_line(
    anonymous: httpx.AsyncClient, lines: pytest.LogCaptureFixture
) -> None:
    for path in (REGIONS, "/nowhere%0A%0Drefused right.missing", "/api/v1/errors/nothing"):
        assert (await anonymous.get(path)).status_code in {401, 404}
    assert lines.messages == []
