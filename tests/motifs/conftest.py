from __future__ import annotations

from api_fixtures import anonymous, api, app, clock, everybody, shared_app  # noqa: F401 - fixtures
