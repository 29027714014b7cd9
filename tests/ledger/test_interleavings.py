"""Whatever happens in whatever order, the ledger is what a child would keep on paper."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import AccountId, HoldId, TransferId, new_id
from gutschein.ledger.balances import balance_of, balances_of, take_snapshots
from gutschein.ledger.chart import AccountKind
from gutschein.ledger.entries import Event, NewHold, NewTransfer
from gutschein.ledger.holds import post_hold, release, reserve
from gutschein.ledger.models import ledger_account, transfer
from gutschein.ledger.posting import post
from tests.ledger.conftest import NOW, Book

STEPS = ("pay", "spend", "move", "again", "hold", "settle", "release", "snapshot", "undone")
STEP = st.tuples(
    st.sampled_from(STEPS),
    st.integers(0, 1),
    st.integers(1, 60_00),
)


@dataclass
class Paper:
    """The same ledger in plain sums: two vouchers, what is held on each, one merchant."""

    vouchers: list[int] = field(default_factory=lambda: [0, 0])
    held: list[int] = field(default_factory=lambda: [0, 0])
    payable: int = 0

    def free(self, place: int) -> int:
        return self.vouchers[place] - self.held[place]


@dataclass
class Play:
    """One run: each step is done in the ledger and on paper, and both agree on refusals."""

    book: Book
    accounts: list[AccountId]
    start_cents: int
    paper: Paper = field(default_factory=Paper)
    posted: list[NewTransfer] = field(default_factory=list)
    holds: list[tuple[int, NewHold]] = field(default_factory=list)

    async def step(self, kind: str, place: int, cents: int) -> None:
        paper, book = self.paper, self.book
        voucher, other = self.accounts[place], self.accounts[1 - place]
        bank = book.account(AccountKind.TRUST_BANK)
        if kind == "pay":
            await self._post(book.transfer(bank, voucher, cents), fits=True)
            paper.vouchers[place] += cents
        elif kind == "spend":
            if await self._post(
                book.transfer(voucher, book.payable, cents), fits=cents <= paper.free(place)
            ):
                paper.vouchers[place] -= cents
                paper.payable += cents
        elif kind == "move":
            if await self._post(
                book.transfer(voucher, other, cents), fits=cents <= paper.free(place)
            ):
                paper.vouchers[place] -= cents
                paper.vouchers[1 - place] += cents
        elif kind == "again" and self.posted:
            await book.post(self.posted[cents % len(self.posted)])
        elif kind == "hold":
            await self._hold(place, cents)
        elif kind in {"settle", "release"} and self.holds:
            await self._end(kind, cents)
        elif kind == "snapshot":
            async with book.database.unit_of_work() as work:
                await take_snapshots(work, book.town_id, NOW)
        elif kind == "undone":
            async with book.database.unit_of_work() as work:
                await post(work, [book.transfer(bank, voucher, cents)], NOW)
                await work.rollback()

    async def _post(self, wanted: NewTransfer, *, fits: bool) -> bool:
        try:
            await self.book.post(wanted)
        except Refusal as refused:
            assert (refused.code, fits) == ("account.insufficient", False)  # noqa: PT017
            return False
        assert fits
        self.posted.append(wanted)
        return True

    async def _hold(self, place: int, cents: int) -> None:
        hold = NewHold(
            self.book.town_id,
            HoldId(new_id()),
            self.accounts[place],
            self.book.payable,
            cents,
            Event.REDEMPTION,
            new_id(),
        )
        fits = cents <= self.paper.free(place)
        try:
            async with self.book.database.unit_of_work() as work:
                await reserve(work, hold, NOW)
        except Refusal as refused:
            assert (refused.code, fits) == ("account.insufficient", False)  # noqa: PT017
            return
        assert fits
        self.holds.append((place, hold))
        self.paper.held[place] += cents

    async def _end(self, kind: str, cents: int) -> None:
        place, hold = self.holds.pop(cents % len(self.holds))
        taken = min(cents, hold.amount_cents) if kind == "settle" else 0
        for _ in range(2):  # the second time changes nothing
            async with self.book.database.unit_of_work() as work:
                if taken:
                    await post_hold(
                        work,
                        self.book.town_id,
                        hold.id,
                        transfer_id=TransferId(hold.reference_id),
                        amount_cents=taken,
                        now=NOW,
                    )
                else:
                    await release(work, self.book.town_id, hold.id, NOW)
        self.paper.held[place] -= hold.amount_cents
        self.paper.vouchers[place] -= taken
        self.paper.payable += taken

    async def agree(self) -> None:
        """Ledger and paper say the same."""
        book, paper = self.book, self.paper
        async with book.database.reading() as work:
            balances = await balances_of(work, book.town_id, [*self.accounts, book.payable])
            held = await work.execute(
                select(ledger_account.c.id, ledger_account.c.held_cents).where(
                    ledger_account.c.id.in_(self.accounts)
                )
            )
        assert [balances[each] for each in self.accounts] == paper.vouchers
        assert balances[book.payable] - self.start_cents == paper.payable
        by_id = {row.id: row.held_cents for row in held}
        assert [by_id[each] for each in self.accounts] == paper.held


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEP, max_size=15))
async def test_one_after_the_other(book: Book, steps: list[tuple[str, int, int]]) -> None:
    async with book.database.reading() as work:
        start_cents = await balance_of(work, book.town_id, book.payable)
    play = Play(book, [await book.voucher(), await book.voucher()], start_cents)
    await play.step("pay", 0, 50_00)
    for step in steps:
        await play.step(*step)
        await play.agree()


async def test_all_at_once_nothing_is_made_and_nothing_lost(book: Book) -> None:
    """Spending, holding, ending holds and snapshots in one heap: the sums of all stay zero."""
    chance = random.Random(64)
    vouchers = [await book.voucher(100_00) for _ in range(4)]

    async def spender() -> None:
        for _ in range(12):
            one, other = chance.sample(vouchers, 2)
            goal = chance.choice([other, book.payable])
            await unless_poor(book.post(book.transfer(one, goal, chance.randint(1, 30_00))))

    async def holder() -> None:
        for _ in range(8):
            hold = NewHold(
                book.town_id,
                HoldId(new_id()),
                chance.choice(vouchers),
                book.payable,
                chance.randint(1, 30_00),
                Event.REDEMPTION,
                new_id(),
            )
            if await unless_poor(in_work(lambda work, hold=hold: reserve(work, hold, NOW))):
                taken = chance.randint(0, hold.amount_cents)
                await in_work(lambda work, hold=hold, taken=taken: end(work, hold, taken))

    async def in_work(step: Callable[[Work], Awaitable[object]]) -> None:
        async with book.database.unit_of_work() as work:
            await step(work)

    async def end(work: Work, hold: NewHold, taken: int) -> None:
        if taken == 0:
            await release(work, book.town_id, hold.id, NOW)
            return
        await post_hold(
            work,
            book.town_id,
            hold.id,
            transfer_id=TransferId(new_id()),
            amount_cents=taken,
            now=NOW,
        )

    async def unless_poor(step: Awaitable[object]) -> bool:
        try:
            await step
        except Refusal as refused:
            assert refused.code == "account.insufficient"  # noqa: PT017
            return False
        return True

    async def snapshots() -> None:
        for _ in range(5):
            await in_work(lambda work: take_snapshots(work, book.town_id, NOW))
            await asyncio.sleep(0.01)

    await asyncio.gather(*(spender() for _ in range(6)), *(holder() for _ in range(4)), snapshots())
    accounts = [*vouchers, book.payable, book.account(AccountKind.TRUST_BANK)]
    async with book.database.reading() as work:
        balances = await balances_of(work, book.town_id, accounts)
        held = await work.scalar(
            select(func.sum(ledger_account.c.held_cents)).where(
                ledger_account.c.town_id == book.town_id
            )
        )
        moved = await work.execute(select(transfer).where(transfer.c.town_id == book.town_id))
    recomputed = dict.fromkeys(accounts, 0)
    for row in moved:
        recomputed[row.debit_account_id] -= row.amount_cents
        recomputed[row.credit_account_id] += row.amount_cents
    assert balances == recomputed
    assert sum(balances.values()) == 0
    assert held == 0
    assert all(balances[voucher] >= 0 for voucher in vouchers)
