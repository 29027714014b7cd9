"""The error codes, described where a problem's ``type`` points."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get
from litestar.params import FromPath
from msgspec import Struct

from gutschein.kernel.error_texts import ERROR_TEXTS
from gutschein.kernel.errors import Refusal
from gutschein.web.answers import answers
from gutschein.web.fields import known_as
from gutschein.web.guard import PUBLIC
from gutschein.web.problem import ERRORS_PATH

German = Annotated[str, known_as("{…} stands for a fact of the case.", "Kein Guthaben mehr.")]
English = Annotated[str, known_as("{…} stands for a fact of the case.", "No balance left.")]


class ErrorCode(Struct, frozen=True, kw_only=True):
    """A code that problems carry: what staff read, and what the public reads."""

    code: Annotated[str, known_as("Stable, one HTTP status each.", "voucher.empty")]
    status: Annotated[int, known_as("HTTP status.", 409)]
    staff_de: German
    staff_en: English
    public_de: German
    public_en: English


class ErrorCodes(Struct, frozen=True):
    """All codes, in the order of the table in the source."""

    errors: list[ErrorCode]


@get("/")
async def list_errors() -> ErrorCodes:
    """List every error code with its words."""
    return ErrorCodes([_described(code) for code in ERROR_TEXTS])


@get("/{code:str}", responses=answers("request.not_found"))
async def get_error(code: FromPath[str]) -> ErrorCode:
    """Describe one error code."""
    if code not in ERROR_TEXTS:
        raise Refusal("request.not_found")
    return _described(code)


def _described(code: FromPath[str]) -> ErrorCode:
    text = ERROR_TEXTS[code]
    return ErrorCode(
        code=code,
        status=text.status,
        staff_de=text.staff_de,
        staff_en=text.staff_en,
        public_de=text.public_de,
        public_en=text.public_en,
    )


router = Router(
    ERRORS_PATH, route_handlers=[list_errors, get_error], tags=["Errors"], opt=dict(PUBLIC)
)
