"""The worked examples of the documentation come out as it says."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path
from uuid import UUID, uuid5

import httpx
from api_fixtures import Clock, served

from gutschein.auditor.checks.transfers import CHART
from gutschein.demo.readback import read_pages
from gutschein.kernel.ids import ProgrammeId, TownId
from gutschein.ledger.chart import AccountKind
from gutschein.ledger.entries import Event
from gutschein.settlement.netting_rules import fewest_payments, net_positions
from gutschein.settlement.rules import Account, Line

DOCS = Path(__file__).parents[1] / "docs"
LEDGER = (DOCS / "explanation/ledger.md").read_text(encoding="utf-8")
SETTLEMENT = (DOCS / "explanation/settlement.md").read_text(encoding="utf-8")
FIRST_VOUCHER = (DOCS / "how-to/first-voucher.md").read_text(encoding="utf-8")
ANY = UUID(int=0)
GUARDED = ("voucher", "payment")


def table(page: str, head: str) -> list[list[str]]:
    """The cells of the table whose head line begins with *head*, without the head."""
    assert page.count(f"\n{head}") == 1
    lines = page.partition(f"\n{head}")[2].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


def cents(text: str) -> int:
    euros, _, rest = text.partition(".")
    assert len(rest) == 2, text
    return int(euros + rest)


def names(text: str) -> list[str]:
    return re.findall(r"[a-z]+(?:_[a-z]+)*", text.replace("`", "").replace(" or ", ", "))


def test_every_kind_of_account_is_in_the_chart() -> None:
    rows = table(LEDGER, "| account (`AccountKind`) |")
    assert [row[0] for row in rows] == [str(kind) for kind in AccountKind]


def test_events_move_between_the_accounts_that_the_auditor_allows() -> None:
    """The auditor has a table of its own; the page and the auditor must not drift apart."""
    assert isinstance(CHART.finds, str)
    allowed = set(re.findall(r"\('(\w+)', '(\w+)', '(\w+)'\)", CHART.finds))
    described = {
        (names(event)[0], debit, credit)
        for event, debits, credits_, _ in table(LEDGER, "| event | debit | credit | `reference_id`")
        for debit in names(debits)
        for credit in names(credits_)
    }
    assert described == allowed
    assert {event for event, _, _ in described} == {str(event) for event in Event}


def test_the_worked_example_of_the_ledger_adds_up() -> None:
    balances: dict[tuple[str, str], int] = defaultdict(int)
    for _, town, event, debit, credit, amount in table(LEDGER, "| step | book |"):
        assert event in set(Event)
        balances[town, debit] -= cents(amount)
        balances[town, credit] += cents(amount)
        guarded = [value for (_, name), value in balances.items() if name.startswith(GUARDED)]
        assert not [value for value in guarded if value < 0]
    left = {
        (town, account): cents(amount)
        for account, *amounts in table(LEDGER, "| account | Zwönitz |")
        for town, amount in zip(("Zwönitz", "Schneeberg"), amounts, strict=True)
        if amount
    }
    assert {key: value for key, value in balances.items() if value} == left
    for each in ("Zwönitz", "Schneeberg"):
        assert sum(value for (town, _), value in left.items() if town == each) == 0
    owed = sum(value for (town, _), value in left.items() if town == "Zwönitz" and value > 0)
    assert f"Zwönitz owes {owed // 100}.{owed % 100:02d} EUR" in LEDGER


def test_its_fees_are_those_of_the_rules() -> None:
    steps = [(row[1], row[2], cents(row[5])) for row in table(LEDGER, "| step | book |")]
    for town, redeemed, reversed_ in (("Zwönitz", 32_50, 20_00), ("Schneeberg", 30_00, 0)):
        line = settled(redeemed, reversed_)
        assert (town, "settlement_fee", line.fee_cents) in steps
        assert (town, "settlement_vat", line.vat_cents) in steps
        due_cents = redeemed - reversed_ - line.fee_cents - line.vat_cents
        assert (town, "settlement_payout", due_cents) in steps


def settled(redeemed_cents: int, reversed_cents: int) -> Line:
    """A line at 3 % fee and 19 % VAT."""
    return Line(
        issuing_town_id=TownId(ANY),
        programme_id=ProgrammeId(ANY),
        fee_basis_points=300,
        redemption_count=1,
        redeemed_cents=redeemed_cents,
        reversal_count=1,
        reversed_cents=reversed_cents,
        vat_basis_points=1_900,
    )


def test_the_statement_of_the_settlement_page_comes_out() -> None:
    *rows, total = table(SETTLEMENT, "| | redeemed | reversed |")
    lines = [settled(cents(row[1]), cents(row[2])) for row in rows]
    for line, row in zip(lines, rows, strict=True):
        assert (line.fee_cents, line.vat_cents) == (cents(row[3]), cents(row[4]))
    account = Account(lines, returned_cents=0, carried_in_cents=0, minimum_payout_cents=10_00)
    sums = (account.redeemed_cents, account.reversed_cents, account.fee_cents, account.vat_cents)
    assert sums == tuple(cents(cell) for cell in total[1:])
    euros = f"{account.due_cents // 100}.{account.due_cents % 100:02d}"
    assert f"**{euros} EUR**" in SETTLEMENT
    assert account.payout_cents == account.due_cents


def test_what_is_carried_is_what_the_next_month_begins_with() -> None:
    before = 0
    for _, carried_in, due, paid, carried_out in table(SETTLEMENT, "| month | carried in |"):
        assert cents(carried_in) == before
        account = Account(
            lines=[],
            returned_cents=cents(due) - before,
            carried_in_cents=before,
            minimum_payout_cents=10_00,
        )
        assert account.payout_cents == cents(paid)
        assert account.carried_out_cents == cents(carried_out)
        before = account.carried_out_cents


def test_the_netting_of_the_settlement_page_comes_out() -> None:
    towns = {row[0]: TownId(uuid5(ANY, row[0])) for row in table(SETTLEMENT, "| town | position |")}
    claims = table(SETTLEMENT, "| owes | to | EUR |")
    owed: dict[tuple[TownId, TownId], int] = {}
    for debtor, creditor, amount in claims:
        owed[towns[debtor], towns[creditor]] = cents(amount)
        owed[towns[creditor], towns[debtor]] = -cents(amount)
    positions = net_positions(owed)
    assert positions == {
        towns[town]: cents(position) for town, position in table(SETTLEMENT, "| town | position |")
    }
    wanted = table(SETTLEMENT, "| payer | payee | EUR |")
    found = {(each.payer, each.payee, each.amount_cents) for each in fewest_payments(positions)}
    assert found == {(towns[payer], towns[payee], cents(amount)) for payer, payee, amount in wanted}
    before, after = (sum(cents(row[2]) for row in rows) for rows in (claims, wanted))
    assert f"{after // 100} EUR instead of {before // 100}" in SETTLEMENT


async def test_the_first_voucher_is_made_and_spent_as_described(fresh_database_url: str) -> None:
    """Every ``api`` line of the page, twice: the second time changes nothing."""
    blocks = re.findall(r"```sh\n(.*?)```", FIRST_VOUCHER, re.DOTALL)
    line = re.compile(r"^(?:api|till) (\S+)(?: '(.*?)')?(?: > \S+)?$", re.M | re.DOTALL)
    calls = line.findall("\n".join(blocks))
    assert len(calls) == 9
    async with served(fresh_database_url, Clock()) as api:
        client = api.client
        town_id = re.findall(r"towns/([0-9a-f-]{36})/", FIRST_VOUCHER)[0]
        await api.new_town(id=town_id, name="Zwönitz")
        code = ""
        for times in (1, 2):
            for path, body in calls:
                answer = await call(client, path.replace("CODE", code), body.replace("CODE", code))
                assert answer.is_success, (times, path, answer.text)
                again = times == 2 and body and not path.endswith("/api-keys")
                assert not again or answer.status_code == 200
                if path.endswith("/document"):
                    code = read_pages(answer.content)[0].typed_code
        balance = (await call(client, f"vouchers/{code}", "")).json()
    assert balance["balance_cents"] == balance["face_value_cents"] == 50_00


async def call(client: httpx.AsyncClient, path: str, body: str) -> httpx.Response:
    address = f"/api/v1/{path}"
    return await (client.post(address, json=json.loads(body)) if body else client.get(address))
