from __future__ import annotations

import pytest
from api_fixtures import (  # noqa: F401 - fixtures
    Api,
    anonymous,
    api,
    app,
    clock,
    everybody,
    shared_app,
)
from high_street import HighStreet, opened


@pytest.fixture
async def street(api: Api) -> HighStreet:  # noqa: F811 - the fixture
    return await opened(api)
