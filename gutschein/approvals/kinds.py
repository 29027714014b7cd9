"""What can be asked for: what a feature tells this package of each kind of request.

A feature describes what it wants approved in a struct of terms and says, in a :class:`Kind`,
who may ask, what the second person reads, and what happens then. The kinds are gathered in
``gutschein/approval_kinds.py``, so that nothing here knows any of them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from msgspec import Struct

from gutschein.db.access import Access
from gutschein.db.unit_of_work import Work
from gutschein.kernel.author import Author
from gutschein.kernel.ids import TownId
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.signing.service_keys import ServiceKeys
from gutschein.web.rights import Right

#: How long a request waits for a second person, unless its kind says otherwise.
WAITING_TIME = timedelta(days=7)


class Terms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """What is asked for. A subclass gives the ``tag`` that names its kind for ever."""

    @property
    def merchant_id(self) -> UUID | None:
        """The merchant whose own people may ask for it too."""
        return None


T = TypeVar("T", bound=Terms)


#: Labels and values.
Details = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Case:
    """A request, as the functions of its kind are handed it beside its terms.

    :param id: of the request. What it makes may take this id: it is made once.
    :param now: the instant of the call, not that of the request.
    """

    town_id: TownId
    id: UUID
    reason: str
    requested_by: Author
    now: datetime
    kek: KeyEncryptionKey
    keys: ServiceKeys


@dataclass(frozen=True, slots=True)
class Described:
    """What a request is about.

    :param subject_id: of each subject at most one request of a kind is open.
    :param summary: a German sentence with all that the second person decides on. Account
        numbers are masked, and no address or secret is in it: it stands in the log.
    :param person_id: whose rights are at stake, and who therefore cannot approve.
    """

    subject_id: UUID
    summary: str
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What an approval has changed: for the business log, in German, without secrets.

    :param shown_once: what the approver alone reads, this one time, such as a link.
    """

    before: str | None = None
    after: str | None = None
    shown_once: str | None = None


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """One kind of request.

    All three functions run in the unit of work of the request or the approval, under
    :attr:`access`, and raise what they refuse; then nothing has happened.

    :param terms: the struct of its terms, whose tag is its name.
    :param title: what people call it, in German; its English stands in ``approvals.po``.
    :param right: who may ask. The right is looked up again when it is approved.
    :param describe: checks that it can be done at this moment, and says what it is about.
    :param execute: does it. The last argument is who approved.
    :param details: what the second person reads besides and nobody writes down in clear:
        labels in German, as *title*, and values.
    :param announce: what else a request sets off.
    :param access: what the functions may touch, where that is not the town's own.
    """

    terms: type[T]
    title: str
    right: Right
    describe: Callable[[Work, Case, T], Awaitable[Described]]
    execute: Callable[[Work, Case, T, Author], Awaitable[Done]]
    details: Callable[[T], Details] | None = None
    announce: Callable[[Work, Case, T], Awaitable[None]] | None = None
    access: Access | None = None
    waits: timedelta = WAITING_TIME

    @property
    def name(self) -> str:
        return str(self.terms.__struct_config__.tag)


Kinds = Mapping[str, Kind[Any]]


def by_name(kinds: Iterable[Kind[Any]]) -> Kinds:
    """Return *kinds* by their names."""
    return {kind.name: kind for kind in kinds}


@dataclass(frozen=True, slots=True)
class Desk:
    """Where requests are made and decided: the kinds there are, and the keys they need."""

    kinds: Kinds
    kek: KeyEncryptionKey
    keys: ServiceKeys
