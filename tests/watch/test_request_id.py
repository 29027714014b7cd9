from __future__ import annotations

import re

import pytest

from gutschein.watch.request_id import answering, id_of, request_id

TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"


def asked(traceparent: str | None) -> dict[str, object]:
    given = [] if traceparent is None else [(b"traceparent", traceparent.encode())]
    return {"headers": [(b"host", b"example.org"), *given]}


@pytest.mark.parametrize("text", [f"00-{TRACE}-{SPAN}-01", f"cc-{TRACE}-{SPAN}-01-what-will-be"])
def test_a_request_has_the_id_that_its_caller_gave_it(text: str) -> None:
    assert id_of(asked(text)) == TRACE


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        f"ff-{TRACE}-{SPAN}-01",  # Trace Context: an invalid version
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}\n-{SPAN}-01",
        f"00-{TRACE}",
    ],
)
def test_else_it_has_one_of_its_own_that_stays(text: str | None) -> None:
    scope = asked(text)
    made = id_of(scope)
    assert re.fullmatch("[0-9a-f]{32}", made)
    assert made not in {TRACE, TRACE.upper(), "0" * 32}
    assert id_of(scope) == made
    assert id_of(asked(text)) != made


def test_a_line_outside_of_requests_has_none() -> None:
    assert request_id() is None
    answering(asked(f"00-{TRACE}-{SPAN}-00"))
    assert request_id() == TRACE
    answering(None)
