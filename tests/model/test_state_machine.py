"""Whatever is done in two towns, in whatever order and at once, a naive model predicts it.

``MODEL_EXAMPLES=500 pytest tests/model -s`` runs for longer. See docs/explanation/model.md.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest
import steps as do
from choosing import FIRST_DAY, Choosing
from explaining import explained
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from model_books import DAY
from naive_model import Model
from real_towns import RealTowns
from two_towns import OPENED, furnish

from gutschein.audit import audited
from tests.conftest import _execute, plain_url

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "10"))
#: To make a failing example smaller takes minutes: only where somebody wants to see it.
PHASES = [*Phase] if "MODEL_EXAMPLES" in os.environ else [Phase.generate]
STEPS = 40

TILLS = ("redeem", "redeem", "sale", "redeem_again", "reverse")
VOUCHERS = ("issue", "block", "unblock", "replace", "expire")
MONTHS_END = ("close", "approve", "confirm_all", "confirm", "send_back", "net", "pay_netting")
KEYS = ("renew_key", "revoke_key", "reissue")
HOUSE = ("ask_for_reversal", "approve_reversal", "honour", "dishonour", "snapshot", "seal")
#: What is tried when a voucher's last day has ended.
AT_THE_END = ("redeem", "redeem", "redeem", "unblock", "replace", "expire", "reverse")
MOMENT = timedelta(microseconds=1)
MOST_TILLS, MOST_AT_ONCE = 8, 5

#: What a rule chooses by.
NUMBERS = st.integers(0, 2**32 - 1)

LATER = {
    "a second later": timedelta(seconds=1),
    "an hour later": timedelta(hours=1),
    "a day later": timedelta(days=1),
    "a week later": timedelta(days=7),
    "eleven days later": timedelta(days=11),
    "a year later": timedelta(days=365),
}


class TwoTowns(RuleBasedStateMachine):
    """Two towns that honour one another's vouchers, twice: real, and as the model has them."""

    server_url: str
    furnished: str
    runner: asyncio.Runner
    ends: Counter[tuple[str, ...]]

    def __init__(self) -> None:
        super().__init__()
        self.database = f"model_{uuid4().hex}"
        create = f"CREATE DATABASE {self.database} TEMPLATE {self.furnished}"
        self.runner.run(_execute(self.server_url, create))
        self.url = plain_url(self.server_url, self.database)
        self.real = RealTowns(self.url)
        self.runner.run(self.real.open())
        self.model = Model(OPENED)
        self.now = OPENED
        self.sent: list[do.Redeem] = []
        self.names = 0
        self._open_the_shops()

    def teardown(self) -> None:
        try:
            self.runner.run(self.real.outcome(do.Seal(now=self.now)))
            report = self.runner.run(audited(self.url, [], self.real.kek, self.now))
            assert report.ok, report.findings
        finally:
            self.runner.run(self.real.close())
            for why, times in self.real.tried_again.items():
                self.ends["tried again", why, "at once"] += times
            drop = f"DROP DATABASE {self.database} WITH (FORCE)"
            self.runner.run(_execute(self.server_url, drop))

    def _open_the_shops(self) -> None:
        """Sell some vouchers, so that there is something to do from the first step on."""
        for town in do.TOWNS:
            self._sell(town, "bank_transfer", 300_00, partly=4, whole=1)

    def _sell(self, town: str, method: str, cents: int, **programmes: int) -> None:
        payment = self.fresh(f"{town} payment")
        self.happen(do.PayIn(now=self.now, town=town, payment=payment, method=method, cents=cents))
        for programme, count in programmes.items():
            self.happen(
                do.Issue(
                    now=self.now,
                    town=town,
                    batch=self.fresh("batch"),
                    programme=programme,
                    payment=payment,
                    count=count,
                    cents=50_00,
                )
            )

    def fresh(self, kind: str) -> str:
        self.names += 1
        return f"{kind} {self.names}"

    def happen(self, *steps: do.Step) -> None:
        """Let steps happen at once, and find the order of them that explains everything."""
        self.sent += [each for each in steps if isinstance(each, do.Redeem)]
        for step in steps:
            note(f"    {step}")
        outcomes = self.runner.run(self.real.all(list(steps)))
        state = self.runner.run(self.real.state())
        self.model = explained(self.model, steps, outcomes, state)
        self.now = max(each.now for each in steps)
        for step, outcome in zip(steps, outcomes, strict=True):
            end = outcome[1] if outcome[0] == "refused" else "done"
            self.ends[type(step).__name__, end, "at once" if len(steps) > 1 else "alone"] += 1

    def choosing(self, number: int, *, at_once: bool) -> Choosing:
        return Choosing(
            random=Random(f"{number} {self.names}"),
            model=self.model,
            sent=self.sent,
            keys_of=self.real.keys_of,
            fresh=self.fresh,
            vouchers=list(self.model.vouchers),
            clock=self.now,
            at_once=at_once,
        )

    def one_of(self, number: int, *kinds: str) -> None:
        if step := self.choosing(number, at_once=False).step(kinds):
            self.happen(step)

    def at_once(self, number: int, kinds: tuple[str, ...], most: int = MOST_AT_ONCE) -> None:
        choosing = self.choosing(number, at_once=True)
        choosing.vouchers = [choosing.pick_voucher() for _ in range(choosing.pick(1, 2))]
        count = choosing.pick(*range(2, most + 1))
        steps = [step for _ in range(count) if (step := choosing.step(kinds))]
        if steps:
            self.happen(*steps)

    # at the tills

    @rule(number=NUMBERS)
    def somebody_redeems(self, number: int) -> None:
        self.one_of(number, "redeem")

    @rule(number=NUMBERS)
    def somebody_pays_with_several(self, number: int) -> None:
        self.one_of(number, "sale")

    @rule(number=NUMBERS)
    def a_till_sends_it_again(self, number: int) -> None:
        self.one_of(number, "redeem_again")

    @rule(number=NUMBERS)
    def somebody_reverses(self, number: int) -> None:
        self.one_of(number, "reverse")

    @rule(number=NUMBERS)
    def somebody_reverses_later(self, number: int) -> None:
        self.one_of(number, "ask_for_reversal")
        self.one_of(number, "approve_reversal")

    @rule(number=NUMBERS)
    def what_is_settled_is_reversed(self, number: int) -> None:
        """A merchant gives back what it has been paid for, and has redeemed nothing since."""
        choosing = self.choosing(number, at_once=False)
        if not (kept := choosing.kept()):
            return
        town, redemption = choosing.pick(*kept)
        self.the_month_ends(town)
        request = self.fresh("request")
        own = {"town": town, "request": request}
        self.happen(do.AskForReversal(now=self.now, redemption=redemption, **own))
        if (town, request) in self.model.requests:
            self.happen(do.ApproveReversal(now=self.now, **own))
        self.the_month_ends(town)

    # in the town hall

    @rule(number=NUMBERS)
    def vouchers_are_sold(self, number: int) -> None:
        self.one_of(number, "pay_in", "issue", "issue")

    @rule(number=NUMBERS)
    def something_happens_to_a_voucher(self, number: int) -> None:
        self.one_of(number, *VOUCHERS)

    @rule(number=NUMBERS)
    def a_voucher_comes_to_its_end(self, number: int) -> None:
        """It is redeemed in the last moment of its last day, and something is tried in the next."""
        choosing = self.choosing(number, at_once=False)
        if not choosing.ending():
            self._sell(choosing.town, "subsidy", 50_00, given=1)
        for voucher in self.choosing(number, at_once=False).ending()[:1]:
            end = do.end_of(self.model.vouchers[voucher].until)
            for now, kinds in ((end - MOMENT, ("redeem",)), (end, AT_THE_END)):
                self.now = now
                choosing = self.choosing(number, at_once=False)
                choosing.vouchers = [voucher]
                if step := choosing.step(kinds):
                    self.happen(step)

    @rule(number=NUMBERS)
    def keys_are_changed(self, number: int) -> None:
        self.one_of(number, "renew_key", "renew_key", "reissue", "revoke_key")

    @rule(number=NUMBERS)
    def the_house_is_kept(self, number: int) -> None:
        self.one_of(number, "honour", "dishonour", "close_branch", "snapshot", "seal")

    # the month's end

    @rule(number=NUMBERS)
    def a_period_is_closed(self, number: int) -> None:
        self.one_of(number, "close")

    @rule(number=NUMBERS)
    def a_settlement_is_approved(self, number: int) -> None:
        self.one_of(number, "approve")

    @rule(town=st.sampled_from(do.TOWNS))
    def the_month_ends(self, town: str) -> None:
        """What is open is approved, and what follows is closed and approved."""
        self.now += DAY
        known = self.model.settlements[town]
        begin, end = known[-1].end + DAY if known else FIRST_DAY, do.day_of(self.now) - DAY
        new = self.fresh("settlement")
        if known:
            self.happen(do.Approve(now=self.now, town=town, settlement=known[-1].name))
        self.happen(do.Close(now=self.now, town=town, settlement=new, begin=begin, end=end))
        if begin <= end:
            self.happen(do.Approve(now=self.now, town=town, settlement=new))

    @rule(number=NUMBERS)
    def the_bank_has_its_word(self, number: int) -> None:
        self.one_of(number, "confirm_all", "confirm", "send_back")
        self.one_of(number, "send_back", "send_back", "confirm")

    @rule(number=NUMBERS)
    def towns_net(self, number: int) -> None:
        self.one_of(number, "net", "pay_netting", "pay_netting")

    # at once, about one voucher or two, through two workers

    @rule(number=NUMBERS)
    def tills_at_once(self, number: int) -> None:
        self.at_once(number, TILLS, most=MOST_TILLS)

    @rule(number=NUMBERS)
    def tills_and_vouchers_at_once(self, number: int) -> None:
        self.at_once(number, TILLS + TILLS + VOUCHERS)

    @rule(number=NUMBERS)
    def all_at_once(self, number: int) -> None:
        self.at_once(number, TILLS + VOUCHERS + MONTHS_END + KEYS + HOUSE)

    # around it

    @rule(how=st.sampled_from(sorted(LATER)))
    def time_goes_by(self, how: str) -> None:
        self.now += LATER[how]

    @rule()
    def it_is_almost_midnight(self) -> None:
        last = do.end_of(do.day_of(self.now)) - timedelta(seconds=1)
        self.now = max(self.now, last)

    @rule(worker=st.sampled_from((0, 1)))
    def a_worker_is_restarted(self, worker: int) -> None:
        self.runner.run(self.real.restart(worker))

    @rule()
    def the_key_outside_the_database_is_changed(self) -> None:
        self.runner.run(self.real.change_kek(self.fresh("key-encryption key")))

    @rule(limit=st.integers(1, 20))
    def keys_are_sealed_anew(self, limit: int) -> None:
        self.runner.run(self.real.reseal(limit))


@pytest.fixture(scope="module")
def furnished(server_url: str, template: str) -> Iterator[str]:
    """A database with the two towns, only ever copied."""
    name = f"furnished_{uuid4().hex}"
    asyncio.run(_execute(server_url, f"CREATE DATABASE {name} TEMPLATE {template}"))
    asyncio.run(furnish(plain_url(server_url, name)))
    yield name
    asyncio.run(_execute(server_url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.mark.slow
def test_whatever_happens_the_model_explains_it(server_url: str, furnished: str) -> None:
    ends: Counter[tuple[str, ...]] = Counter()
    with asyncio.Runner() as runner:
        here = {"server_url": server_url, "furnished": furnished, "runner": runner, "ends": ends}
        run_state_machine_as_test(
            type("TwoTowns", (TwoTowns,), here),
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                deadline=None,
                derandomize=False,
                print_blob=True,
                phases=PHASES,
                suppress_health_check=list(HealthCheck),
            ),
        )
    for (step, end, how), count in sorted(ends.items()):
        print(f"{count:7,}  {step}, {how}: {end}")
