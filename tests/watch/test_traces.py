from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from collector import Collector, collecting, facts_of
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from gutschein.watch import traces
from gutschein.watch.request_id import KEY
from tests.running_service import served

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"
SECRET = "HTTPS://EXAMPLE.ORG/V/GEHEIM"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


def scope(**changes: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "POST",
        "scheme": "https",
        "path": f"/v/{SECRET}",
        "query_string": SECRET.encode(),
        "headers": [(b"traceparent", TRACEPARENT.encode()), (b"cookie", SECRET.encode())],
    } | changes


async def ask(inner: traces.App, asked: dict[str, Any]) -> None:
    async def nothing(*_: Any) -> None:
        pass

    await traces.traced(inner)(asked, nothing, nothing)


async def answer_ok(asked: Any, _: Any, send: Any) -> None:
    asked["path_template"] = "/v/{token}"
    with traces.span("clearing.batch", done_for=[traces.here(), None], items=40):
        with traces.span("clearing.read"):
            pass
        with traces.span("clearing.write"):
            pass
    await send({"type": "http.response.start", "status": 201, "headers": []})


async def answer_in_parts(_: Any, __: Any, send: Any) -> None:
    with traces.span("sign"):
        await send({"type": "http.response.start", "status": 200, "headers": []})


async def answer_badly(_: Any, __: Any, send: Any) -> None:
    with pytest.raises(ValueError, match="GEHEIM"), traces.span("clearing.batch"):
        int(SECRET)
    await send({"type": "http.response.start", "status": 500, "headers": []})


async def test_a_request_is_part_of_its_caller_s_trace_and_has_parts(
    collector: Collector,
) -> None:
    provider = traces.begin(collector.url)
    asked = scope()
    await ask(answer_ok, asked)
    traces.end(provider)
    request, batch = collector.named("POST /v/{token}"), collector.named("clearing.batch")
    assert (request.trace_id.hex(), request.parent_span_id.hex()) == (TRACE, PARENT)
    assert asked[KEY] == TRACE
    assert request.kind == Span.SpanKind.SPAN_KIND_SERVER
    assert facts_of(request) == {
        "http.request.method": "POST",
        "http.response.status_code": 201,
        "http.route": "/v/{token}",
        "url.scheme": "https",
    }
    assert facts_of(batch) == {"items": 40}
    assert batch.parent_span_id == b""
    assert batch.trace_id != request.trace_id
    assert [link.span_id for link in batch.links] == [request.span_id]
    for name in ("clearing.read", "clearing.write"):
        assert collector.named(name).parent_span_id == batch.span_id
    assert collector.services == {"gutschein"}


async def test_what_is_done_within_a_request_is_part_of_it(collector: Collector) -> None:
    provider = traces.begin(collector.url)
    await ask(answer_in_parts, scope(headers=[]))
    traces.end(provider)
    assert collector.named("sign").parent_span_id == collector.named("POST").span_id


async def test_a_trace_tells_that_something_failed_and_nothing_that_was_sent(
    collector: Collector,
) -> None:
    provider = traces.begin(collector.url)
    await ask(answer_badly, scope())
    traces.end(provider)
    for name, kind in (("POST", "500"), ("clearing.batch", "ValueError")):
        span = collector.named(name)
        assert span.status.code == Status.StatusCode.STATUS_CODE_ERROR
        assert facts_of(span)["error.type"] == kind
    assert collector.received
    assert b"GEHEIM" not in collector.received


async def test_without_an_address_there_are_no_traces(collector: Collector) -> None:
    assert traces.here() is None
    await ask(answer_ok, scope())
    traces.end(traces.begin(collector.url))
    assert collector.spans == []


def test_without_an_address_the_library_is_not_even_imported() -> None:
    program = (
        "import sys; import gutschein.app, gutschein.serving;"
        "sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_process_does_not_wait_for_a_collector_that_is_silent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, answers nothing
        program = (
            "import sys; from gutschein.watch import traces;"
            "provider = traces.begin(sys.argv[1]);"
            "traces.span('batch').__enter__().end();"
            "traces.end(provider)"
        )
        begun = time.monotonic()
        subprocess.run(
            [sys.executable, "-c", program, f"http://127.0.0.1:{silent.getsockname()[1]}"],
            check=True,
        )
        assert time.monotonic() - begun < 20  # of the library's thirty


@pytest.mark.slow
def test_the_served_service_sends_its_traces(
    collector: Collector, database_url: str, tmp_path: Path
) -> None:
    with served(database_url, tmp_path, otlp_endpoint=collector.url) as service:
        asked = httpx.get(f"{service.url}/health/live", headers={"traceparent": TRACEPARENT})
        assert asked.is_success
        refused = httpx.get(f"{service.url}/nowhere", headers={"traceparent": TRACEPARENT})
        assert refused.headers["x-request-id"] == TRACE
    span = collector.named("GET /health/live")
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
