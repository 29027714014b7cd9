"""All routes of what is done without a net."""

from __future__ import annotations

from gutschein.offline import api, pages

routers = (api.router, api.status_router, pages.router)
