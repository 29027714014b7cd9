"""See what a worker of the service spends its time on: ``make bench ONLY=… PROFILE=1``.

The service runs unchanged but for a timer that counts the CPU time of each worker and looks
at the stack every few milliseconds of it. A worker that waits is not looked at, so the
shares are those of the work. When the worker ends, it writes a table, and the stacks as
flame graph tools read them (one line a stack, frames between semicolons, a count).

A look waits for the end of the Python instruction at hand: what code in C costs counts for
the Python function that called it, or that comes next.
"""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from litestar import Litestar

#: Where the profiles go; ``make bench PROFILE=1`` means ``bench/profiles``.
PROFILE_VARIABLE = "BENCH_PROFILE"

_FOLDER = Path(__file__).resolve().parent / "profiles"
_EVERY_SECONDS = 0.005
_GROUND = 0.95
_SHOWN = 60


@contextmanager
def profiled(wanted: str | None) -> Iterator[dict[str, Any]]:
    """Yield what to start the service with, so that it is profiled if that is wanted."""
    if not wanted:
        yield {}
        return
    _FOLDER.mkdir(exist_ok=True)
    yield {
        "program": ("bench.aimed", "bench.profile:wired"),
        "environment": {PROFILE_VARIABLE: str(_FOLDER)},
    }


def wired(make: Callable[[], Litestar]) -> Litestar:
    """Wire the service, and have its worker looked at until it ends; see :mod:`bench.aimed`."""
    app = make()
    profile = _Profile()
    app.on_startup.append(profile.begin)
    app.on_shutdown.append(profile.end)
    return app


class _Profile:
    """Looks at the thread that begins it, a worker's only one that runs Python."""

    def __init__(self) -> None:
        self._stacks: Counter[str] = Counter()

    def begin(self) -> None:
        signal.signal(signal.SIGPROF, self._look)
        signal.siginterrupt(signal.SIGPROF, False)  # noqa: FBT003 - as the library takes it
        signal.setitimer(signal.ITIMER_PROF, _EVERY_SECONDS, _EVERY_SECONDS)

    def _look(self, _signal: int, frame: FrameType | None) -> None:
        self._stacks[";".join(_names(frame))] += 1

    def end(self) -> None:
        """Write what was seen."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        base = Path(os.environ[PROFILE_VARIABLE]) / f"worker-{os.getpid()}"
        base.with_suffix(".txt").write_text(_tables(self._stacks, time.process_time()))
        base.with_suffix(".stacks").write_text(
            "".join(f"{stack} {count}\n" for stack, count in self._stacks.most_common())
        )


def _names(frame: FrameType | None) -> list[str]:
    """Return the functions of a stack, the innermost last."""
    names = []
    while frame is not None:
        code = frame.f_code
        names.append(f"{'/'.join(Path(code.co_filename).parts[-3:])}:{code.co_qualname}")
        frame = frame.f_back
    return names[::-1]


def _tables(stacks: Counter[str], cpu_seconds: float) -> str:
    """Write which functions stood on top, and which anywhere, as shares of all looks."""
    total = sum(stacks.values())
    own: Counter[str] = Counter()
    within: Counter[str] = Counter()
    for stack, count in stacks.items():
        names = stack.split(";")
        own[names[-1]] += count
        for name in set(names):
            within[name] += count
    for name in [each for each, count in within.items() if count >= _GROUND * total]:
        del within[name]  # what everything is called from, such as the event loop
    lines = [f"{total} looks in {cpu_seconds:.1f} s of CPU", ""]
    for title, counted in (("on top", own), ("on the stack", within)):
        shares = [
            f"{100 * count / total:6.1f} %  {name}" for name, count in counted.most_common(60)
        ]
        lines += [title, "", *shares, ""]
    return "\n".join(lines)
