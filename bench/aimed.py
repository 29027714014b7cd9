"""Run ``gutschein serve`` as it is, with workers that are wired in another way.

``python -m bench.aimed bench.verify_only:wired``: so a floor is served exactly as the service
is, by the same server with the same settings and number of workers.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from litestar import Litestar

from gutschein import serving

#: In a worker: the function that wires it.
AIM_VARIABLE = "BENCH_AIM"

#: Is given what wires the service itself.
Wiring = Callable[[Callable[[], Litestar]], Litestar]

# Taken before it is replaced: in the parent, and again in a worker that imports this anew.
_ordinary = serving._application  # noqa: SLF001 - what a worker begins with


def application(*args: Any) -> Litestar:
    """Wire a worker as the aim says."""
    module, _, name = os.environ[AIM_VARIABLE].partition(":")
    wiring: Wiring = getattr(import_module(module), name)
    return wiring(partial(_ordinary, *args))


def main() -> None:
    """Serve what the first argument names."""
    from bench.aimed import application  # noqa: PLC0415 - under the name that workers find it by

    os.environ[AIM_VARIABLE] = sys.argv[1]
    setattr(serving, "_application", application)  # noqa: B010 - it takes whatever the service's does
    serving.serve()


if __name__ == "__main__":
    main()
