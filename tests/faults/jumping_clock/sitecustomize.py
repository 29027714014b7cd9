"""Lets a service's clock be wrong. Python reads this when a process starts that has this folder
in its ``PYTHONPATH``; everything in it takes its instants from :func:`utc_now`.

The file that ``WRONG_CLOCK`` names says by how many seconds it is wrong at the moment.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

from gutschein.kernel import clock

_right = clock.utc_now
_wrong_by = Path(os.environ["WRONG_CLOCK"])


def utc_now() -> datetime:
    """Read the clock, as wrong as it is."""
    return _right() + timedelta(seconds=float(_wrong_by.read_text(encoding="ascii")))


clock.utc_now = utc_now
