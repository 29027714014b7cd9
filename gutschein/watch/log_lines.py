"""The log: one line for each thing worth telling, for people or for machines.

Lines up to INFO that come within a moment are written together: under load that is one
system call for dozens of them. A warning is written at once, and all before it.
"""

from __future__ import annotations

import asyncio
import logging
import select
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal, TextIO

import msgspec

from gutschein.watch.metrics import log_lines_lost
from gutschein.watch.request_id import request_id

LogFormat = Literal["text", "json"]

#: How long a line of no urgency may wait for others.
GATHER_SECONDS = 0.05

#: Loggers of the server with handlers of their own, whose lines are to look like ours.
_OTHERS = ("_granian",)

_encode = msgspec.json.Encoder().encode


class TextLines(logging.Formatter):
    """For people: time, level, source, what happened; of an error also in which request."""

    def __init__(self) -> None:
        super().__init__(datefmt="%Y-%m-%dT%H:%M:%S%z")
        self._second = 0
        self._time = ""

    def format(self, record: logging.LogRecord) -> str:
        """Write the line, and behind it what it brings along, such as a traceback."""
        if int(record.created) != self._second:  # thousands of lines share a second
            self._second = int(record.created)
            self._time = self.formatTime(record, self.datefmt)
        line = f"{self._time} {record.levelname} {record.name} {record.getMessage()}"
        if record.levelno >= logging.ERROR and (answered := request_id()) is not None:
            line = f"{line} [{answered}]"
        if record.exc_info:
            line = f"{line}\n{self.formatException(record.exc_info)}"
        if record.stack_info:
            line = f"{line}\n{self.formatStack(record.stack_info)}"
        return line


class JsonLines(logging.Formatter):
    """For machines: an object in each line, whose facts have names of their own.

    A caller adds facts with ``extra={"facts": {...}}``.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Write the whole line."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        answered = request_id()
        if answered is not None:
            line["request"] = answered
        line |= getattr(record, "facts", {})
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        return _encode(line).decode()


class GatheredLines(logging.Handler):
    """Writes lines in the order they come, those of no urgency together.

    Where no event loop runs in the thread, a line is written at once.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record; logging itself calls this under the handler's lock."""
        try:
            line = self.format(record)
        except (TypeError, ValueError, LookupError):  # whoever logs must not fail by that
            self.handleError(record)
            return
        self._lines.append(line)
        if record.levelno > logging.INFO or (len(self._lines) == 1 and not self._due_later()):
            self.flush()

    def flush(self) -> None:
        """Write what waits, in pieces that a pipe takes whole, so that no other line gets in."""
        self.acquire()
        try:
            lines, self._lines = self._lines, []
            for piece in _pieces(lines):
                self._stream.write(piece)
                self._stream.flush()
        except OSError:  # a full disk, a reader that is gone: the service goes on
            log_lines_lost.add(len(lines))
        finally:
            self.release()

    def _due_later(self) -> bool:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return False
        loop.call_later(GATHER_SECONDS, self.flush)
        return True


def configure(log_format: LogFormat) -> None:
    """Write this process's log to standard error."""
    handler = GatheredLines(sys.stderr)
    handler.setFormatter(JsonLines() if log_format == "json" else TextLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    for name in _OTHERS:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True


def flush() -> None:
    """Write what still waits: the process ends."""
    for handler in logging.getLogger().handlers:
        handler.flush()


def _pieces(lines: list[str]) -> Iterator[str]:
    piece: list[str] = []
    size = 0
    for line in lines:
        length = len(line.encode(errors="replace")) + 1
        if piece and size + length > select.PIPE_BUF:
            yield "".join(piece)
            piece, size = [], 0
        piece.append(f"{line}\n")
        size += length
    if piece:
        yield "".join(piece)
