"""A small region on which vouchers live: made over HTTP, spent over HTTP, audited at the end.

Zwönitz and Schneeberg honour one another's vouchers. Each has a shop, a programme of free
amounts with a fee of 3 % (VAT 19 % on it), and pays merchants from 10 EUR on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from api_fixtures import Api, Clock, code_of, fresh_id
from litestar import Litestar
from sqlalchemy import text

from gutschein.audit import opener
from gutschein.auditor.audit import audit
from gutschein.db.access import AUDITOR, Access
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Database
from gutschein.history.jobs import seal
from gutschein.kernel.ids import BatchId, TownId, VoucherId
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.vouchers import printing
from gutschein.vouchers.printing import Press, PrintJob

_MOVED = text(
    """
    SELECT (SELECT count(*) FROM transfer WHERE town_id = ANY(CAST(:towns AS uuid[]))),
           (SELECT count(*) FROM redemption WHERE town_id = ANY(CAST(:towns AS uuid[]))),
           (SELECT count(*) FROM reversal WHERE town_id = ANY(CAST(:towns AS uuid[]))),
           (SELECT count(*) FROM voucher WHERE town_id = ANY(CAST(:towns AS uuid[]))),
           (SELECT count(*) FROM voucher_event WHERE town_id = ANY(CAST(:towns AS uuid[]))),
           (SELECT count(*) FROM settlement WHERE town_id = ANY(CAST(:towns AS uuid[]))),
           (SELECT count(*) FROM payout_event WHERE town_id = ANY(CAST(:towns AS uuid[]))),
           (SELECT count(*) FROM netting_payment
            WHERE payer_town_id = ANY(CAST(:towns AS uuid[])) AND paid_at IS NOT NULL),
           (SELECT sum(balance_cents * hashtext(id::text)::bigint) FROM ledger_account
            WHERE guarded AND town_id = ANY(CAST(:towns AS uuid[])))
    """
)

# Summed up before it is joined: with 100,000 new accounts that nothing has counted yet, the
# planner would look for all of them once for each transfer.
_SUMS = text(
    """
    SELECT a.town_id, a.kind, a.owner_id, m.cents
    FROM (
        SELECT town_id, id, sum(cents)::bigint AS cents
        FROM (
            SELECT town_id, credit_account_id AS id, amount_cents AS cents FROM transfer
            UNION ALL
            SELECT town_id, debit_account_id, -amount_cents FROM transfer
        ) sides
        WHERE town_id = ANY(CAST(:towns AS uuid[]))
        GROUP BY town_id, id
    ) m
    JOIN ledger_account a USING (town_id, id)
    """
)


@dataclass(frozen=True)
class Shop:
    """A branch of a merchant."""

    town_id: str
    merchant_id: str
    branch_id: str

    @property
    def fields(self) -> dict[str, str]:
        return {
            "town_id": self.town_id,
            "merchant_id": self.merchant_id,
            "branch_id": self.branch_id,
        }


@dataclass(frozen=True)
class Town:
    """A town with a programme and a shop."""

    id: str
    region_id: str
    name: str
    ags: str
    programme_id: str
    shop: Shop

    def path(self, rest: str) -> str:
        return f"/api/v1/towns/{self.id}/{rest}"


@dataclass(frozen=True)
class Paper:
    """A printed voucher: what the camera reads on it, and what is typed instead."""

    town: Town
    id: str
    token: str
    code: str

    @property
    def shown(self) -> dict[str, str]:
        return {"token": self.token}

    @property
    def typed(self) -> dict[str, str]:
        return {"code": self.code}


@dataclass
class Stage:
    """The region, and what is done on it. Amounts are cents."""

    api: Api
    app: Litestar
    clock: Clock
    database_url: str
    zwoenitz: Town
    schneeberg: Town

    @property
    def database(self) -> Database:
        """The service's database, in the role that sees all towns."""
        database: Database = self.app.state.database
        return database.acting(Access("gutschein_tests"))  # type: ignore[arg-type]

    @property
    def kek(self) -> KeyEncryptionKey:
        kek: KeyEncryptionKey = self.app.state.kek
        return kek

    @property
    def towns(self) -> list[UUID]:
        return [UUID(self.zwoenitz.id), UUID(self.schneeberg.id)]

    # vouchers

    async def payment(self, town: Town, amount_cents: int, **changes: Any) -> str:
        body = {"method": "bank_transfer", "amount_cents": amount_cents, "reference": "Verkauf"}
        if changes.get("method") == "subsidy":
            terms = {"kind": "gratis_issue", "amount_cents": amount_cents, "reference": "Verkauf"}
            return str((await self.api.approved(town.id, terms))["id"])
        return str((await self.api.made(town.path("payments"), body | changes))["id"])

    async def order(self, town: Town, value_cents: int, count: int = 1) -> dict[str, Any]:
        """Pay for a batch, and return the order of it."""
        return {
            "id": fresh_id(),
            "programme_id": town.programme_id,
            "payment_id": await self.payment(town, value_cents * count),
            "value_cents": value_cents,
            "count": count,
        }

    async def batch(self, town: Town, value_cents: int, count: int = 1, **changes: Any) -> Any:
        order = await self.order(town, value_cents, count)
        return await self.api.made(town.path("batches"), order | changes)

    async def vouchers(
        self, town: Town, value_cents: int, count: int, **changes: Any
    ) -> list[Paper]:
        batch = await self.batch(town, value_cents, count, **changes)
        async with self.database.reading() as work:
            job = await printing.print_batch(
                work, TownId(UUID(town.id)), BatchId(UUID(batch["id"])), 0, self._press
            )
        return _papers(town, job)

    async def voucher(self, town: Town, value_cents: int = 50_00, **changes: Any) -> Paper:
        return (await self.vouchers(town, value_cents, 1, **changes))[0]

    async def paper_of(self, town: Town, voucher_id: str) -> Paper:
        async with self.database.reading() as work:
            job = await printing.print_one(
                work, TownId(UUID(town.id)), VoucherId(UUID(voucher_id)), self._press
            )
        return _papers(town, job)[0]

    async def block(self, voucher: Paper) -> None:
        path = voucher.town.path(f"vouchers/{voucher.id}/block")
        assert (await self.api.post(path, {"reason": "Verloren"})).status_code == 200

    async def replace(self, voucher: Paper) -> Paper:
        path = voucher.town.path(f"vouchers/{voucher.id}/replacement")
        made = await self.api.made(path, {"reason": "Verloren"})
        return await self.paper_of(voucher.town, made["id"])

    async def expire(self, town: Town) -> int:
        response = await self.api.post(town.path("expiries"))
        assert response.status_code == 200, response.text
        return int(response.json()["expired_count"])

    # tills

    def sold(self, voucher: Paper, amount_cents: int, shop: Shop | None = None) -> dict[str, Any]:
        """What a till sends to redeem a voucher, in its own town's shop unless told."""
        shop = shop or voucher.town.shop
        return {"id": fresh_id(), "amount_cents": amount_cents} | voucher.shown | shop.fields

    async def redeem(self, body: dict[str, Any], **changes: Any) -> httpx.Response:
        return await self.api.post("/api/v1/redemptions", body | changes)

    async def redeemed(
        self, voucher: Paper, amount_cents: int, shop: Shop | None = None
    ) -> dict[str, Any]:
        response = await self.redeem(self.sold(voucher, amount_cents, shop))
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def reverse(
        self, redemption: dict[str, Any], shop: Shop | None = None, **changes: Any
    ) -> httpx.Response:
        own = {name: redemption[name] for name in ("town_id", "merchant_id", "branch_id")}
        body = {"id": fresh_id()} | (shop.fields if shop else own) | changes
        return await self.api.post(f"/api/v1/redemptions/{redemption['id']}/reversal", body)

    async def left(self, voucher: Paper) -> int:
        response = await self.api.get(voucher.town.path(f"vouchers/{voucher.id}"))
        return int(response.json()["balance_cents"])

    async def close_branch(self, shop: Shop) -> None:
        path = f"/api/v1/towns/{shop.town_id}/merchants/{shop.merchant_id}"
        closed = await self.api.post(f"{path}/branches/{shop.branch_id}/close")
        assert closed.status_code == 200, closed.text

    # the month's end

    async def close(self, town: Town, begin: str, end: str) -> dict[str, Any]:
        return await self.api.made(
            town.path("settlements"), {"id": fresh_id(), "period_from": begin, "period_to": end}
        )

    async def approve(self, town: Town, settlement: dict[str, Any]) -> dict[str, Any]:
        terms = {"kind": "settlement", "settlement_id": settlement["id"]}
        await self.api.approved(town.id, terms)
        found = await self.api.get(town.path(f"settlements/{settlement['id']}"))
        return dict(found.json())

    async def settle(self, town: Town, begin: str, end: str) -> dict[str, Any]:
        return await self.approve(town, await self.close(town, begin, end))

    # the books

    async def balance(self, town: Town, kind: str, owner_id: str | None = None) -> int:
        """What all accounts of a kind owe in a town, or those of one owner, by their transfers."""
        async with self.database.reading() as work:
            rows = (await work.execute(_SUMS, {"towns": [town.id]})).all()
        return sum(
            row.cents
            for row in rows
            if row.kind == kind and (owner_id is None or str(row.owner_id) == owner_id)
        )

    async def moved(self) -> tuple[Any, ...]:
        """A mark of all that ever moves; nothing was moved as long as it is the same."""
        async with self.database.reading() as work:
            return tuple((await work.execute(_MOVED, {"towns": self.towns})).one())

    async def audit(self, *others: Town) -> None:
        """Let the auditor find that everything agrees, in these two towns and in others."""
        await seal(self.database, self.clock.now)
        engine = create_engine(self.database_url, role="gutschein_auditor", pool_size=1)
        auditors = Database(engine, AUDITOR)
        towns = [*self.towns, *(UUID(town.id) for town in others)]
        async with auditors.reading() as work:
            opens = await opener(work, self.kek)
            report = await audit(work, now=self.clock.now, towns=towns, opener=opens)
        await auditors.close()
        assert report.findings == [], report.findings
        assert [town.difference_cents for town in report.towns] == [0] * len(report.towns)

    async def refused(self, response: httpx.Response, *codes: str) -> dict[str, Any]:
        """What the problem document says that refuses with one of the codes."""
        assert code_of(response) in codes, response.text
        return dict(response.json())

    @property
    def _press(self) -> Press:
        return Press(self.app.state.qr_prefix, self.kek, self.clock.now)


