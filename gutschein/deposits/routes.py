"""All routes of money that came in."""

from __future__ import annotations

from gutschein.deposits import api, pages

ROUTERS = (api.router, pages.router)
