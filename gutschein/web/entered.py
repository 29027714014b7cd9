"""What a form is filled with, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Entered:
    """What the fields of a form show. The macros of ``web/forms.html`` read it.

    :param values: by field; a list of a field that may be chosen several times.
    :param errors: by field, in the reader's language; ``""`` is the form as a whole.
    """

    values: Mapping[str, str | list[str]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    _labels: dict[str, str] = field(default_factory=dict)

    def labelled(self, name: str, label: str) -> str:
        """Remember a field's label, for the summary of errors; writes nothing."""
        self._labels[name] = label
        return ""

    def label_of(self, name: str) -> str:
        """Return the label of a field that the form has shown, else nothing."""
        return self._labels.get(name, "")

    def value(self, name: str, otherwise: str = "") -> str:
        """Return what a field shows."""
        value = self.values.get(name, otherwise)
        return value if isinstance(value, str) else next(iter(value), "")

    def has(self, name: str, choice: str) -> bool:
        """Tell whether a choice of a field is taken."""
        value = self.values.get(name, "")
        return choice == value if isinstance(value, str) else choice in value
