"""Whether what the real towns answered, and have become, is what some order of steps gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any

from model_books import Outcome
from naive_model import Model
from steps import Step

State = dict[str, dict[Any, Any]]


def explained(
    model: Model, steps: Sequence[Step], outcomes: Sequence[Outcome], state: State
) -> Model:
    """Return the model after *steps* in an order that gives these outcomes and this state.

    :raises AssertionError: when there is no such order.
    """
    ends = 0
    for after in _ends(model, dict(enumerate(zip(steps, outcomes, strict=True))), set()):
        if after.state() == state:
            return after
        ends += 1
    raise AssertionError(_differences(model, steps, outcomes, state, ends))


def _ends(
    model: Model, left: dict[int, tuple[Step, Outcome]], seen: set[object]
) -> Iterator[Model]:
    """Yield what each order leads to that answers every step as it was answered.

    :param seen: what has been tried: orders that have come to the same go on alike.
    """
    if not left:
        yield model
    for place, (step, outcome) in left.items():
        after = deepcopy(model)
        if after.after(step) == outcome:
            rest = {other: each for other, each in left.items() if other != place}
            mark = (tuple(rest), repr(after.state()))
            if mark not in seen:
                seen.add(mark)
                yield from _ends(after, rest, seen)


def _differences(
    model: Model, steps: Sequence[Step], outcomes: Sequence[Outcome], state: State, ends: int
) -> str:
    """Say what was answered, and what the model says to the steps as they are listed."""
    lines = [f"{ends} orders give these answers, and none of them this state:"]
    after = deepcopy(model)
    for step, outcome in zip(steps, outcomes, strict=True):
        lines += [f"  {step}", f"    real  {outcome}", f"    model {after.after(step)}"]
    for name, wanted in after.state().items():
        for key in sorted({*wanted, *state[name]}, key=repr):
            if wanted.get(key) != state[name].get(key):
                lines += [f"  {name} {key}: real {state[name].get(key)}, model {wanted.get(key)}"]
    return "\n".join(lines)
