"""Issue vouchers, print them, and look after them, over HTTP."""

from __future__ import annotations

from litestar import Response, Router, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody

from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import (
    BatchId,
    PaymentId,
    ProgrammeId,
    TownId,
    VoucherId,
    new_id,
)
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.towns.service import get_town
from gutschein.vouchers import batch_repository, life, repository
from gutschein.vouchers.batch import Order
from gutschein.vouchers.issue import issue
from gutschein.vouchers.print_api import print_batch, print_voucher, print_whole_batch
from gutschein.vouchers.printing import Press
from gutschein.vouchers.progress import Run, reported
from gutschein.vouchers.progress_repository import runs_of
from gutschein.vouchers.schemas import (
    AfterSerial,
    BatchProgress,
    BatchRun,
    Blocking,
    Expired,
    NewBatch,
    Replacement,
    Voucher,
    VoucherBatch,
    Vouchers,
)
from gutschein.web.answers import answers, made_or_found
from gutschein.web.providers import Db, Now
from gutschein.web.request_limits import LONG_WORK
from gutschein.web.rights import Right, needs

_VOUCHER = "/vouchers/{voucher_id:uuid}"
_BATCH = "/batches/{batch_id:uuid}"
_PAGE = 500

Kek = NamedDependency[KeyEncryptionKey]


def _address(town_id: TownId, kind: str, id_: object) -> str:
    return f"/api/v1/towns/{town_id}/{kind}/{id_}"


@post(
    "/batches",
    responses=answers(
        "town.unknown",
        "programme.unknown",
        "programme.value_refused",
        "programme.rule_invalid",
        "payment.unknown",
        "payment.method",
        "payment.insufficient",
        "batch.too_large",
        "batch.sold_later",
        "batch.expired",
        "key.none",
        "key.not_endorsed",
        "key.sealed",
        "request.conflict",
        found=VoucherBatch,
    ),
    opt=needs(Right.VOUCHER_ISSUE) | LONG_WORK,
)
async def issue_vouchers(
    town_id: FromPath[TownId], data: JSONBody[NewBatch], database: Db, kek: Kek, now: Now
) -> Response[VoucherBatch]:
    """Issue one voucher, or up to 100,000 of one value, against a booked payment."""
    order = Order(
        town_id=town_id,
        batch_id=BatchId(data.id or new_id()),
        programme_id=ProgrammeId(data.programme_id),
        payment_id=PaymentId(data.payment_id),
        voucher_count=data.count,
        value_cents=data.value_cents,
        sold_on=data.sold_on,
        accept_lapsed=data.accept_lapsed,
    )
    run = Run(town_id, order.batch_id, "issue", order.voucher_count, now)
    async with reported(database, run) as report, database.unit_of_work() as work:
        batch, made = await issue(work, order, kek, now, report)
    location = _address(town_id, "batches", order.batch_id)
    return made_or_found(VoucherBatch.of(batch), location, made=made)


@get(_BATCH, responses=answers("batch.unknown"), opt=needs(Right.VOUCHER_READ))
async def get_batch(
    town_id: FromPath[TownId], batch_id: FromPath[BatchId], database: Db
) -> VoucherBatch:
    """Return a batch."""
    async with database.reading() as work:
        batch = await batch_repository.find_batch(work, town_id, batch_id)
    if batch is None:
        raise Refusal("batch.unknown")
    return VoucherBatch.of(batch)


@get(_BATCH + "/progress", responses=answers("batch.unknown"), opt=needs(Right.VOUCHER_READ))
async def batch_progress(
    town_id: FromPath[TownId], batch_id: FromPath[BatchId], database: Db, now: Now
) -> BatchProgress:
    """Tell how far the issuing or printing of a batch is, by the second.

    Nothing is known of a batch in the first second of its issue.
    """
    async with database.reading() as work:
        runs = await runs_of(work, town_id, batch_id)
        issued = await batch_repository.find_batch(work, town_id, batch_id) is not None
    if not issued and not runs:
        raise Refusal("batch.unknown")
    return BatchProgress(
        batch_id=batch_id, issued=issued, runs=[BatchRun.of(run, now) for run in runs]
    )


