"""The processes of a service that a test has started."""

from __future__ import annotations

import psutil

from tests.running_service import Served


def processes_of(service: Served) -> list[psutil.Process]:
    """The first process, then its workers."""
    (first,) = [
        process
        for process in psutil.Process().children()
        if process.environ().get("GUTSCHEIN_PORT") == str(service.port)
    ]
    return [first, *(child for child in first.children() if "python" in child.name())]
