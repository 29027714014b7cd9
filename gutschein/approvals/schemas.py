"""Requests for approval, as the API takes and gives them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from litestar.params import QueryParameter
from msgspec import Meta, Struct

from gutschein.approvals.rules import Request, State
from gutschein.web.fields import Id, Input, NewThing, known_as, line

#: How many requests a list has at most.
MOST_LISTED = 500

Reason = Annotated[
    str, line(300, "Why, in the words of whoever asks.", "Brief des Inhabers vom 2. November 2026")
]
Rejecting = Annotated[
    str,
    line(300, "Why not, in the words of whoever rejects.", "Die IBAN im Brief ist eine andere."),
]
Fingerprint = Annotated[
    str,
    Meta(
        pattern=r"^[0-9a-f]{64}$(?!\n)",
        description="Of the request as it was shown. Another one is refused.",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    ),
]
Name = Annotated[str, known_as("Who, as the business log names them.", "Erika Muster")]
At = Annotated[datetime, known_as("When, in UTC.", "2026-11-02T08:30:00Z")]
StateWanted = Annotated[
    State | None,
    QueryParameter(name="state", description="Only requests that stand there; all when absent."),
]
KindWanted = Annotated[
    str | None, QueryParameter(max_length=40, description="Only requests of this kind.")
]
Limit = Annotated[
    int, QueryParameter(ge=1, le=MOST_LISTED, description="How many requests at most.")
]


class NewRequest(NewThing, frozen=True, kw_only=True):
    """What every request for approval says."""

    reason: Reason


class Approving(Input, frozen=True, kw_only=True):
    """A second person's word: approved, as it was shown."""

    fingerprint: Fingerprint


class Rejection(Input, frozen=True, kw_only=True):
    """A second person's word: not like this."""

    reason: Rejecting


class Approval(Struct, frozen=True, kw_only=True):
    """A request for approval and what became of it."""

    id: Id
    town_id: Id
    kind: Annotated[str, known_as("What kind of request it is.", "payout_account")]
    subject_id: Annotated[
        UUID,
        known_as(
            "What it is about: of one thing at most one request of a kind is open.",
            "01938f6e-5c00-7cc3-98c4-dc0c0c07398f",
        ),
    ]
    summary: Annotated[
        str,
        known_as(
            "What the second person decides on, in German.",
            "Buchladen am Markt: künftig auf DE02 … 2051 (Jörg Muster).",
        ),
    ]
    reason: Reason
    requested_by: Id
    requested_by_name: Name
    requested_at: At
    ends_at: Annotated[
        datetime, known_as("Until when it can be decided, in UTC.", "2026-11-09T08:30:00Z")
    ]
    state: Annotated[
        Literal["open", "approved", "rejected", "retracted", "expired"],
        known_as("Where it stands.", "open"),
    ]
    decided_by: Id | None
    decided_by_name: Name | None
    decided_at: At | None
    decision_reason: Annotated[str | None, known_as("Why it was rejected.", None)]
    fingerprint: Fingerprint

    @classmethod
    def of(cls, request: Request, now: datetime, **more: Any) -> Self:
        values = {name: getattr(request, name) for name in _AS_STORED}
        return cls(**values, state=request.state(now), fingerprint=request.fingerprint, **more)


_AS_STORED = tuple(
    field for field in Approval.__struct_fields__ if field not in {"state", "fingerprint"}
)


class Detail(Struct, frozen=True):
    """Something that was asked for, sealed in the database."""

    label: Annotated[str, known_as("What it is, in German.", "Kontoinhaber")]
    value: Annotated[str, known_as("What was asked for.", "Kerstin Beispiel")]


class ApprovalInDetail(Approval, frozen=True, kw_only=True):
    """A request for approval, with all that the second person decides on."""

    details: list[Detail]


class Approvals(Struct, frozen=True):
    """Requests for approval: open ones first, then the newest."""

    approvals: list[Approval]


class Approved(Approval, frozen=True, kw_only=True):
    """A request that was approved, and what is shown this one time."""

    shown_once: Annotated[
        str | None,
        known_as("What the approver alone learns, such as a link to hand over.", None),
    ]
