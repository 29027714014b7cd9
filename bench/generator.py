"""The load generator: a closed loop and an open one, in a process of its own.

It shares the machine with what it measures, so it is frugal: requests are bytes before the
clock starts, answers are looked at after it has stopped, and in between one event loop
writes and reads sockets. It reports what it used itself.

*Closed*: each of N connections sends its next request when it has the answer to the last.
That finds out how much the service can do. *Open*: requests are due at a fixed rate whether
or not the service keeps up, as customers are; see :mod:`bench.outcome` for their latency.
"""

from __future__ import annotations

import gc
import math
import multiprocessing
from array import array
from concurrent.futures import ProcessPoolExecutor

import uvloop

from bench.answers import UnreadableResponse, read_answer
from bench.course import Course, drive
from bench.load import Load, WrongAnswer
from bench.outcome import Fate, Outcome, percentile

_WRONG_SHOWN = 5


def run(load: Load) -> Outcome:
    """Run a load in a process of its own and return what it has shown.

    :raises WrongAnswer: when there was a wrong answer: what has counted it is worth nothing.
    :raises OSError: when the service cannot be reached at all.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as process:
        outcome = process.submit(measured, load).result()
    if outcome.wrong:
        raise WrongAnswer("; ".join(outcome.wrong))
    return outcome


def measured(load: Load) -> Outcome:
    """Run a load in this process; :func:`run` is the way from outside."""
    course = Course(load)
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        cpu_seconds, stopped = uvloop.run(drive(course))
    finally:
        gc.enable()
        gc.unfreeze()
    return _judged(course, cpu_seconds, stopped)


def _judged(course: Course, cpu_seconds: float, stopped: float) -> Outcome:
    """Look at every answer."""
    load, start = course.load, course.start
    due = course.due(course.end)
    for place in range(course.next, due):
        course.intended[place] = start + place / (load.rate or math.inf)
    fates = bytearray(due)
    wrong = [f"request {place}: {what}" for place, what in course.unreadable.items()]
    for place in range(course.next):
        response = course.responses[place]
        fates[place] = Fate.WRONG if place in course.unreadable else Fate.LOST
        if response is None:
            continue
        try:
            accepted = load.check.judge(place, read_answer(response))
            fates[place] = Fate.ACCEPTED if accepted else Fate.REFUSED
        except (WrongAnswer, UnreadableResponse) as error:
            fates[place] = Fate.WRONG
            wrong.append(f"request {place}: {error}")
    balances: dict[int, int] = {}
    try:
        balances = load.check.conclude()
    except WrongAnswer as error:
        wrong.append(str(error))
    ran_out = course.lacks_requests
    last = max(course.answered, default=stopped)
    return Outcome(
        intended=array("d", (at - start for at in course.intended[:due])),
        answered=array("d", (at - start for at in course.answered[:due])),
        fates=fates,
        seconds=(min(last, stopped) if ran_out else stopped) - start,
        ran_out=ran_out,
        cpu_seconds=cpu_seconds,
        late_seconds=percentile(course.lateness, 0.99),
        wrong=wrong[:_WRONG_SHOWN],
        balances=balances,
    )
