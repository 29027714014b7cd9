from __future__ import annotations

from api_fixtures import anonymous, api, app, clock, everybody, shared_app  # noqa: F401 - fixtures
from deposit_stage import hall  # noqa: F401 - a fixture
from stage import stage  # noqa: F401 - a fixture
