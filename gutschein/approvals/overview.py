"""What one reader sees of requests, and what they can do about each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gutschein.approvals.kinds import Kinds
from gutschein.approvals.rules import Request, State
from gutschein.web.caller import Caller
from gutschein.web.rights import Right


@dataclass(frozen=True, slots=True)
class Shown:
    """A request, as one reader sees it.

    :param title: what people call its kind, in German.
    :param may_decide: whether the reader is the second person it waits for.
    :param is_own: whether the reader asked for it.
    """

    request: Request
    title: str
    state: State
    may_decide: bool
    is_own: bool

    @classmethod
    def of(cls, request: Request, kinds: Kinds, reader: Caller, now: datetime) -> Shown:
        state, is_own = request.state(now), reader.id == request.requested_by
        return cls(
            request=request,
            title=kinds[request.kind].title,
            state=state,
            may_decide=state == "open"
            and not is_own
            and reader.id != request.person_id
            and request.town_id in reader.towns_with(Right.APPROVAL_DECIDE),
            is_own=is_own,
        )


@dataclass(frozen=True, slots=True)
class Overview:
    """A town's requests, sorted for one reader."""

    to_decide: Sequence[Shown]
    own: Sequence[Shown]
    waiting: Sequence[Shown]
    over: Sequence[Shown]

    @classmethod
    def of(cls, shown: Sequence[Shown]) -> Overview:
        waiting = [each for each in shown if each.state == "open"]
        return cls(
            to_decide=[each for each in waiting if each.may_decide],
            own=[each for each in waiting if each.is_own],
            waiting=[each for each in waiting if not each.may_decide and not each.is_own],
            over=[each for each in shown if each.state != "open"],
        )
