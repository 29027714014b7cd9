"""The routes that belong to no subject: the start page, files, what the service says of itself."""

from __future__ import annotations

from gutschein.web import brand, errors_api, guide, health, start, static, till_app

routers = (
    start.router,
    till_app.router,
    guide.router,
    static.router,
    brand.router,
    health.router,
    errors_api.router,
)
