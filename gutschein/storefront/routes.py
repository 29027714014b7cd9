"""All routes of what the public sees of towns."""

from __future__ import annotations

from gutschein.storefront import api, motif_pages, pages

routers = (api.router, pages.router, motif_pages.router)
