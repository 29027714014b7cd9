"""Who did something, as the business log names them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Author:
    """A person, a device or a program.

    :param id: ``None`` for the service itself and for commands of its operator.
    :param name: as people know them; it is kept with what they did.
    """

    id: UUID | None
    name: str


#: What the service does by itself, and what is done on its machine by command.
SERVICE = Author(None, "Gutschein")
