"""Every answer of a load is checked, and all of them together: is the money right?

Each request takes the same amount from one voucher. So the balances that the answers about
a voucher tell must be a staircase down from what was left on it: a step for each answer,
none twice. A redemption that was lost, doubled or booked elsewhere shows as a missing or a
double step, and the whole load counts for nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from bench.answers import Answer
from bench.load import WrongAnswer
from bench.region import Shop


@dataclass(frozen=True, slots=True)
class Expected:
    """What a redemption's answer must say.

    :param paper: the place of the voucher among :attr:`Staircase.papers`.
    """

    id: str
    paper: int
    shop: Shop


class Done(msgspec.Struct):
    """The fields that matter of a redemption's answer."""

    id: str
    town_id: str
    merchant_id: str
    branch_id: str
    issuing_town_id: str
    voucher_id: str
    amount_cents: int
    balance_after_cents: int


class _Problem(msgspec.Struct):
    code: str


class _Result(msgspec.Struct):
    redemption: Done | None = None
    problem: _Problem | None = None


class _Results(msgspec.Struct):
    results: list[_Result]


_BUSY = "service.busy"

_Kind = TypeVar("_Kind")
_DONE = msgspec.json.Decoder(Done)
_RESULTS = msgspec.json.Decoder(_Results)


@dataclass
class Staircase:
    """What is expected of vouchers, and the steps that were seen.

    :param papers: of each voucher its town, its id, and the cents on it before the load.
    :param exact: whether each step must be there. Where the service may refuse because it
        is busy, a redemption may have been booked and its answer come too late.
    """

    papers: Sequence[tuple[str, str, int]]
    amount_cents: int
    exact: bool = True
    _seen: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def step(self, expected: Expected, done: Done) -> None:
        """Compare a redemption with what was asked for.

        :raises WrongAnswer: naming the fields that differ.
        """
        town_id, voucher_id, _ = self.papers[expected.paper]
        shop = expected.shop
        wanted = {
            "id": expected.id,
            "town_id": shop.town_id,
            "merchant_id": shop.merchant_id,
            "branch_id": shop.branch_id,
            "issuing_town_id": town_id,
            "voucher_id": voucher_id,
            "amount_cents": self.amount_cents,
        }
        wrong = [name for name, value in wanted.items() if getattr(done, name) != value]
        if wrong:
            raise WrongAnswer(f"not what was asked for: {', '.join(wrong)}")
        self._seen[expected.paper].append(done.balance_after_cents)

    def conclude(self) -> dict[int, int]:
        """Return what is left on the vouchers that were redeemed from.

        :raises WrongAnswer: when a step is missing, or there twice.
        """
        for paper, seen in self._seen.items():
            _, voucher_id, before = self.papers[paper]
            steps = range(before - self.amount_cents, -1, -self.amount_cents)
            twice = [cents for cents, count in Counter(seen).items() if count > 1]
            strange = [cents for cents in seen if cents not in steps]
            missing = self.exact and min(seen) != before - len(seen) * self.amount_cents
            if twice or strange or missing:
                raise WrongAnswer(
                    f"voucher {voucher_id} had {before} cents and went down to {min(seen)} in"
                    f" {len(seen)} steps of {self.amount_cents}; twice {twice[:3]},"
                    f" strange {strange[:3]}"
                )
        return {paper: min(seen) for paper, seen in self._seen.items()}


@dataclass
class EachRedeemed:
    """One redemption for each request."""

    expected: Sequence[Expected]
    staircase: Staircase
    may_refuse: bool = False

    def judge(self, place: int, answer: Answer) -> bool:
        """Tell whether it was booked; see :class:`bench.load.Check`."""
        if answer.status == 200:
            self.staircase.step(self.expected[place], _decoded(_DONE, answer))
            return True
        if self.may_refuse and is_clearly_busy(answer):
            return False
        raise WrongAnswer(f"{answer.status}: {answer.body[:300].decode('utf-8', 'replace')}")

    def conclude(self) -> dict[int, int]:
        return self.staircase.conclude()


@dataclass
class EachBatchRedeemed:
    """A batch of redemptions for each request. One in which an item was refused as busy is
    no accepted one, whatever else was booked of it.
    """

    expected: Sequence[Sequence[Expected]]
    staircase: Staircase

    def judge(self, place: int, answer: Answer) -> bool:
        """Tell whether all were booked; see :class:`bench.load.Check`."""
        if answer.status != 200:
            raise WrongAnswer(f"{answer.status}: {answer.body[:300].decode('utf-8', 'replace')}")
        wanted, results = self.expected[place], _decoded(_RESULTS, answer).results
        if len(results) != len(wanted):
            raise WrongAnswer(f"{len(results)} results of {len(wanted)} items")
        for expected, result in zip(wanted, results, strict=True):
            if result.redemption is not None:
                self.staircase.step(expected, result.redemption)
            elif result.problem is None or result.problem.code != _BUSY:
                raise WrongAnswer(f"not booked: {result.problem}")
        return all(result.redemption is not None for result in results)

    def conclude(self) -> dict[int, int]:
        return self.staircase.conclude()


@dataclass
class EachVerified:
    """The answer of the endpoint that only verifies: the redemption's id, and the town."""

    expected: Sequence[Expected]
    staircase: Staircase

    def judge(self, place: int, answer: Answer) -> bool:
        """Tell that the token was found genuine; see :class:`bench.load.Check`."""
        expected = self.expected[place]
        wanted = {
            "id": expected.id,
            "issuing_town_id": self.staircase.papers[expected.paper][0],
            "amount_cents": self.staircase.amount_cents,
        }
        if answer.status != 200 or msgspec.json.decode(answer.body) != wanted:
            raise WrongAnswer(f"{answer.status}: {answer.body[:300].decode('utf-8', 'replace')}")
        return True

    def conclude(self) -> dict[int, int]:
        """Nothing is moved."""
        return {}


def is_clearly_busy(answer: Answer) -> bool:
    """Tell whether a refusal says in so many words to come again, and when."""
    return (
        answer.status == 503
        and answer.header("content-type") == "application/problem+json"
        and (answer.header("retry-after") or "").isdecimal()
        and msgspec.json.decode(answer.body).get("code") == _BUSY
    )


def _decoded(decoder: msgspec.json.Decoder[_Kind], answer: Answer) -> _Kind:
    try:
        return decoder.decode(answer.body)
    except msgspec.DecodeError as error:
        raise WrongAnswer(f"{error}: {answer.body[:300].decode('utf-8', 'replace')}") from error
