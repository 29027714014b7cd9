"""The mechanism under kinds of the test's own: executors that refuse, tell, or change over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from colleagues import Colleague, Office
from sqlalchemy import text

from gutschein.approvals import service
from gutschein.approvals.kinds import Case, Described, Desk, Done, Kind, Terms, by_name
from gutschein.approvals.rules import Request
from gutschein.approvals.service import Wanted
from gutschein.db.access import IDENTITY, Access
from gutschein.db.engine import create_engine
from gutschein.db.unit_of_work import Work
from gutschein.kernel.author import Author
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import PersonId
from gutschein.web.rights import Right, Role


class Deed(Terms, frozen=True, kw_only=True, tag="deed"):
    """Something that only tests ask for."""

    subject: UUID
    person: UUID | None = None
    secret: str = "DE89370400440532013000"


@dataclass
class Doing:
    """What the executor of the test's kind does, and a count of how often it did."""

    refusal: str | None = None
    shown_once: str | None = None
    access: Access | None = None
    roles: list[str] = field(default_factory=list)
    approvers: list[Author] = field(default_factory=list)
    announced: int = 0

    def kind(self) -> Kind[Deed]:
        return Kind(
            terms=Deed,
            title="Probe",
            right=Right.APPROVAL_REQUEST,
            describe=self._describe,
            execute=self._execute,
            announce=self._announce,
            access=self.access,
        )

    async def _describe(self, work: Work, _case: Case, terms: Deed) -> Described:
        await self._note_role(work)
        return Described(terms.subject, "Eine Probe.", terms.person)

    async def _announce(self, _work: Work, _case: Case, _terms: Deed) -> None:
        self.announced += 1

    async def _execute(self, work: Work, case: Case, terms: Deed, approver: Author) -> Done:
        await self._note_role(work)
        if self.refusal is not None:
            raise Refusal(self.refusal)
        assert terms.secret == "DE89370400440532013000"
        assert (case.reason, case.requested_by.name) == ("Zur Probe", "Clara Schalter")
        self.approvers.append(approver)
        return Done("vorher", "nachher", self.shown_once)

    async def _note_role(self, work: Work) -> None:
        self.roles.append(str((await work.execute(text("SELECT current_user"))).scalar_one()))


@dataclass
class Bench:
    """The mechanism on real rows, with the test's kind."""

    office: Office
    doing: Doing

    @property
    def desk(self) -> Desk:
        return replace(self.office.desk, kinds=by_name([self.doing.kind()]))

    async def ask(self, **terms: Any) -> Request:
        wanted = Wanted(id=None, terms=Deed(**{"subject": uuid4()} | terms), reason="Zur Probe")
        caller, office = await self.office.caller(self.office.clara), self.office
        async with office.database.acting(office.access).unit_of_work() as work:
            request, made = await service.request_approval(
                work, self.desk, office.town_id, wanted, caller=caller, now=office.clock.now
            )
        assert made
        return request

    async def approve(self, request: Request, who: Colleague) -> tuple[Request, Done]:
        caller, office = await self.office.caller(who), self.office
        async with office.database.acting(office.access).unit_of_work() as work:
            return await service.approve(
                work,
                self.desk,
                office.town_id,
                request.id,
                fingerprint=request.fingerprint,
                caller=caller,
                now=office.clock.now,
            )

    async def stored(self, request: Request) -> Request:
        office = self.office
        async with office.database.acting(office.access).reading() as work:
            return await service.get_request(work, office.town_id, request.id)


@pytest.fixture
def bench(office: Office) -> Bench:
    return Bench(office, Doing())


@asynccontextmanager
async def unguarded(office: Office) -> AsyncIterator[Work]:
    """Act as somebody who has the database itself in hand, and no trigger in the way."""
    engine = create_engine(office.database_url, role=None, pool_size=1)
    try:
        async with engine.begin() as work:
            await work.execute(text("SET LOCAL session_replication_role = replica"))
            yield work
    finally:
        await engine.dispose()


async def refused(code: str, call: Any) -> None:
    with pytest.raises(Refusal) as caught:
        await call
    assert caught.value.code == code


async def test_the_executor_learns_who_approved_and_tells_once(bench: Bench) -> None:
    bench.doing.shown_once = "https://stadt.example/wiederherstellen/geheim"
    request = await bench.ask()
    approved, done = await bench.approve(request, bench.office.bea)
    assert done.shown_once == bench.doing.shown_once
    assert bench.doing.approvers == [Author(bench.office.bea.id, "Bea Bestätigt")]
    assert (approved.decision, bench.doing.announced) == ("approved", 1)
    assert approved == await bench.stored(request)
    log = await bench.office.log()
    assert log[-1][3:5] == ("vorher", "nachher")
    assert "geheim" not in str(log)


async def test_what_the_executor_refuses_is_not_decided(bench: Bench) -> None:
    request = await bench.ask()
    bench.doing.refusal = "voucher.not_blocked"
    await refused("voucher.not_blocked", bench.approve(request, bench.office.bea))
    assert (await bench.stored(request)).decision is None
    assert [entry[0] for entry in await bench.office.log()] == ["approval.requested"]
    bench.doing.refusal = None
    await bench.approve(request, bench.office.bea)


