"""Read bodies strictly, JSON and where it is taken CBOR: what is not as the schema says is refused.

Litestar reads JSON into plain values first and then converts with leniency, which lets
``"10"`` pass as the number 10. Here msgspec decodes the bytes straight into the type of
the handler: an amount is a JSON integer or nothing, and unknown fields are refused.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import cbor2
import msgspec
from litestar import Request
from litestar.exceptions import InternalServerException

from gutschein.kernel.errors import Refusal
from gutschein.kernel.money import LARGEST_AMOUNT_CENTS
from gutschein.web.cbor import sends_cbor
from gutschein.web.problem import FieldError, FieldRefusal, invalid

_PATH_CHARACTERS_MAX = 200
_MESSAGE = re.compile(r"(?P<reason>.*?)(?: - at `(?:key in )?\$\.?(?P<path>.*)`)?", re.DOTALL)
_FIELD_NAMED = re.compile(r"(?:unknown|required|in) field `(?P<name>.*)`", re.DOTALL)
_AMOUNT = re.compile(r"(?:.*\.)?[^.]*_cents(?:\[(?:\d+|\.\.\.)\])*", re.DOTALL)


class StrictRequest(Request[Any, Any, Any]):
    """A request whose body is decoded into the handler's own type."""

    async def body(self) -> bytes:
        """Return the whole body.

        :raises Refusal: ``request.malformed`` when the caller goes before it is sent.
        """
        try:
            return await super().body()
        except InternalServerException as error:
            raise Refusal("request.malformed") from error

    async def json(self) -> Any:
        """Return the body as the type of the handler's ``data``.

        :raises Refusal: ``request.malformed``, ``request.invalid`` with the field, or
            ``amount.invalid`` when the field is an amount.
        """
        field = self.route_handler.parsed_data_field
        kind = Any if field is None else field.annotation
        return (read_cbor if sends_cbor(self) else read_json)(await self.body(), kind)


def read_json(body: bytes, kind: Any) -> Any:
    """Decode *body* as *kind*; see :meth:`StrictRequest.json`."""
    try:
        return _decoder(kind).decode(body)
    except msgspec.ValidationError as error:
        raise _refusal_for(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal("request.malformed") from error


def read_cbor(body: bytes, kind: Any) -> Any:
    """Decode *body* as *kind*, as strictly as JSON."""
    try:
        plain = cbor2.loads(body)
    except (cbor2.CBORDecodeError, ValueError, RecursionError) as error:
        raise Refusal("request.malformed") from error
    try:
        return msgspec.convert(plain, kind, strict=True)
    except msgspec.ValidationError as error:
        raise _refusal_for(str(error)) from error


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, strict=True)


def _refusal_for(message: str) -> FieldRefusal:
    """Translate msgspec's words, ``Expected `int`, got `str` - at `$.amount_cents```."""
    parts = _MESSAGE.fullmatch(message)
    reason, path = (parts["reason"], parts["path"] or "") if parts else (message, "")
    if _AMOUNT.fullmatch(path):
        error = FieldError(path[:_PATH_CHARACTERS_MAX], reason)
        return FieldRefusal("amount.invalid", error, max_cents=LARGEST_AMOUNT_CENTS)
    if named := _FIELD_NAMED.search(reason):
        path = ".".join(filter(None, (path, named["name"])))
        reason = reason.partition(" `")[0]
    return invalid(path[:_PATH_CHARACTERS_MAX], reason)
