"""How late the event loop is: what is due now has waited so long behind the rest.

Under more load than a worker can bear, requests wait here before any queue of ours sees them.
"""

from __future__ import annotations

import asyncio

#: How often it is looked at, in seconds.
EVERY = 0.05
#: When everything waits so long, who comes is better told to come again.
MOST = 0.25


class Lateness:
    """Looks at the loop it is first asked in."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._due = 0.0
        self._seconds = 0.0

    def seconds(self) -> float:
        """Return how late the loop was when it last could tell."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop = loop
            self._look_later(loop)
        return self._seconds

    def is_too_great(self) -> bool:
        """Tell whether who comes now would wait too long."""
        return self.seconds() > MOST

    def _look_later(self, loop: asyncio.AbstractEventLoop) -> None:
        self._due = loop.time() + EVERY
        loop.call_later(EVERY, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._seconds = loop.time() - self._due
        self._look_later(loop)
