from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from api_fixtures import Api
from route_table import PUBLIC

from gutschein.kernel.error_texts import ERROR_TEXTS


@pytest.fixture
async def document(api: Api) -> dict[str, Any]:
    response = await api.get("/schema/openapi.json")
    assert response.headers["content-type"].startswith("application/vnd.oai.openapi+json")
    return dict(response.json())


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            yield path, operation


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for each in part.values():
            yield from references(each)
    elif isinstance(part, list):
        for each in part:
            yield from references(each)


async def test_it_says_what_it_describes(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "Gutschein"
    assert document["servers"] == [{"url": "http://127.0.0.1:8000"}]
    assert document["components"]["securitySchemes"].keys() == {"session", "api_key", "device"}
    named = {tag["name"] for tag in document["tags"]}
    assert {tag for _, operation in operations(document) for tag in operation["tags"]} == named


async def test_every_reference_leads_to_a_schema_and_every_schema_is_used(
    document: dict[str, Any],
) -> None:
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) == known


async def test_every_operation_is_whole(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    for path, operation in operations(document):
        assert operation["summary"], path
        declared = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
        assert declared == set(re.findall(r"\{(\w+)\}", path))
        statuses = set(operation["responses"])
        assert any(status.startswith("2") for status in statuses)
        assert "500" in statuses
        assert (path in PUBLIC) or ({"401", "503"} <= statuses and operation["security"])
        assert ("requestBody" in operation) is (statuses >= {"400", "413", "422"})


async def test_every_object_has_an_example_of_all_it_must_have(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        (example,) = schema["examples"]
        assert set(schema["required"]) <= set(example) <= set(schema["properties"]), name


async def test_problems_are_examples_of_codes_under_their_status(document: dict[str, Any]) -> None:
    for _, operation in operations(document):
        for status, response in operation["responses"].items():
            if status.startswith("2"):
                continue
            if status == "304":
                continue
            (content_type,) = response["content"]
            assert content_type == "application/problem+json"
            for code, example in response["content"][content_type]["examples"].items():
                assert example["value"]["code"] == code
                assert example["value"]["status"] == ERROR_TEXTS[code].status == int(status)
                assert "{" not in example["value"]["detail"]


async def test_what_follows_from_the_form_of_a_route_is_described(document: dict[str, Any]) -> None:
    for path, operation in operations(document):
        responses = operation["responses"]
        assert responses.keys() >= {"414", "431"}, path
        if "security" in operation:
            assert responses["401"]["headers"]["WWW-Authenticate"]["required"]
            assert responses["429"]["headers"]["Retry-After"]["required"]
        if responses.keys() >= {"200", "201"}:
            assert all("Location" in responses[made]["headers"] for made in ("200", "201"))
        for parameter in operation.get("parameters", []):
            by_id = parameter["in"] == "path" and parameter["schema"].get("format") == "uuid"
            assert ("404" if by_id else "422") in responses or parameter["in"] == "path"
