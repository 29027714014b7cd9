"""What one worker remembers of keys that are refused."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime

REMEMBERED = 50_000


class Blocked:
    """Keys with the instants until which they are refused; the oldest are forgotten first.

    To forget is harmless: the database is asked again.
    """

    def __init__(self, room: int = REMEMBERED) -> None:
        self._until: OrderedDict[bytes, datetime] = OrderedDict()
        self._room = room

    def __len__(self) -> int:
        return len(self._until)

    def until(self, key: bytes, now: datetime) -> datetime:
        """Return until when *key* is refused; *now* when it is not known to be."""
        found = self._until.get(key, now)
        if found <= now:
            self._until.pop(key, None)
            return now
        return found

    def remember(self, key: bytes, until: datetime, now: datetime) -> None:
        """Refuse *key* until an instant that is not over yet."""
        if until <= now:
            return
        self._until[key] = max(until, self._until.pop(key, until))
        if len(self._until) > self._room:
            self._until.popitem(last=False)
