"""What a load is: requests, to whom, how fast, and who looks at the answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bench.answers import Answer

#: What is sent, in pieces that requests may share; they are put together when they are sent.
Request = tuple[bytes, ...]


class WrongAnswer(Exception):
    """An answer is not the one that the request must get. The text says why."""


class Check(Protocol):
    """Looks at every answer when the load is over. It travels to the generator's process."""

    def judge(self, place: int, answer: Answer) -> bool:
        """Tell whether the request at *place* was accepted, or refused as may be.

        :raises WrongAnswer: for any other answer.
        """

    def conclude(self) -> dict[int, int]:
        """Look at all accepted answers together; return balances by voucher, in cents.

        :raises WrongAnswer: when they contradict one another.
        """


@dataclass(frozen=True)
class Load:
    """What to send to whom.

    :param rate: requests a second of an open loop; a closed one has none.
    :param seconds: after which no more requests are sent (closed) or due (open).
    """

    port: int
    requests: Sequence[Request]
    check: Check
    connections: int
    seconds: float
    rate: float | None = None
    host: str = "127.0.0.1"
