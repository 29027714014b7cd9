"""Traces (OpenTelemetry), where an address for them is set; else nothing of it is imported.

A span tells of a request, a batch or a group of statements: how long it took, how it ended
and the route's template. It never holds an address as called, a message of an error or
anything else that somebody has sent.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import (
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
    nullcontext,
)
from importlib.util import find_spec
from threading import Thread
from typing import TYPE_CHECKING, Any

from gutschein.watch.request_id import KEY, Scope

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, SpanContext, Tracer

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Any, Receive, Send], Awaitable[None]]

#: How long the last traces of a process that ends may take to be sent.
GRACE_SECONDS = 3

_NOTHING: AbstractContextManager[None] = nullcontext()
_tracer: Tracer | None = None


def installed() -> bool:
    """Tell whether ``gutschein[traces]`` is installed."""
    return find_spec("opentelemetry") is not None and find_spec("opentelemetry.sdk") is not None


def begin(endpoint: str) -> TracerProvider:
    """Send traces to *endpoint* from here on, by OTLP over HTTP; return what ends it.

    The standard's own variables say the rest: ``OTEL_SERVICE_NAME``, ``OTEL_TRACES_SAMPLER``,
    ``OTEL_EXPORTER_OTLP_HEADERS`` and so on.
    """
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - only now
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    global _tracer  # noqa: PLW0603 - one for the process, as with the log
    name = os.environ.get("OTEL_SERVICE_NAME", "gutschein")
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _tracer = provider.get_tracer("gutschein")
    return provider


def end(provider: TracerProvider) -> None:
    """Make no more traces, and send what waits; :data:`GRACE_SECONDS` later what is left is lost.

    The library itself would go on for half a minute when nobody takes them.
    """
    global _tracer  # noqa: PLW0603 - as above
    _tracer = None
    sending = Thread(target=provider.shutdown, daemon=True)
    sending.start()
    sending.join(GRACE_SECONDS)


@asynccontextmanager
async def sending(endpoint: str | None) -> AsyncIterator[None]:
    """Send traces to *endpoint*, where there is one, until the block is left."""
    if endpoint is None:
        yield
        return
    provider = begin(endpoint)
    try:
        yield
    finally:
        await asyncio.to_thread(end, provider)


def span(
    name: str,
    *,
    done_for: Iterable[SpanContext | None] | None = None,
    **attributes: str | float,
) -> AbstractContextManager[object]:
    """Tell how long a block takes, as part of what is under way.

    :param done_for: what a block is done for that is not part of one of them, such as the
        requests of a batch: it is a trace of its own, linked to theirs; see :func:`here`.
    :param attributes: facts of few values or numbers, never of a person or a voucher.
    """
    return _NOTHING if _tracer is None else _span(_tracer, name, done_for, attributes)


def here() -> SpanContext | None:
    """Return what a later span may link to, ``None`` where there are no traces."""
    if _tracer is None:
        return None
    from opentelemetry.trace import get_current_span  # noqa: PLC0415

    return get_current_span().get_span_context()


@contextmanager
def _span(
    tracer: Tracer,
    name: str,
    done_for: Iterable[SpanContext | None] | None,
    attributes: dict[str, str | float],
) -> Iterator[Span]:
    from opentelemetry.context import Context  # noqa: PLC0415
    from opentelemetry.trace import Link  # noqa: PLC0415

    with tracer.start_as_current_span(
        name,
        None if done_for is None else Context(),
        attributes=attributes,
        links=[Link(each) for each in done_for or () if each is not None],
        record_exception=False,  # its message may hold what somebody has sent
        set_status_on_exception=False,
    ) as opened:
        try:
            yield opened
        except BaseException as error:
            _mark_failed(opened, type(error).__name__)
            raise


def _mark_failed(span: Span, kind: str) -> None:
    from opentelemetry.trace import StatusCode  # noqa: PLC0415

    span.set_status(StatusCode.ERROR)
    span.set_attribute("error.type", kind)


def traced(inner: App) -> App:
    """Wrap the ASGI side of the service so that every request has a span.

    The caller's ``traceparent`` is continued. Attributes are those of the semantic
    conventions for HTTP servers, without the address and what is asked for.
    """
    from opentelemetry.trace import SpanKind  # noqa: PLC0415
    from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415
        TraceContextTextMapPropagator,
    )

    extract = TraceContextTextMapPropagator().extract

    def caller_of(scope: Scope) -> Context:
        names = (b"traceparent", b"tracestate")
        given = {name: value for name, value in scope["headers"] if name in names}
        return extract({name.decode(): value.decode("latin-1") for name, value in given.items()})

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        tracer = _tracer
        if tracer is None or scope["type"] != "http":
            await inner(scope, receive, send)
            return
        method = scope["method"]

        async def sent(message: Any) -> None:
            if message["type"] == "http.response.start":
                status = message["status"]
                opened.set_attribute("http.response.status_code", status)
                if status >= 500:
                    _mark_failed(opened, str(status))
            await send(message)

        with tracer.start_as_current_span(
            method,
            caller_of(scope),
            SpanKind.SERVER,
            {"http.request.method": method, "url.scheme": scope["scheme"]},
            record_exception=False,
            set_status_on_exception=False,
        ) as opened:
            scope[KEY] = f"{opened.get_span_context().trace_id:032x}"
            try:
                await inner(scope, receive, sent)
            finally:
                if (route := scope.get("path_template")) is not None:
                    opened.update_name(f"{method} {route}")
                    opened.set_attribute("http.route", route)

    return answer
