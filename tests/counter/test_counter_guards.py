"""What the database itself refuses, whoever asks: also a clerk who can write SQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from api_fixtures import fresh_id
from desk_stage import DeskStage


@asynccontextmanager
async def as_the_service(desk: DeskStage) -> AsyncIterator[asyncpg.Connection]:
    """A connection with the rights that the service has in the town; nothing of it stays."""
    connection = await asyncpg.connect(desk.stage.database_url)
    transaction = connection.transaction()
    await transaction.start()
    try:
        towns = "{" + desk.town.id + "}"
        await connection.execute("SELECT set_config('gutschein.towns', $1, true)", towns)
        await connection.execute("SET LOCAL ROLE gutschein_app")
        yield connection
    finally:
        await transaction.rollback()
        await connection.close()


async def refused(desk: DeskStage, match: str, *statements: str) -> None:
    """The last of the statements is refused."""
    async with as_the_service(desk) as connection:
        for statement in statements[:-1]:
            await connection.execute(statement)
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match=match):
            await connection.execute(statements[-1])


async def test_nothing_leaves_the_stock_without_a_batch(desk: DeskStage) -> None:
    card = await desk.card()
    for state in ("active", "replaced", "expired"):
        await refused(
            desk,
            "ck_voucher_origin",
            f"UPDATE voucher SET state = '{state}' WHERE id = '{card.id}'",
        )
    async with as_the_service(desk) as connection:
        block = f"UPDATE voucher SET state = 'blocked' WHERE id = '{card.id}'"
        assert await connection.execute(block) == "UPDATE 1"


async def test_a_card_becomes_good_only_against_booked_money(desk: DeskStage) -> None:
    """Somebody books a payment and a batch, and leaves out to move the money."""
    card = await desk.card(25_00)
    payment_id = await desk.stage.payment(desk.town, 25_00)
    batch_id = fresh_id()
    batch = (
        "INSERT INTO voucher_batch SELECT town_id, '{batch}', programme_id, '{payment}', 1,"
        " {value}, '2026-12-05', '2029-12-31', serial, now() FROM voucher WHERE id = '{card}'"
    )
    good = (
        "UPDATE voucher SET state = 'active', batch_id = '{batch}', face_value_cents = {value},"
        " valid_until = '2029-12-31', issued_at = now() WHERE id = '{card}'"
    )
    move = (
        "INSERT INTO transfer (town_id, id, debit_account_id, credit_account_id, amount_cents,"
        " event, reference_id, link_id, booked_at, booked_on) VALUES ('{town}', '{transfer}',"
        " '{payment}', '{card}', {moved}, 'issue', '{card}', '{batch}', '2026-12-05Z',"
        " '2026-12-05')"
    )
    facts = {
        "town": desk.town.id,
        "batch": batch_id,
        "payment": payment_id,
        "card": card.id,
        "transfer": fresh_id(),
        "value": 25_00,
    }
    no_money = "only against a payment that is booked"
    await refused(desk, no_money, batch.format(**facts), good.format(**facts))
    too_little = move.format(**facts, moved=24_99)
    await refused(desk, no_money, batch.format(**facts), too_little, good.format(**facts))
    async with as_the_service(desk) as connection:
        for statement in (batch, move, good):
            await connection.execute(statement.format(**facts, moved=25_00))


async def test_the_terms_of_a_voucher_are_set_once(desk: DeskStage) -> None:
    card, other = await desk.cards(2)
    sale = await desk.sold(card)
    for change in (
        "face_value_cents = 5000",
        "valid_until = '2035-12-31'",
        "batch_id = NULL",
        "issued_at = now()",
    ):
        update = f"UPDATE voucher SET {change} WHERE id = '{card.id}'"
        await refused(desk, "set when it is sold, once|ck_voucher_origin", update)
    raised = f"UPDATE voucher SET face_value_cents = 5000 WHERE id = '{other.id}'"
    await refused(desk, "set when it is sold, once", raised)
    twice = (
        "UPDATE voucher SET state = 'active', valid_until = '2029-12-31', issued_at = now(),"
        f" batch_id = '{sale['id']}' WHERE id = '{other.id}'"
    )
    await refused(desk, "only against a payment that is booked", twice)
    back = f"UPDATE voucher SET state = 'stock' WHERE id = '{card.id}'"
    await refused(desk, "ck_voucher_origin", back)


async def test_what_was_sold_or_counted_is_never_changed(desk: DeskStage) -> None:
    card = await desk.card()
    await desk.sold(card)
    await desk.closed(25_00)
    connection = await asyncpg.connect(desk.stage.database_url)
    try:
        for table in (
            "stock_order",
            "activation_code",
            "stock_range",
            "counter_sale",
            "cash_closing",
        ):
            for change in (f"UPDATE {table} SET town_id = town_id", f"DELETE FROM {table}"):
                with pytest.raises(asyncpg.RestrictViolationError, match="never changed"):
                    await connection.execute(change)
    finally:
        await connection.close()


async def test_a_voucher_is_sold_once_and_a_receipt_has_its_number_once(desk: DeskStage) -> None:
    first, second = await desk.cards(2)
    sale = await desk.sold(first)
    other = await desk.sold(second)
    again = (
        "INSERT INTO counter_sale SELECT town_id, '{id}', issuing_point_id, {number}, '{voucher}',"
        " sold_by, sold_by_name, sold_at, sold_on FROM counter_sale WHERE id = '{of}'"
    )
    payment_id = await desk.stage.payment(desk.town, 25_00)
    facts = {"id": payment_id, "of": sale["id"]}
    await refused(
        desk,
        "uq_counter_sale_town_id_voucher_id",
        again.format(**facts, number=3, voucher=first.id),
    )
    new = (await desk.stage.batch(desk.town, 10_00))["id"]
    voucher = (await desk.stage.api.get(desk.town.path(f"batches/{new}/vouchers"))).json()
    await refused(
        desk,
        "receipt_number",
        again.format(**facts, number=other["receipt_number"], voucher=voucher["vouchers"][0]["id"]),
    )


async def test_no_closing_is_left_out_and_none_differs_unexplained(desk: DeskStage) -> None:
    closing = await desk.closed(0)
    insert = (
        "INSERT INTO cash_closing SELECT town_id, '{id}', issuing_point_id, {number}, {follows},"
        " 0, 0, 0, {expected}, {counted}, {banked}, NULL, closed_by, closed_by_name, closed_at,"
        " closed_on FROM cash_closing WHERE id = '{of}'"
    )
    good = {
        "id": fresh_id(),
        "of": closing["id"],
        "number": 2,
        "follows": 1,
        "expected": 0,
        "counted": 0,
        "banked": 0,
    }
    for change, constraint in (
        ({"number": 3}, "ck_cash_closing_number"),
        ({"number": 3, "follows": 2}, "fk_cash_closing"),
        ({"number": 1, "follows": "NULL"}, "uq_cash_closing"),
        ({"counted": 1}, "ck_cash_closing_reason"),
        ({"expected": 1, "counted": 1}, "ck_cash_closing_expected"),
        ({"banked": 1}, "ck_cash_closing_banked"),
    ):
        await refused(desk, constraint, insert.format(**good | change))
    async with as_the_service(desk) as connection:
        assert await connection.execute(insert.format(**good)) == "INSERT 0 1"
