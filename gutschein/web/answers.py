"""What a route answers: made or found, and the codes it may refuse with."""

from __future__ import annotations

import re
from typing import TypeVar

from litestar import Response
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example

from gutschein.kernel.error_texts import ERROR_TEXTS
from gutschein.web.problem import ERRORS_PATH, PROBLEM_MEDIA_TYPE, Problem, title_of

T = TypeVar("T")

_PLACE = re.compile(r"\{\w+\}")


def made_or_found(thing: T, location: str, *, made: bool) -> Response[T]:
    """Answer 201 when the call made *thing*, 200 when it was there with the same data."""
    return Response(thing, status_code=201 if made else 200, headers={"location": location})


def answers(*codes: str, found: type | None = None) -> dict[int, ResponseSpec]:
    """Describe a route's answers beside its first: the error *codes* of its subject, and
    what a repeated call finds. Codes that follow from the form of a route (no token, an
    unreadable body, a busy service) are added by :mod:`gutschein.web.openapi`.
    """
    specs: dict[int, ResponseSpec] = {}
    if found is not None:
        specs[200] = ResponseSpec(
            found, generate_examples=False, description="It was there, with the same data."
        )
    for code in codes:
        spec = specs.setdefault(
            ERROR_TEXTS[code].status,
            ResponseSpec(
                Problem,
                generate_examples=False,
                media_type=PROBLEM_MEDIA_TYPE,
                description=title_of(ERROR_TEXTS[code].status, "en"),
                examples=[],
            ),
        )
        if spec.examples is not None:
            spec.examples.append(Example(id=code, value=example_of(code)))
    return specs


def example_of(code: str) -> dict[str, str | int]:
    """Return the problem document of *code*, with … for the facts of the case."""
    text = ERROR_TEXTS[code]
    return {
        "type": f"{ERRORS_PATH}/{code}",
        "title": title_of(text.status, "de"),
        "status": text.status,
        "detail": _PLACE.sub("…", text.staff_de),
        "code": code,
    }
