from __future__ import annotations

import pytest
from api_fixtures import Clock, anonymous, api, app, everybody, shared_app  # noqa: F401 - fixtures
from stage import stage  # noqa: F401 - a fixture

from gutschein.kernel.clock import utc_now


@pytest.fixture
def clock() -> Clock:
    """A clock that stands at now: the service as a process goes by the real one."""
    clock = Clock()
    clock.now = utc_now()
    return clock
