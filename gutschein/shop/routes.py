"""The routers of the shop."""

from __future__ import annotations

from gutschein.shop import (
    buy_pages,
    order_pages,
    voucher_pages,
    withdrawal_desk_pages,
    withdrawal_pages,
)

ROUTERS = (
    buy_pages.router,
    order_pages.router,
    voucher_pages.router,
    withdrawal_pages.router,
    withdrawal_desk_pages.router,
)
