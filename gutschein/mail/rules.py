"""When a mail that was not taken is tried again, and for how long."""

from __future__ import annotations

from datetime import datetime, timedelta

#: The pause after each attempt; the last one repeats.
PAUSES = (
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
)

#: After this the mail is given up. An invitation that comes later surprises more than it helps.
GIVEN_UP_AFTER = timedelta(days=3)

#: How long the fact that a mail was sent is kept.
KEPT = timedelta(days=90)


def next_attempt_at(attempts: int, now: datetime) -> datetime:
    """Return when to try again after the attempt that begins now, the *attempts*-th."""
    return now + PAUSES[min(attempts, len(PAUSES)) - 1]


def is_over(queued_at: datetime, now: datetime) -> bool:
    """Tell whether a mail that has not been taken so far is given up."""
    return now - queued_at >= GIVEN_UP_AFTER
