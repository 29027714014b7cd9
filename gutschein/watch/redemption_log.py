"""What is told of a redemption: where, what, how it ended and how long it took.

Never a code, a token, a name, an address or a bank account: nothing here has room for one.
"""

from __future__ import annotations

import logging
from time import time
from typing import Self
from uuid import UUID

from gutschein.kernel.errors import Refusal
from gutschein.watch.metrics import Kind, Outcome, count_redemption
from gutschein.watch.stopwatch import Stopwatch

#: Silenced by ``log_redemptions = false``.
LOGGER = logging.getLogger("gutschein.redemptions")


class RedemptionRecord(logging.LogRecord):
    """A record made in a fraction of the time: where in the program is not looked up."""

    def __init__(self, message: str, facts: dict[str, object]) -> None:
        self.__dict__.update(_ALWAYS)  # instead of super().__init__, which costs the time
        self.msg = message
        self.facts = facts
        self.created = time()


#: What handlers and formatters may ask of a record, and is the same for all of ours.
_ALWAYS = logging.LogRecord(LOGGER.name, logging.INFO, __file__, 0, "", (), None).__dict__ | {
    "msecs": 0.0,
    "relativeCreated": 0.0,
}


def silence() -> None:
    """Write no line for redemptions from here on, in this process."""
    LOGGER.disabled = True


def note_redemption(
    kind: Kind,
    outcome: Outcome,
    *,
    id: UUID,  # noqa: A002 - what the API calls it
    caller: str,
    seconds: float,
    refusal: str | None = None,
) -> None:
    """Count a redemption, sale, reversal or call with many, and write its one line.

    :param caller: the kind and id of who asked: ``device 0197…``.
    :param seconds: from the arrival of the request to its answer.
    :param refusal: the code of a refusal.
    """
    count_redemption(kind, outcome)
    if not LOGGER.isEnabledFor(logging.INFO):
        return
    milliseconds = int(10_000 * seconds) / 10
    facts: dict[str, object] = {
        "kind": kind,
        "id": id,
        "caller": caller,
        "outcome": outcome,
        "milliseconds": milliseconds,
    }
    how: str = outcome
    if refusal is not None:
        facts["refusal"] = refusal
        how = f"{outcome} {refusal}"
    message = f"{kind} {id} by {caller}: {how} in {milliseconds} ms"
    LOGGER.handle(RedemptionRecord(message, facts))


class Noted:
    """Notes a request when its block is left: with its outcome, as refused, or as failed.

    :ivar outcome: how it ended, if the block comes to its end.
    """

    __slots__ = ("_caller", "_id", "_kind", "_takes", "outcome")

    def __init__(self, kind: Kind, id: UUID, caller: str) -> None:  # noqa: A002 - as above
        self._kind: Kind = kind
        self._id = id
        self._caller = caller
        self._takes = Stopwatch()
        self.outcome: Outcome = "failed"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        refusal = error.code if isinstance(error, Refusal) else None
        note_redemption(
            self._kind,
            "refused" if refusal else self.outcome,
            id=self._id,
            caller=self._caller,
            seconds=self._takes.seconds(),
            refusal=refusal,
        )
