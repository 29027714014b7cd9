from __future__ import annotations

import contextlib
from typing import Annotated, Any

import msgspec
import pytest
from api_fixtures import started
from everybody import ANNA, COOKIE, Everybody
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar

from gutschein.identity.sessions import csrf_token
from gutschein.kernel.errors import Refusal
from gutschein.web.body import read_json
from gutschein.web.fields import AmountCents, Input, NewThing
from gutschein.web.problem import FieldRefusal


class Line(Input, frozen=True):
    amount_cents: AmountCents


class Sale(NewThing, frozen=True, kw_only=True):
    name: Annotated[str, msgspec.Meta(max_length=5)] = "Markt"
    total_cents: AmountCents | None = None
    values_cents: list[AmountCents] = msgspec.field(default_factory=list)
    lines: list[Line] = msgspec.field(default_factory=list)


@pytest.mark.parametrize(
    ("body", "code", "path"),
    [
        ('{"total_cents": 12.50}', "amount.invalid", "total_cents"),
        ('{"values_cents": [1, 0]}', "amount.invalid", "values_cents[1]"),
        ('{"values_cents": 1}', "amount.invalid", "values_cents"),
        ('{"lines": [{"amount_cents": "5"}]}', "amount.invalid", "lines[0].amount_cents"),
        ('{"lines": [{"amount_cents": null}]}', "amount.invalid", "lines[0].amount_cents"),
        ('{"lines": [{}]}', "request.invalid", "lines[0].amount_cents"),
        ('{"lines": [{"amount_cents": 1, "x": 2}]}', "request.invalid", "lines[0].x"),
        ('{"lines": [3]}', "request.invalid", "lines[0]"),
        ('{"name": "Marktplatz"}', "request.invalid", "name"),
        ('{"naem": "Markt"}', "request.invalid", "naem"),
        ('{"id": "6ba7b810-9dad-11d1-80b4-00c04fd430c8"}', "request.invalid", "id"),
        ('{"id": "7"}', "request.invalid", "id"),
        ("[]", "request.invalid", ""),
    ],
)
def test_a_refusal_names_the_field(body: str, code: str, path: str) -> None:
    with pytest.raises(FieldRefusal) as refused:
        read_json(body.encode(), Sale)
    assert (refused.value.code, refused.value.errors[0].path) == (code, path)
    assert "`$" not in refused.value.errors[0].reason
    assert refused.value.message("de")


@given(st.binary(max_size=40) | st.text(alphabet='{}[]":,0123456789.eE-+namects_').map(str.encode))
def test_whatever_is_sent_is_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(Refusal):
        assert isinstance(read_json(body, Sale), Sale)


@given(st.integers() | st.floats() | st.text() | st.booleans() | st.none())
def test_an_amount_is_a_json_integer_of_1_to_2_53_minus_1(value: object) -> None:
    body = msgspec.json.encode({"amount_cents": value})
    if type(value) is int and 1 <= value < 2**53:
        assert read_json(body, Line).amount_cents == value
    else:
        with pytest.raises(FieldRefusal) as refused:
            read_json(body, Line)
        assert refused.value.code == "amount.invalid"


def test_the_name_of_an_unknown_field_is_cut_short() -> None:
    with pytest.raises(FieldRefusal) as refused:
        read_json(msgspec.json.encode({"x" * 10_000: 1}), Sale)
    assert len(refused.value.errors[0].path) == 200
    assert len(refused.value.errors[0].reason) < 100


async def test_a_body_that_breaks_off_is_not_read(app: Litestar, everybody: Everybody) -> None:
    """A till that loses its network half way is no mistake of ours."""
    token = await everybody.session_of(ANNA)
    proof = csrf_token(token)
    sent: list[Any] = []
    pieces = iter(
        [{"type": "http.request", "body": b'{"na', "more_body": True}, {"type": "http.disconnect"}]
    )

    async def receive() -> Any:
        return next(pieces)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "method": "POST",
        "path": "/api/v1/regions",
        "query_string": b"",
        "headers": [(b"cookie", f"{COOKIE}={token}".encode()), (b"x-csrf-token", proof.encode())],
    }
    async with started(app):
        await app(scope, receive, send)  # type: ignore[arg-type]
    assert sent[0]["status"] == 400