async def repeated(call: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """Ask as a till does: again, under the same id, while the service is overrun."""
    while (answer := await call()).status_code == 503:
        assert code_of(answer) == "service.busy"
        await asyncio.sleep(float(answer.headers["retry-after"]))
    return answer


def _papers(town: Town, job: PrintJob) -> list[Paper]:
    return [
        Paper(town, str(voucher.id), sheet.qr_url, sheet.code_text)
        for voucher, sheet in zip(job.vouchers, job.sheets(), strict=True)
    ]


async def new_shop(api: Api, town_id: str, **changes: Any) -> Shop:
    """Take a merchant with one branch under contract."""
    merchant = await api.new_merchant({"id": town_id}, **changes)
    return Shop(town_id, merchant["id"], merchant["branches"][0]["id"])


async def new_town(api: Api, region_id: str, name: str, **changes: Any) -> Town:
    """Make a town with a programme, a shop and a VAT rate of 19 %."""
    made = await api.new_town(region_id, name=name, **{"minimum_payout_cents": 10_00} | changes)
    rate = {"valid_from": "2020-01-01", "basis_points": 1_900}
    await api.made(f"/api/v1/towns/{made['id']}/vat-rates", rate)
    programme = await api.new_programme(made, name=f"Gutschein {name}", cap_cents=1_000_00)
    shop = await new_shop(api, made["id"], name=f"Buchladen {name}")
    return Town(made["id"], region_id, name, made["ags"], programme["id"], shop)


async def agree(api: Api, issuer: Town, accepting: Town, **changes: Any) -> None:
    """Let the shops of one town honour the vouchers of another."""
    body = {"accepting_town_id": accepting.id, "valid_from": "2020-01-01"}
    await api.made(issuer.path("acceptances"), body | changes)


async def new_stage(api: Api, app: Litestar, clock: Clock, database_url: str) -> Stage:
    region_id = (await api.new_region())["id"]
    zwoenitz = await new_town(api, region_id, "Zwönitz")
    schneeberg = await new_town(api, region_id, "Schneeberg")
    await agree(api, zwoenitz, schneeberg)
    await agree(api, schneeberg, zwoenitz)
    return Stage(api, app, clock, database_url, zwoenitz, schneeberg)


@pytest.fixture
async def stage(api: Api, app: Litestar, clock: Clock, database_url: str) -> Stage:
    return await new_stage(api, app, clock, database_url)


def with_programme(town: Town, programme_id: str) -> Town:
    """The same town, selling another programme."""
    return replace(town, programme_id=programme_id)
