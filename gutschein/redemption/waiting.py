"""What waits to be cleared, a redemption or a reversal, as far as lanes and batches ask."""

from __future__ import annotations

from asyncio import Future
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import MerchantId
from gutschein.redemption.rules import CodeKey
from gutschein.watch.stopwatch import Stopwatch

if TYPE_CHECKING:
    from opentelemetry.trace import SpanContext  # is there only where traces are wanted

R = TypeVar("R")


class Waiting(Protocol[R]):
    """An order on its way to its batch, and whoever waits for it.

    :cvar taken: the code of the refusal when an id of it stands for something else.
    :ivar waited: since it began to.
    :ivar span: of the request, where there are traces.
    """

    __slots__ = ()
    taken: ClassVar[str]
    waited: Stopwatch
    span: SpanContext | None
    answer: Future[R]

    @property
    def lane(self) -> object:
        """That in whose batches it goes."""

    @property
    def merchant_id(self) -> MerchantId:
        """Whose turn it takes."""

    @property
    def size(self) -> int:
        """How much of a batch's room it takes."""

    @property
    def marks(self) -> set[object]:
        """What no other order of its batch may have too."""

    @property
    def codes(self) -> AbstractSet[CodeKey]:
        """The vouchers that it changes, as far as known."""

    def settle(self, outcome: R | BaseException) -> None:
        """Answer whoever waits, unless the request was given up or is answered already."""
        if self.answer.done():
            return
        if isinstance(outcome, BaseException):
            self.answer.set_exception(outcome)
        else:
            self.answer.set_result(outcome)

    def give_up(self) -> None:
        """Answer that it takes too long; whatever comes of it is found by its id."""
        self.settle(Refusal("service.busy"))


W = TypeVar("W", bound=Waiting[Any])
