"""The whole OpenAPI document, called by schemathesis: at a till, in an office, signed out.

Whatever is sent, the answer must be one that the document names, by its status, media type,
headers and schema, and never a 5xx; what the document calls wrong must be refused. Most ids
that are sent are those of things that exist, so that requests get past »there is no such
thing«.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

import httpx
import pytest
import schemathesis
from anyio.from_thread import start_blocking_portal
from api_fixtures import Clock, app_on, started
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from whole_document import Caller, Send, World, furnished

from gutschein.db.unit_of_work import Database

SEED = 20261205
#: Requests with all that an operation asks for, of each caller.
SENSIBLE = 5
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]

#: What need not be answered with success here: it wants a device's signature, or what was
#: furnished is used up before. What comes of it then is told by the tests of their packages.
NEEDS_MORE = {
    "POST /api/v1/devices",
    "GET /api/v1/device",
    "GET /api/v1/device/day",
    "GET /api/v1/device/day.csv",
    "GET /api/v1/device/claims",
    "POST /api/v1/claims",
    "POST /api/v1/towns/{town_id}/issuing-points/{point_id}/look-ups",
    "POST /api/v1/towns/{town_id}/issuing-points/{point_id}/stock",
    "POST /api/v1/device/cashier",
    "POST /api/v1/device/cashier/end",
    "POST /api/v1/sales",
    "POST /api/v1/redemptions/{redemption_id}/reversal",
    "POST /api/v1/regions/{region_id}/nettings",
    "POST /api/v1/towns/{town_id}/bank-statements",
    "POST /api/v1/towns/{town_id}/deposits/{deposit_id}/assignments",
    "POST /api/v1/towns/{town_id}/merchants/{merchant_id}/payout-account-requests",
    "POST /api/v1/towns/{town_id}/approvals/{request_id}/rejection",
    "POST /api/v1/towns/{town_id}/approvals/{request_id}/retraction",
}


class Tried(NamedTuple):
    """One request: who sent it to which operation, and what was wrong with the answer."""

    who: str
    label: str
    status: int
    faults: tuple[str, ...]


@contextmanager
def running(database_url: str, clock: Clock) -> Iterator[Send]:
    """Run the service in a loop of its own, beside the test's thread."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(started(app_on(database_url, clock))) as client,
    ):

        def send(request: httpx.Request) -> httpx.Response:
            answer: httpx.Response = portal.call(client.send, request)
            return answer

        yield send


def tried(world: World, who: str, send: Send) -> Iterator[Tried]:
    """Try every operation of the document."""
    schema = schemathesis.openapi.from_dict(world.document)
    # Whoever has no credential makes one up.
    schema.config.generation.with_security_parameters = who == "nobody"
    for result in schema.get_all_operations():
        operation, shut_out = result.ok(), False
        for count, cases in attempts(operation, world):
            # Whoever is not let in gets no further, whatever they send: one of each kind will do.
            found = answers(Caller(world, who, send), 1 if shut_out else count, cases)
            statuses = {status for status, _ in found}
            shut_out |= count == SENSIBLE and bool(statuses) and statuses <= {401, 403}
            for status, faults in found:
                yield Tried(who, operation.label, status, faults)


def attempts(operation: APIOperation, world: World) -> Iterator[tuple[int, SearchStrategy[Any]]]:
    """Yield how many requests of which kind to try."""
    ids = world.ids_in(operation.path)
    if operation.label in world.examples:
        body = world.examples[operation.label]
        yield 1, operation.as_strategy(path_parameters=ids, body=body)
    yield SENSIBLE, operation.as_strategy(path_parameters=ids)
    if operation.body or operation.query:
        yield 8, operation.as_strategy(GenerationMode.NEGATIVE, path_parameters=ids)
    if ids:
        yield 2, operation.as_strategy()
        yield 2, operation.as_strategy(GenerationMode.NEGATIVE)


def answers(
    caller: Caller, count: int, cases: SearchStrategy[Any]
) -> list[tuple[int, tuple[str, ...]]]:
    """Return status and faults of the answers to some requests."""
    found: list[tuple[int, tuple[str, ...]]] = []

    @seed(SEED)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def try_it(case: schemathesis.Case) -> None:
        answer = caller.answer(case)
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as failures:
            found.append((answer.status_code, (str(failures),)))
        else:
            found.append((answer.status_code, ()))

    with suppress(Unsatisfiable):  # where any text will do, none is wrong
        try_it()
    return found


@pytest.fixture
async def world(fresh_database_url: str, fresh_database: Database) -> World:
    async with furnished(fresh_database_url, fresh_database) as world:
        return world


@pytest.mark.slow
def test_the_service_answers_as_it_is_described(world: World, fresh_database_url: str) -> None:
    with running(fresh_database_url, world.clock) as send:
        all_tried = [
            each for who in ("till", "office", "nobody") for each in tried(world, who, send)
        ]
    faults = {(each.who, each.label, each.status): each.faults for each in all_tried if each.faults}
    assert not faults, "\n\n".join(f"{place}: {said[0]}" for place, said in faults.items())
    reached = {each.label for each in all_tried if 200 <= each.status < 300}
    unreached = {each.label for each in all_tried} - reached - NEEDS_MORE
    assert not unreached, {
        (each.who, each.label, each.status) for each in all_tried if each.label in unreached
    }
    assert {each.status for each in all_tried if each.who == "nobody"} <= {200, 400, 401, 404, 422}


def test_an_answer_that_is_not_described_is_noticed(database_url: str, clock: Clock) -> None:
    with running(database_url, clock) as send:
        document = send(httpx.Request("GET", "http://test/schema/openapi.json")).json()
        live = {"/health/live": document["paths"]["/health/live"]}
        del live["/health/live"]["get"]["responses"]["200"]
        world = World(clock, {**document, "paths": live}, {}, {}, {"nobody": {}})
        (found,) = tried(world, "nobody", send)
    assert found.status == 200
    assert "Undocumented status code" in found.faults[0]
