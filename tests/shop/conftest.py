from __future__ import annotations

import pytest
from api_fixtures import anonymous, api, app, clock, everybody, shared_app  # noqa: F401 - fixtures
from buying_stage import shop  # noqa: F401 - a fixture
from stage import stage  # noqa: F401 - a fixture

from tests.devices.shop_stage import new_client, new_person  # noqa: F401 - fixtures


@pytest.fixture(autouse=True)
def nothing_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the service does by the clock these tests do themselves, when they say so."""
    monkeypatch.setattr("gutschein.app.job_list", lambda *_: [])
