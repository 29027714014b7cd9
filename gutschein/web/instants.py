"""Instants for people: the time of Europe/Berlin."""

from __future__ import annotations

from datetime import datetime

from gutschein.kernel.clock import BERLIN, berlin_day, format_day
from gutschein.kernel.errors import Language


def format_instant(instant: datetime, language: Language = "de") -> str:
    """Write an instant for people: ``31.12.2029, 14:05 Uhr``.

    :raises ValueError: when *instant* carries no time zone.
    """
    day = format_day(berlin_day(instant))
    return f"{day}, {instant.astimezone(BERLIN):%H:%M}{' Uhr' if language == 'de' else ''}"


def machine_instant(instant: datetime) -> str:
    """Write an instant for the ``datetime`` of a ``<time>`` element, with its offset."""
    return instant.astimezone(BERLIN).isoformat(timespec="seconds")
