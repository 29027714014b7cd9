"""A bought voucher as a file: in its motif, with the buyer's words."""

from __future__ import annotations

from asyncio import to_thread

from gutschein.db.unit_of_work import Work
from gutschein.documents.printing_process import WORKSHOP
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import VoucherId
from gutschein.mail.message import MOST_ATTACHED, Attachment
from gutschein.shop.lost import current_voucher
from gutschein.shop.orders import Item, ShopOrder
from gutschein.vouchers.printing import Press, PrintJob, print_vouchers

PDF = "application/pdf"


async def print_job(work: Work, order: ShopOrder, item: Item, press: Press) -> PrintJob:
    """Return the job of printing one voucher of an order.

    :raises Refusal: ``order.no_item`` for one that is not issued, and what
        :func:`gutschein.vouchers.printing.print_vouchers` refuses of a voucher that is blocked,
        replaced or lapsed.
    """
    if item.voucher_id is None:
        raise Refusal("order.no_item")
    voucher = await current_voucher(work, order.town_id, item.voucher_id)
    return await print_vouchers(
        work,
        order.town_id,
        [VoucherId(voucher.id)],
        press,
        motif=item.wish.motif,
        message=item.wish.message or None,
        language=order.language,
    )


def fitting(files: list[Attachment]) -> list[Attachment]:
    """Return the files that go with one mail, from the first on; the others wait on the page."""
    total_bytes = 0
    for count, file in enumerate(files):
        total_bytes += len(file.content)
        if total_bytes > MOST_ATTACHED:
            return files[:count]
    return files


async def printed(jobs: list[PrintJob], press: Press) -> list[Attachment]:
    """Lay out the jobs, a file each, named by the serial of the voucher.

    :raises Refusal: ``service.busy`` when this worker prints as much as it can already.
    :raises DocumentError: when a file cannot be laid out.
    """
    if not jobs:
        return []
    files = []
    async with WORKSHOP.processes(1) as [process]:
        for job in jobs:
            sheets = await to_thread(job.sheets)
            content = await process.pdf(sheets, press.now)
            files.append(Attachment(f"gutschein-{sheets[0].serial}.pdf", PDF, content))
    return files
