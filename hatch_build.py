"""The front end is built whenever the package is: ``pip install .``, ``uv sync``, wheel, sdist.

An sdist holds the result, so that installing it needs no Node.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent / "tools"))

from build_front_end import NODE, build, is_built


class FrontEnd(BuildHookInterface[Any]):
    """What hatchling calls before it packs."""

    def dependencies(self) -> list[str]:
        """Ask for Node only when there is something to build."""
        return [] if is_built(Path(self.root)) else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - as hatchling calls it
        """Build, and pack what git ignores."""
        build(Path(self.root))
        build_data["artifacts"].append("/gutschein/web/static/")
