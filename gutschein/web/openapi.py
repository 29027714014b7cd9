"""The API's own description: OpenAPI 3.1 at ``/schema/openapi.json``.

Litestar describes the routes. Put right here: the schemas are msgspec's own, since
msgspec is what decides; every schema carries a whole example, put together from those of
its fields; and every route lists the problems that follow from its form.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import msgspec
from litestar import Litestar, Request, Router
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme, Server, Tag
from litestar.routes import HTTPRoute

import gutschein
from gutschein.kernel.error_texts import ERROR_TEXTS
from gutschein.web.answers import example_of
from gutschein.web.guard import CSRF_HEADER, PUBLIC
from gutschein.web.problem import PROBLEM_MEDIA_TYPE, Problem, title_of
from gutschein.web.rights import RIGHTS, TECHNICAL, Right, Role, Scope

_NULL = {"type": "null"}
_PLAIN: dict[str | None, Any] = {
    "boolean": True,
    "integer": 0,
    "number": 0,
    "uuid": "01938f6e-5c00-7cc3-98c4-dc0c0c07398f",
    "date": "2026-12-01",
    "date-time": "2026-12-01T08:30:00Z",
}
_REFERENCE = "#/components/schemas/"
_OF_ALL = ("request.url_too_long", "request.headers_too_large", "service.failed", "service.busy")
_OF_GUARDED = ("auth.required", "session.ended", "right.missing", "limit.rate")
_OF_DEVICES = (
    "device.unknown",
    "device.signature",
    "device.replayed",
    "device.clock",
    "device.locked",
)
_OF_BODIES = (
    "request.malformed",
    "request.timeout",
    "request.too_large",
    "request.invalid",
)


def _header(description: str, **schema: Any) -> dict[str, Any]:
    return {"description": description, "required": True, "schema": schema}


#: Headers that answers of a status always carry.
_HEADERS = {
    "401": {"WWW-Authenticate": _header("The scheme of API keys (RFC 6750).", type="string")},
    "429": {"Retry-After": _header("Seconds to wait.", type="integer", minimum=1)},
}
_LOCATION = {"Location": _header("Where the thing is.", type="string", format="uri-reference")}


def openapi_config(public_url: str, tags: dict[str, str]) -> OpenAPIConfig:
    """Describe the API as a whole; *tags* are its subjects with a sentence each."""
    return OpenAPIConfig(
        title="Gutschein",
        version=gutschein.__version__,
        description="Clearing for regions of German city vouchers. Amounts are integer euro "
        "cents, instants are UTC, days are those of Europe/Berlin.",
        servers=[Server(url=public_url)],
        tags=[Tag(name=name, description=text) for name, text in tags.items()],
        components=Components(
            security_schemes={
                "session": SecurityScheme(
                    type="apiKey",
                    name="sitzung",
                    security_scheme_in="cookie",
                    description="A person's session, begun on the sign-in page. Behind https the "
                    "cookie is `__Host-sitzung`. What changes anything sends the session's "
                    f"token beside it, in the header `{CSRF_HEADER}`.",
                ),
                "api_key": SecurityScheme(
                    type="http",
                    scheme="bearer",
                    bearer_format="gsk",
                    description="The API key of a cash register.",
                ),
                "device": SecurityScheme(
                    type="http",
                    scheme="signature",
                    description="A paired device's signature (RFC 9421).",
                ),
            }
        ),
        use_handler_docstrings=True,
        operation_id_creator=lambda handler, *_: handler.handler_name,
        render_plugins=[_Document()],
        openapi_router=Router(
            "/schema", route_handlers=[], opt=dict(PUBLIC), include_in_schema=False
        ),
    )


class _Document(JsonRenderPlugin):
    """Serve the finished document, made at the first request."""

    def __init__(self) -> None:
        super().__init__(path="/openapi.json")
        self._encoded = b""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        self._encoded = self._encoded or msgspec.json.encode(finish(openapi_schema, request.app))
        return self._encoded


def finish(document: dict[str, Any], app: Litestar) -> dict[str, Any]:
    """Put Litestar's *document* of *app* right, in place; see the module."""
    operations = {handler.handler_name: handler for handler in described_handlers(app)}
    for path in document["paths"].values():
        for operation in path.values():
            _finish_operation(operation, operations[operation["operationId"]])
    schemas = _schemas(operations.values())
    document["components"]["schemas"] = schemas
    for schema in schemas.values():
        if schema.get("type") == "object":
            schema["examples"] = [example_of_schema(schema, schemas)]
    return document


