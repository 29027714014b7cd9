from __future__ import annotations

import logging

import asyncpg
import httpx
import pytest
from api_fixtures import Api, Clock, app_on, code_of, fresh_id, started
from litestar import get
from sqlalchemy.engine import make_url

from gutschein.kernel.error_texts import ERROR_TEXTS
from gutschein.kernel.errors import Refusal
from gutschein.web.guard import PUBLIC


async def test_a_problem_reads_as_rfc_9457_has_it(api: Api) -> None:
    town_id = fresh_id()
    response = await api.get(f"/api/v1/regions/{town_id}")
    assert response.status_code == 403
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["content-language"] == "de"
    assert response.headers["vary"] == "Accept-Language"
    assert response.json() == {
        "type": "/api/v1/errors/right.missing",
        "title": "Nicht erlaubt",
        "status": 403,
        "detail": "Dafür fehlt hier das Recht. Die Verwaltung der Stadt kann es erteilen.",
        "code": "right.missing",
    }


async def test_its_words_are_in_the_callers_language(api: Api) -> None:
    response = await api.client.get("/nowhere", headers={"accept-language": "en-GB, de;q=0.5"})
    assert response.headers["content-language"] == "en"
    assert response.json()["title"] == "Not found"
    assert response.json()["detail"] == "This address does not exist."


async def test_its_type_leads_to_the_words_of_its_code(anonymous: httpx.AsyncClient) -> None:
    listed = (await anonymous.get("/api/v1/errors")).json()["errors"]
    assert [each["code"] for each in listed] == list(ERROR_TEXTS)
    for each in listed:
        response = await anonymous.get(f"/api/v1/errors/{each['code']}")
        assert response.json() == each
    assert code_of(await anonymous.get("/api/v1/errors/no.such")) == "request.not_found"


async def answer_to(error: Exception, database_url: str) -> httpx.Response:
    """What a caller gets when a handler raises *error*."""

    @get("/raising", opt=dict(PUBLIC))
    async def fail() -> None:
        raise error

    app = app_on(database_url, Clock())
    app.register(fail)
    async with started(app) as client:
        return await client.get("/raising")


async def test_the_facts_of_the_case_stand_beside_the_words(database_url: str) -> None:
    refusal = Refusal("voucher.insufficient", balance_cents=1_250)
    problem = (await answer_to(refusal, database_url)).json()
    assert problem["balance_cents"] == 1_250
    assert problem["detail"].startswith("Guthaben 12,50 €.")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
async def test_a_method_that_is_not_there_names_those_that_are(api: Api, method: str) -> None:
    response = await api.client.request(method, "/api/v1/regions")
    assert (response.status_code, code_of(response)) == (405, "request.method")
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD", "POST", "OPTIONS"}


async def test_options_says_what_may_be_done(api: Api) -> None:
    response = await api.client.options("/api/v1/regions")
    assert response.status_code == 204
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD", "POST", "OPTIONS"}


async def test_a_query_that_does_not_fit_is_refused(api: Api) -> None:
    response = await api.get("/api/v1/towns?region_id=Erzgebirge")
    assert (response.status_code, code_of(response)) == (422, "request.invalid")
    assert response.json()["errors"][0]["path"] == "region_id"


async def test_what_nobody_expected_is_logged_and_not_told(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    response = await answer_to(RuntimeError("the secret of the house"), database_url)
    assert (response.status_code, code_of(response)) == (500, "service.failed")
    assert "secret" not in response.text
    assert "RuntimeError" not in response.text
    logged = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.getMessage() for record in logged] == ["unexpected error at GET /raising"]
    assert "the secret of the house" in caplog.text


async def test_a_database_that_drops_its_connections_is_busy_and_then_back(
    fresh_database_url: str, server_url: str, clock: Clock
) -> None:
    async with started(app_on(fresh_database_url, clock)) as client:
        assert (await client.get("/health/ready")).status_code == 200
        await terminate_all(server_url, str(make_url(fresh_database_url).database))
        response = await client.get("/health/ready")
        assert (response.status_code, code_of(response)) == (503, "service.busy")
        assert response.headers["retry-after"] == "1"
        assert (await client.get("/health/ready")).status_code == 200


async def terminate_all(server_url: str, database: str) -> None:
    """End every connection of a database, and wait until the server has."""
    connection = await asyncpg.connect(server_url)
    ended = await connection.fetch(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", database
    )
    await connection.close()
    assert ended
