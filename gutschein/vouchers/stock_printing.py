"""Vouchers for stock made ready for print: the page of any voucher, and what activates it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from msgspec.structs import replace

from gutschein.db.unit_of_work import Work
from gutschein.documents.voucher_pdf import MOST_SHEETS, ForSale, VoucherSheet
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId, VoucherId
from gutschein.programmes.schemas import Programme
from gutschein.programmes.service import get_programme
from gutschein.signing.code import format_code
from gutschein.signing.qr import activation_matrix
from gutschein.vouchers import repository, stock_repository
from gutschein.vouchers.printing import Press, PrintJob, job_of
from gutschein.vouchers.rules import VoucherState
from gutschein.vouchers.stock import Stock
from gutschein.vouchers.stock_ordering import get_stock


@dataclass(frozen=True, slots=True)
class StockPrintJob:
    """Vouchers in stock, read and ready to be laid out."""

    job: PrintJob
    stock: Stock
    programme: Programme
    activations: Mapping[VoucherId, bytes] = field(repr=False)

    def sheets(self) -> list[VoucherSheet]:
        """Open both codes of each voucher and draw them: about three milliseconds each."""
        return [
            replace(sheet, for_sale=self._for_sale(VoucherId(voucher.id)))
            for sheet, voucher in zip(self.job.sheets(), self.job.vouchers, strict=True)
        ]

    def _for_sale(self, voucher_id: VoucherId) -> ForSale:
        keys = self.job.codes
        code = format_code(keys.activation_unsealed(voucher_id, self.activations[voucher_id]))
        return ForSale(
            activation_text=code,
            activation_matrix=activation_matrix(code),
            sell_until=self.stock.order.sell_until,
            years=self.programme.validity_count or 0,
            value_is_open=self.stock.order.value_cents is None,
        )


async def print_stock(
    work: Work, town_id: TownId, order_id: UUID, after_serial: int, press: Press
) -> StockPrintJob:
    """Return the job of printing an order's next vouchers in stock, at most a file's worth.

    :raises Refusal: ``stock.unknown``, ``stock.nothing_to_print``, ``key.revoked``,
        ``key.not_endorsed``, ``key.sealed``.
    """
    stock = await get_stock(work, town_id, order_id)
    rows = await repository.list_vouchers(
        work,
        town_id,
        stock_order_id=order_id,
        after_serial=max(after_serial, stock.first_serial - 1),
        only=VoucherState.STOCK,
        limit=MOST_SHEETS,
    )
    if not rows:
        raise Refusal("stock.nothing_to_print")
    programme = await get_programme(work, town_id, stock.order.programme_id)
    activations = await stock_repository.sealed_activations(work, town_id, [r.id for r in rows])
    return StockPrintJob(await job_of(work, town_id, rows, press), stock, programme, activations)