async def test_approved_twice_at_the_same_moment_is_done_once(bench: Bench) -> None:
    request = await bench.ask()
    approvers = [bench.office.bea, bench.office.boris] * 4
    results = await asyncio.gather(
        *(bench.approve(request, each) for each in approvers), return_exceptions=True
    )
    won = [result for result in results if not isinstance(result, BaseException)]
    lost = [result.code for result in results if isinstance(result, Refusal)]
    assert (len(won), lost) == (1, ["approval.decided"] * 7)
    assert len(bench.doing.approvers) == 1
    assert [entry[0] for entry in await bench.office.log()].count("approval.approved") == 1


async def test_asked_twice_at_the_same_moment_is_asked_once(bench: Bench) -> None:
    subject = uuid4()
    results = await asyncio.gather(
        *(bench.ask(subject=subject) for _ in range(4)), return_exceptions=True
    )
    lost = [result.code for result in results if isinstance(result, Refusal)]
    assert lost == ["approval.open"] * 3
    assert bench.doing.announced == 1


async def test_nobody_approves_what_gives_themselves_rights(bench: Bench) -> None:
    request = await bench.ask(person=bench.office.bea.id)
    await refused("approval.own_rights", bench.approve(request, bench.office.bea))
    with pytest.raises(Exception, match="ck_approval_request_not_for_oneself"):
        async with bench.office.database.acting(bench.office.access).unit_of_work() as work:
            await work.execute(
                text(
                    "UPDATE approval_request SET decision = 'approved', decided_by = person_id,"
                    " decided_by_name = 'Bea', decided_at = requested_at WHERE id = :id"
                ),
                {"id": request.id},
            )
    await bench.approve(request, bench.office.boris)


async def test_a_kind_acts_with_its_own_access_and_the_decision_with_the_towns(
    bench: Bench,
) -> None:
    bench.doing.access = IDENTITY
    request = await bench.ask()
    await bench.approve(request, bench.office.bea)
    assert bench.doing.roles == ["gutschein_identity"] * 2


async def test_a_role_is_not_taken_away_in_the_middle_of_an_approval(bench: Bench) -> None:
    """Either the approval stands before the role goes, or the role is gone and it is refused."""
    request = await bench.ask()
    approval, revocation = await asyncio.gather(
        bench.approve(request, bench.office.bea),
        bench.office.revoke(bench.office.bea),
        return_exceptions=True,
    )
    assert revocation is None
    if isinstance(approval, Refusal):
        assert approval.code == "right.missing"
        assert (await bench.stored(request)).decision is None
    else:
        assert len(bench.doing.approvers) == 1


async def test_a_person_who_was_shut_out_decides_nothing(bench: Bench) -> None:
    request = await bench.ask()
    caller = bench.office.bea
    async with bench.office.database.acting(IDENTITY).unit_of_work() as work:
        await work.execute(
            text("UPDATE person SET disabled_at = :now WHERE id = :id"),
            {"id": PersonId(caller.id), "now": bench.office.clock.now},
        )
    await refused("right.missing", bench.approve(request, caller))


async def test_a_row_that_was_altered_past_the_triggers_is_not_approved(bench: Bench) -> None:
    """Not even when it is the altered row that the second person has looked at."""
    for tampered in (
        "summary = 'Nichts von Belang.'",
        "requested_by = gen_random_uuid()",
        "person_id = NULL",
        r"sealed_terms = sealed_terms || '\x00'",
        "sealed_terms = (SELECT sealed_terms FROM approval_request WHERE id = :other)",
    ):
        request = await bench.ask(person=bench.office.adam.id)
        other = await bench.ask(person=bench.office.adam.id)
        named = {"other": other.id} if ":other" in tampered else {}
        statement = text(f"UPDATE approval_request SET {tampered} WHERE id = :id")
        async with unguarded(bench.office) as work:
            await work.execute(statement.bindparams(id=request.id, **named))
        altered = await bench.stored(request)
        assert altered != request
        await refused("approval.changed", bench.approve(altered, bench.office.bea))
    assert bench.doing.approvers == []


async def test_the_terms_stand_nowhere_in_clear(bench: Bench) -> None:
    request = await bench.ask()
    query = text("SELECT q::text FROM approval_request q WHERE id = :id")
    async with unguarded(bench.office) as work:
        row = (await work.execute(query, {"id": request.id})).scalar_one()
    assert b"DE89370400440532013000".hex() not in row
    assert "DE89370400440532013000" not in row


async def test_only_persons_ask(bench: Bench) -> None:
    caller = replace(await bench.office.caller(bench.office.clara), kind="api_key")
    office = bench.office
    wanted = Wanted(id=None, terms=Deed(subject=uuid4()), reason="Zur Probe")
    async with office.database.acting(office.access).unit_of_work() as work:
        await refused(
            "right.missing",
            service.request_approval(
                work, bench.desk, office.town_id, wanted, caller=caller, now=office.clock.now
            ),
        )


async def test_one_factor_is_not_enough_to_ask(bench: Bench) -> None:
    office = bench.office
    caller = replace(await office.caller(office.clara), second_factor=False)
    wanted = Wanted(id=None, terms=Deed(subject=uuid4()), reason="Zur Probe")
    async with office.database.acting(office.access).unit_of_work() as work:
        await refused(
            "right.missing",
            service.request_approval(
                work, bench.desk, office.town_id, wanted, caller=caller, now=office.clock.now
            ),
        )


def test_every_kind_of_role_that_can_approve_needs_two_factors() -> None:
    from gutschein.web.rights import RIGHTS, TWO_FACTOR

    assert RIGHTS[Right.APPROVAL_DECIDE].roles == {Role.APPROVER}
    assert RIGHTS[Right.APPROVAL_DECIDE].roles <= TWO_FACTOR
