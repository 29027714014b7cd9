from __future__ import annotations

from api_fixtures import anonymous, api, app, clock, everybody, shared_app  # noqa: F401 - fixtures
from stage import stage  # noqa: F401 - a fixture

from tests.devices.shop_stage import new_client, new_person  # noqa: F401 - fixtures