@get(_BATCH + "/vouchers", responses=answers("batch.unknown"), opt=needs(Right.VOUCHER_READ))
async def list_vouchers(
    town_id: FromPath[TownId],
    batch_id: FromPath[BatchId],
    database: Db,
    after_serial: AfterSerial = 0,
) -> Vouchers:
    """List a batch's vouchers by serial, 500 at a time."""
    async with database.reading() as work:
        if await batch_repository.find_batch(work, town_id, batch_id) is None:
            raise Refusal("batch.unknown")
        rows = await repository.list_vouchers(
            work, town_id, batch_id=batch_id, after_serial=after_serial, limit=_PAGE
        )
        events = await repository.events_of(work, town_id, [row.id for row in rows])
    return Vouchers(vouchers=[Voucher.of(row, events) for row in rows])


@get(_VOUCHER, responses=answers("voucher.unknown"), opt=needs(Right.VOUCHER_READ))
async def get_voucher(
    town_id: FromPath[TownId], voucher_id: FromPath[VoucherId], database: Db
) -> Voucher:
    """Return a voucher as its town sees it: without its code."""
    async with database.reading() as work:
        return await _voucher(work, town_id, voucher_id)


@post(
    _VOUCHER + "/block",
    status_code=200,
    responses=answers("voucher.unknown", "voucher.replaced", "voucher.expired"),
    opt=needs(Right.VOUCHER_BLOCK),
)
async def block_voucher(
    town_id: FromPath[TownId],
    voucher_id: FromPath[VoucherId],
    data: JSONBody[Blocking],
    database: Db,
    now: Now,
) -> Voucher:
    """Block a voucher. Blocking it again changes nothing."""
    async with database.unit_of_work() as work:
        await life.block(work, town_id, voucher_id, data.reason, now)
        return await _voucher(work, town_id, voucher_id)


@post(
    _VOUCHER + "/replacement",
    responses=answers(
        "voucher.unknown",
        "voucher.not_active",
        "voucher.replaced",
        "voucher.expired",
        "voucher.empty",
        "key.none",
        "key.not_endorsed",
        "key.sealed",
        "request.conflict",
        found=Voucher,
    ),
    opt=needs(Right.VOUCHER_REPLACE),
)
async def replace_voucher(
    town_id: FromPath[TownId],
    voucher_id: FromPath[VoucherId],
    data: JSONBody[Replacement],
    *,
    database: Db,
    kek: Kek,
    now: Now,
) -> Response[Voucher]:
    """Give the balance to a new voucher with a new code; the old one is dead."""
    replacement_id = VoucherId(data.id or new_id())
    async with database.unit_of_work() as work:
        made = await life.replace_voucher(
            work, town_id, voucher_id, replacement_id, data.reason, kek=kek, now=now
        )
        voucher = await _voucher(work, town_id, replacement_id)
    return made_or_found(voucher, _address(town_id, "vouchers", replacement_id), made=made)


@post(
    "/expiries",
    status_code=200,
    responses=answers("town.unknown"),
    opt=needs(Right.VOUCHER_EXPIRE) | LONG_WORK,
)
async def expire_vouchers(town_id: FromPath[TownId], database: Db, now: Now) -> Expired:
    """Let all vouchers lapse whose last day is over."""
    expired_count = 0
    while True:
        async with database.unit_of_work() as work:
            await get_town(work, town_id)
            some = await life.expire_due(work, town_id, now)
        expired_count += some
        if some == 0:
            return Expired(expired_count=expired_count)


async def _voucher(work: Work, town_id: TownId, voucher_id: VoucherId) -> Voucher:
    rows = await repository.list_vouchers(work, town_id, voucher_id=voucher_id)
    if not rows:
        raise Refusal("voucher.unknown")
    return Voucher.of(rows[0], await repository.events_of(work, town_id, [voucher_id]))


def _press(state: State, kek: Kek, now: Now) -> Press:
    return Press(state.qr_prefix, kek, now)


router = Router(
    "/api/v1/towns/{town_id:uuid}",
    dependencies={"press": Provide(_press, sync_to_thread=False)},
    route_handlers=[
        issue_vouchers,
        get_batch,
        batch_progress,
        list_vouchers,
        print_batch,
        print_whole_batch,
        get_voucher,
        print_voucher,
        block_voucher,
        replace_voucher,
        expire_vouchers,
    ],
    tags=["Vouchers"],
)