def described_handlers(app: Litestar) -> Iterator[HTTPRouteHandler]:
    """Yield the handlers that stand in the document."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if handler.resolve_include_in_schema():
                    yield handler


def example_of_schema(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """Put an example together from those of the parts of a JSON Schema.

    What may be null and has no example of its own is left out, or null where it must be.
    A plain value without an example gets one of its type: the auditor's report, which must
    not know us, has none.
    """
    if "examples" in schema:
        return schema["examples"][0]
    if "$ref" in schema:
        return example_of_schema(schemas[schema["$ref"].removeprefix(_REFERENCE)], schemas)
    if schema.get("default") is not None or _NULL in schema.get("anyOf", ()):
        return schema.get("default")
    if schema.get("type") == "array":
        return [example_of_schema(schema["items"], schemas)]
    if schema.get("type") == "object":
        parts: dict[str, Any] = schema.get("properties", {})
        given = {name: example_of_schema(part, schemas) for name, part in parts.items()}
        required = schema.get("required", ())
        return {name: part for name, part in given.items() if part is not None or name in required}
    return _plain_example(schema)


def _plain_example(schema: dict[str, Any]) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    return _PLAIN.get(schema.get("format") or schema.get("type"), "…")


def _finish_operation(operation: dict[str, Any], handler: HTTPRouteHandler) -> None:
    docstring = operation["description"]
    operation["summary"] = docstring.partition("\n")[0].removesuffix(".")
    responses = operation["responses"]
    # Litestar's own form of a validation error, which our handlers never send.
    if "application/json" in responses.get("400", {}).get("content", {}):
        del responses["400"]
    for example in _examples(responses):
        example.pop("id", None)  # Litestar's own; OpenAPI knows no such member
    if not handler.opt.get("public"):
        operation["security"] = _security(Right(handler.opt["right"]))
    for code in _codes_of_form(operation, handler):
        _add_problem(responses, code)
    repeatable = {"200", "201"} <= responses.keys()
    for status, response in responses.items():
        headers = _LOCATION if repeatable and status < "300" else _HEADERS.get(status, {})
        response["headers"] = {**response.get("headers", {}), **headers}
        for media_type, content in response.get("content", {}).items():
            # Of a file there is nothing more to say (OpenAPI 3.1, section 4.8.14.3).
            if "json" not in media_type:
                content.pop("schema", None)


def _codes_of_form(operation: dict[str, Any], handler: HTTPRouteHandler) -> Iterator[str]:
    """Yield the codes that follow from what a route takes, and from who may call it."""
    yield from _OF_ALL
    ways = {name for way in operation.get("security", ()) for name in way}
    if ways:
        yield from _OF_GUARDED
    if "session" in ways and "GET" not in handler.http_methods:
        yield "session.csrf"
    if "device" in ways:
        yield from _OF_DEVICES
    if "requestBody" in operation:
        yield from _OF_BODIES
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "query":
            yield "request.invalid"
        elif parameter["schema"].get("format"):
            yield "request.not_found"


def _add_problem(responses: dict[str, Any], code: str) -> None:
    status = ERROR_TEXTS[code].status
    response = responses.setdefault(
        str(status),
        {
            "description": title_of(status, "en"),
            "content": {PROBLEM_MEDIA_TYPE: {"schema": {"$ref": f"{_REFERENCE}Problem"}}},
        },
    )
    examples = response["content"][PROBLEM_MEDIA_TYPE].setdefault("examples", {})
    examples[code] = {"value": example_of(code)}


def _security(right: Right) -> list[dict[str, list[str]]]:
    """Return the credentials that a right can be shown with; any one of them will do."""
    rule = RIGHTS[right]
    ways = {"session": bool(rule.roles - TECHNICAL) or rule.scope is Scope.SELF}
    ways |= {"device": Role.DEVICE in rule.roles, "api_key": Role.REGISTER in rule.roles}
    return [{name: []} for name, fits in ways.items() if fits]


def _examples(responses: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for response in responses.values():
        for content in response.get("content", {}).values():
            yield from content.get("examples", {}).values()


def _schemas(handlers: Any) -> dict[str, Any]:
    """Return msgspec's JSON Schemas of everything the handlers take and give."""
    kinds: list[Any] = [Problem]
    for handler in handlers:
        if handler.parsed_data_field is not None:
            kinds.append(handler.parsed_data_field.annotation)
        given = handler.parsed_return_field.annotation
        kinds += [kind for kind in get_args(given) or (given,) if _is_struct(kind)]
        kinds += [
            spec.data_container
            for spec in (handler.responses or {}).values()
            if _is_struct(spec.data_container)
        ]
    _, components = msgspec.json.schema_components(
        dict.fromkeys(kinds), ref_template=_REFERENCE + "{name}"
    )
    return components


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)
