"""Read what a form has sent, and show the form again when something is wrong with it.

A form is a struct. Its fields arrive as text and become what the struct says: spaces around
them are dropped, and what was left empty counts as not given where the field has a default.
Every field that is wrong is named, not only the first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, TypeVar, get_type_hints
from urllib.parse import parse_qsl

import msgspec
from litestar import Request, Response
from msgspec import Meta, Struct, inspect

from gutschein.kernel.errors import Refusal
from gutschein.web.entered import Entered
from gutschein.web.guard import CSRF_FIELD
from gutschein.web.pages import page, reason
from gutschein.web.problem import FieldError, FieldRefusal
from gutschein.web.refusal_log import log_refusal
from gutschein.web.words import german, words

MEDIA_TYPE = "application/x-www-form-urlencoded"
MAX_FIELDS = 200
MAX_BYTES = 64 * 1024

#: A password or code: taken letter by letter, and never shown again.
Secret = Annotated[str, Meta(max_length=1024, extra={"secret": True})]

FormStruct = TypeVar("FormStruct", bound=Struct)

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_TOO_SHORT = re.compile(r"Expected `str` of length >= (\d+)")
_TOO_LONG = re.compile(r"Expected `str` of length <= (\d+)")

_MISSING = german("Bitte ausfüllen.")
_WRONG = german("Diese Angabe passt nicht. Bitte prüfen.")
_LONGER = german("Bitte mindestens {number} Zeichen eingeben.")
_SHORTER = german("Bitte höchstens {number} Zeichen eingeben.")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field: for a developer, and as a German text for people."""

    reason: str
    text: str
    number: str = ""


class FormRefusal(FieldRefusal):
    """A form with fields that do not fit: ``request.invalid``."""

    def __init__(self, faults: Mapping[str, Fault], values: Mapping[str, str | list[str]]) -> None:
        errors = [FieldError(name, fault.reason) for name, fault in faults.items()]
        super().__init__("request.invalid", errors[0], reason=errors[0].path or errors[0].reason)
        self.errors = errors
        self.faults = faults
        self.values = values

    def entered(self, say: Callable[[str], str]) -> Entered:
        """Return the form as it was sent, each fault in the language of *say*."""
        errors = {
            name: say(fault.text).replace("{number}", fault.number)
            for name, fault in self.faults.items()
        }
        return Entered(self.values, errors)


async def read_form(request: Request[Any, Any, Any], kind: type[FormStruct]) -> FormStruct:
    """Read the body of *request* as the form *kind*.

    :raises Refusal: ``form.unreadable`` when it is no form, ``request.too_large``.
    :raises FormRefusal: ``request.invalid``, with every field that does not fit.
    """
    sent = await _sent(request)
    known = _fields(kind)
    faults: dict[str, Fault] = {}
    given: dict[str, Any] = {}
    for name in sent.keys() - known.keys():
        faults[name] = Fault("Unknown field", _WRONG)
    for name, field in known.items():
        try:
            found = field.read(sent.get(name, []))
        except _FaultError as error:
            faults[name] = error.fault
        else:
            if found is not msgspec.UNSET:
                given[name] = found
    if not faults:
        try:
            return kind(**given)
        except (ValueError, TypeError) as error:  # the struct's own rule about its fields
            faults[""] = Fault(str(error), _WRONG)
    shown = {name: each for name, each in sent.items() if name in known}
    raise FormRefusal(faults, {name: _shown(known[name], each) for name, each in shown.items()})


def form_again(
    request: Request[Any, Any, Any],
    template: str,
    refusal: Refusal,
    *,
    form: Struct | None = None,
    field: str = "",
    **values: Any,
) -> Response[str]:
    """Show the page of a form again, with what was entered and why it was refused.

    :param form: what :func:`read_form` returned, when it was the service that refused.
    :param field: the field that is to blame, if it is one.
    """
    log_refusal(request, refusal)
    if isinstance(refusal, FormRefusal):
        entered = refusal.entered(words(request))
    else:
        filled = {} if form is None else filled_with(form)
        entered = Entered(filled, {field: reason(request, refusal)})
    return page(request, template, refusal.status, entered=entered, **values)


def filled_with(form: Struct) -> dict[str, str | list[str]]:
    """Return what the fields of *form* show: everything but secrets."""
    values: dict[str, str | list[str]] = {}
    for name, field in _fields(type(form)).items():
        value = getattr(form, name)
        if value is None or field.secret:
            continue
        written = msgspec.to_builtins(value, builtin_types=())
        if isinstance(written, list):
            values[name] = [_written(each) for each in written]
        else:
            values[name] = _written(written)
    return values


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else ""
    return str(value)


class _FaultError(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.reason)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class _Field:
    annotation: Any
    required: bool
    many: bool
    secret: bool

    def read(self, texts: list[str]) -> Any:
        """Return the value of the field, or ``UNSET`` to leave it to the struct's default."""
        if not self.many and len(texts) > 1:
            raise _FaultError(Fault("Sent more than once", _WRONG))
        given = [text for text in map(self._cleaned, texts) if text]
        if not given:
            if self.required and not self.many:
                raise _FaultError(Fault("Missing", _MISSING))
            return msgspec.UNSET if not self.required else []
        if any(_CONTROL.search(text) for text in given):
            raise _FaultError(Fault("Control characters", _WRONG))
        try:
            value: object = given if self.many else given[0]
            return msgspec.convert(value, self.annotation, strict=False)
        except msgspec.ValidationError as error:
            raise _FaultError(_fault_for(str(error))) from error

    def _cleaned(self, text: str) -> str:
        return text if self.secret else text.replace("\r\n", "\n").strip()


@cache
def _fields(kind: type[Struct]) -> dict[str, _Field]:
    described = inspect.type_info(kind)
    if not isinstance(described, inspect.StructType):
        raise TypeError(f"{kind} is no struct")
    annotations = get_type_hints(kind, include_extras=True)
    fields = {}
    for field in described.fields:
        wrapped = field.type if isinstance(field.type, inspect.Metadata) else None
        fields[field.name] = _Field(
            annotation=annotations[field.name],
            required=field.required,
            many=isinstance(wrapped.type if wrapped else field.type, inspect.ListType),
            secret=bool(wrapped and wrapped.extra and wrapped.extra.get("secret")),
        )
    return fields


async def _sent(request: Request[Any, Any, Any]) -> dict[str, list[str]]:
    if request.content_type[0] != MEDIA_TYPE:
        raise Refusal("form.unreadable")
    body = await request.body()
    if len(body) > MAX_BYTES:
        raise Refusal("request.too_large", max_bytes=MAX_BYTES)
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError as error:
        raise Refusal("form.unreadable") from error
    sent: dict[str, list[str]] = {}
    for name, text in pairs:
        if name != CSRF_FIELD:  # the guard has seen to it
            sent.setdefault(name, []).append(text)
    return sent


def _shown(field: _Field, texts: list[str]) -> str | list[str]:
    if field.secret:
        return ""
    return texts if field.many else texts[0]


def _fault_for(message: str) -> Fault:
    """Say msgspec's words to people."""
    if found := _TOO_SHORT.match(message):
        return Fault(message, _LONGER, found[1])
    if found := _TOO_LONG.match(message):
        return Fault(message, _SHORTER, found[1])
    return Fault(message, _WRONG)
