from __future__ import annotations

import asyncio
import contextlib
import io
import json
import logging
import os
import re
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from gutschein.watch.cells import OWN, Reading
from gutschein.watch.log_lines import GATHER_SECONDS, GatheredLines, JsonLines, TextLines
from gutschein.watch.metrics import log_lines_lost
from gutschein.watch.redemption_log import LOGGER, note_redemption
from gutschein.watch.request_id import answering

ID = UUID("01990000-0000-7000-8000-000000000001")
CALLER = "device 01990000-0000-7000-8000-000000000002"
TRACE = "0af7651916cd43dd8448eb211c80319c"
ASKED = {"headers": [(b"traceparent", f"00-{TRACE}-b7ad6b7169203331-01".encode())]}


@pytest.fixture
def log() -> logging.Logger:
    """A logger of its own."""
    return logging.Logger("gutschein.example", logging.INFO)


def heard_by(logger: logging.Logger, formatter: logging.Formatter) -> io.StringIO:
    stream = io.StringIO()
    handler = GatheredLines(stream)
    handler.setFormatter(formatter)
    logger.addHandler(handler)
    return stream


@pytest.fixture
def redemptions() -> Iterator[logging.Logger]:
    """The redemptions' logger, heard by nobody else."""
    before = LOGGER.handlers, LOGGER.propagate, LOGGER.level
    LOGGER.handlers, LOGGER.propagate = [], False
    LOGGER.setLevel(logging.INFO)
    yield LOGGER
    LOGGER.handlers, LOGGER.propagate = before[0], before[1]
    LOGGER.setLevel(before[2])


def note_two() -> None:
    note_redemption("redemption", "done", id=ID, caller=CALLER, seconds=0.01234)
    note_redemption("sale", "refused", id=ID, caller=CALLER, seconds=2, refusal="voucher.empty")


def test_a_redemption_is_a_line_for_people(redemptions: logging.Logger) -> None:
    stream = heard_by(redemptions, TextLines())
    note_two()
    first, second = stream.getvalue().splitlines()
    stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}"
    assert re.fullmatch(
        rf"{stamp} INFO gutschein.redemptions redemption {ID} by {CALLER}: done in 12.3 ms", first
    )
    assert second.endswith(f"sale {ID} by {CALLER}: refused voucher.empty in 2000.0 ms")


def test_a_redemption_is_an_object_for_machines(redemptions: logging.Logger) -> None:
    stream = heard_by(redemptions, JsonLines())
    answering(ASKED)
    note_two()
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", first.pop("time"))
    assert first == {
        "level": "INFO",
        "logger": "gutschein.redemptions",
        "message": f"redemption {ID} by {CALLER}: done in 12.3 ms",
        "request": TRACE,
        "kind": "redemption",
        "id": str(ID),
        "caller": CALLER,
        "outcome": "done",
        "milliseconds": 12.3,
    }
    assert second["refusal"] == "voucher.empty"
    answering(None)


def test_other_handlers_can_read_a_redemption_s_record(redemptions: logging.Logger) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    everything = (
        "%(asctime)s %(name)s %(levelname)s %(pathname)s %(lineno)d %(process)s %(message)s"
    )
    handler.setFormatter(logging.Formatter(everything))
    redemptions.addHandler(handler)
    note_two()
    assert len(stream.getvalue().splitlines()) == 2


def test_an_error_names_its_request_and_brings_its_traceback(log: logging.Logger) -> None:
    people, machines = heard_by(log, TextLines()), heard_by(log, JsonLines())
    answering(ASKED)
    try:
        int("x")
    except ValueError:
        log.exception("so it goes")
    log.warning("careful")
    answering(None)
    first, *trace, last = people.getvalue().splitlines()
    assert first.endswith(f"ERROR gutschein.example so it goes [{TRACE}]")
    assert trace[0].startswith("Traceback")
    assert last.endswith("WARNING gutschein.example careful")
    one, two = map(json.loads, machines.getvalue().splitlines())
    assert (one["request"], two["request"]) == (TRACE, TRACE)
    assert one["error"].endswith("invalid literal for int() with base 10: 'x'")
    assert "error" not in two


def test_what_is_sent_cannot_make_a_second_line_for_machines(log: logging.Logger) -> None:
    stream = heard_by(log, JsonLines())
    log.info("so: %s", 'a\n{"level": "ERROR"}')
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line)["level"] == "INFO"


async def test_lines_of_no_urgency_wait_for_a_moment_and_come_in_order(
    log: logging.Logger,
) -> None:
    stream = heard_by(log, logging.Formatter())
    log.info("one")
    log.info("two")
    assert stream.getvalue() == ""
    await asyncio.sleep(3 * GATHER_SECONDS)
    assert stream.getvalue() == "one\ntwo\n"
    log.info("three")
    log.warning("four")
    log.info("five")
    assert stream.getvalue() == "one\ntwo\nthree\nfour\n"
    log.handlers[0].flush()
    assert stream.getvalue().endswith("five\n")


def test_where_no_loop_runs_nothing_waits(log: logging.Logger) -> None:
    stream = heard_by(log, logging.Formatter())
    log.info("one")
    assert stream.getvalue() == "one\n"


_WRITER = f"""
import asyncio, logging, sys
from gutschein.watch.cells import OWN, Reading
from gutschein.watch.log_lines import configure
async def write():
    for turn in range(400):
        logging.info("%s", sys.argv[1] * {select.PIPE_BUF // 3})
        if turn % 40 == 0:
            await asyncio.sleep(0)
    await asyncio.sleep(0.2)
configure("text")
asyncio.run(write())
"""


def test_processes_that_share_a_pipe_do_not_tear_one_another_s_lines() -> None:
    reading, writing = os.pipe()
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, letter], stderr=writing)
        for letter in "abc"
    ]
    os.close(writing)
    with os.fdopen(reading) as pipe:
        lines = pipe.read().splitlines()
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert len(lines) == 3 * 400
    assert all(re.fullmatch(r"\S+ INFO root (a+|b+|c+)", line) for line in lines)


def test_a_log_that_cannot_be_written_stops_nobody_and_is_counted(log: logging.Logger) -> None:
    def lost() -> float:
        (sample,) = log_lines_lost.collected([Reading(True, OWN.numbers, b"")]).samples[:1]
        return float(sample.value)

    before = lost()
    with Path("/dev/full").open("w") as full:
        handler = GatheredLines(full)
        log.addHandler(handler)
        log.error("one")
        log.error("two")
        assert lost() >= before + 2
        with contextlib.suppress(OSError):
            full.close()


def test_a_record_that_cannot_be_formatted_stops_nobody(
    log: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = heard_by(log, TextLines())
    log.info("%d", "no number")
    log.info("a line")
    assert stream.getvalue().endswith("a line\n")
    assert "no number" in capsys.readouterr().err
