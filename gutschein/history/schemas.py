"""The business log, as the API gives it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Struct

from gutschein.web.fields import Id, known_as


class LogEntry(Struct, frozen=True, kw_only=True):
    """One line of the log, in German words."""

    id: Id
    happened_at: Annotated[datetime, known_as("When, in UTC.", "2026-11-02T08:30:00Z")]
    action: Annotated[str, known_as("What was done, as subject and verb.", "role.granted")]
    author_id: Annotated[
        UUID | None,
        known_as(
            "Who did it; null for the service itself.", "01938f6e-5c00-7cc3-98c4-dc0c0c07398f"
        ),
    ]
    author_name: Annotated[str, known_as("Their name at that time.", "Jana Beispiel")]
    subject: Annotated[str, known_as("What it was done to.", "Prüferin für Otto Beispiel")]
    before: Annotated[str | None, known_as("What it was; null for what is new.", "3 %")]
    after: Annotated[str | None, known_as("What it is now; null for what is gone.", "2 %")]
    reason: Annotated[str | None, known_as("Why, where somebody said so.", "Ratsbeschluss 17/26")]


class Log(Struct, frozen=True, kw_only=True):
    """Lines of the log, the newest first."""

    entries: list[LogEntry]
    next_before: Annotated[
        UUID | None,
        known_as(
            "Sent as `before`, it gives the older ones; null when there are none.",
            "01938f6e-5c00-7cc3-98c4-dc0c0c07398f",
        ),
    ]
