"""Vouchers are issued against booked money, once for an id, numbered without a gap."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from api_fixtures import Api, code_of, fresh_id
from stage import Stage, Town, with_programme


async def issue(stage: Stage, order: dict[str, Any], town: Town | None = None) -> Any:
    return await stage.api.post((town or stage.zwoenitz).path("batches"), order)


async def test_three_vouchers_of_50_euros_take_150_from_their_payment(stage: Stage) -> None:
    town = stage.zwoenitz
    payment_id = await stage.payment(town, 200_00)
    batch = await stage.batch(town, 50_00, 3, payment_id=payment_id)
    assert batch["sold_on"] == "2026-12-05"
    assert batch["valid_until"] == "2029-12-31"
    assert (batch["first_serial"], batch["last_serial"]) == (1, 3)
    payment = (await stage.api.get(town.path(f"payments/{payment_id}"))).json()
    assert payment["left_cents"] == 50_00
    listed = (await stage.api.get(town.path(f"batches/{batch['id']}/vouchers"))).json()["vouchers"]
    assert [each["serial"] for each in listed] == [1, 2, 3]
    assert {(each["balance_cents"], each["state"]) for each in listed} == {(50_00, "active")}
    assert listed[0] == (await stage.api.get(town.path(f"vouchers/{listed[0]['id']}"))).json()
    assert not {"code", "token", "sealed_code", "code_hash"} & listed[0].keys()
    await stage.audit()


async def test_what_was_not_paid_is_not_issued(stage: Stage) -> None:
    town = stage.zwoenitz
    order = await stage.order(town, 50_00, 3) | {"count": 4}
    mark = await stage.moved()
    refused = await issue(stage, order)
    assert (refused.status_code, code_of(refused)) == (409, "payment.insufficient")
    assert (refused.json()["left_cents"], refused.json()["needed_cents"]) == (150_00, 200_00)
    assert "150,00 €" in refused.json()["detail"]
    assert await stage.moved() == mark
    assert (await issue(stage, order | {"count": 3})).status_code == 201


async def test_the_same_order_again_issues_nothing_more_even_the_next_day(stage: Stage) -> None:
    order = await stage.order(stage.zwoenitz, 25_00, 2)
    first = await issue(stage, order)
    stage.clock.now = datetime(2026, 12, 6, 9, 0, tzinfo=UTC)
    again = await issue(stage, order)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    named = await issue(stage, order | {"sold_on": "2026-12-05"})
    assert (named.status_code, named.json()) == (200, first.json())


async def test_the_same_id_for_another_order_is_refused(stage: Stage) -> None:
    order = await stage.order(stage.zwoenitz, 25_00, 2)
    assert (await issue(stage, order)).status_code == 201
    mark = await stage.moved()
    for change in ({"count": 1}, {"value_cents": 20_00}, {"sold_on": "2026-12-04"}):
        refused = await issue(stage, order | change)
        assert (refused.status_code, code_of(refused)) == (409, "request.conflict"), change
    assert await stage.moved() == mark


async def test_the_same_order_16_times_at_once_is_one_batch(stage: Stage) -> None:
    order = await stage.order(stage.zwoenitz, 25_00, 2)
    answers = await asyncio.gather(*(issue(stage, order) for _ in range(16)))
    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
    assert len({answer.text for answer in answers}) == 1


async def test_orders_at_once_share_one_series_of_numbers_without_a_gap(stage: Stage) -> None:
    town = stage.zwoenitz
    orders = [await stage.order(town, 10_00, count) for count in (1, 5, 2, 7, 3, 4)]
    poor = await stage.order(town, 10_00, 2) | {"count": 9}
    answers = await asyncio.gather(*(issue(stage, order) for order in [*orders, poor]))
    assert [answer.status_code for answer in answers] == [201] * 6 + [409]
    taken = sorted(
        serial
        for answer in answers[:6]
        for serial in range(answer.json()["first_serial"], answer.json()["last_serial"] + 1)
    )
    assert taken == list(range(1, 23))
    other_town = await stage.batch(stage.schneeberg, 10_00)
    assert other_town["first_serial"] == 1
    await stage.audit()


async def test_two_orders_at_once_cannot_spend_one_payment_twice(stage: Stage) -> None:
    town = stage.zwoenitz
    payment_id = await stage.payment(town, 100_00)
    order = await stage.order(town, 60_00) | {"payment_id": payment_id}
    answers = await asyncio.gather(
        *(issue(stage, order | {"id": fresh_id()}) for _ in range(8)),
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    await stage.audit()


async def test_a_sale_of_last_year_counts_from_its_own_day(stage: Stage) -> None:
    batch = await stage.batch(stage.zwoenitz, 25_00, sold_on="2025-06-30")
    assert (batch["sold_on"], batch["valid_until"]) == ("2025-06-30", "2028-12-31")


async def test_the_day_of_the_sale_is_the_germans_day(stage: Stage) -> None:
    stage.clock.now = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)  # half past midnight there
    batch = await stage.batch(stage.zwoenitz, 25_00)
    assert (batch["sold_on"], batch["valid_until"]) == ("2027-01-01", "2030-12-31")


REFUSED_ORDERS: list[tuple[dict[str, Any], str]] = [
    ({"sold_on": "2026-12-06"}, "batch.sold_later"),
    ({"sold_on": "2022-12-31"}, "batch.expired"),
    ({"sold_on": "2001-12-31", "accept_lapsed": True}, "request.invalid"),
    ({"sold_on": "0001-01-01"}, "request.invalid"),
    ({"sold_on": "9999-12-31"}, "batch.sold_later"),
    ({"count": 100_001}, "batch.too_large"),
    ({"count": 2**63 - 1}, "batch.too_large"),
    ({"count": 0}, "request.invalid"),
    ({"count": 1.5}, "request.invalid"),
    ({"count": "1"}, "request.invalid"),
    ({"count": 2**64}, "batch.too_large"),
    ({"value_cents": 99}, "programme.value_refused"),
    ({"value_cents": 1_000_01}, "programme.value_refused"),
    ({"value_cents": 2**53 - 1}, "programme.value_refused"),
    ({"programme_id": fresh_id()}, "programme.unknown"),
    ({"payment_id": fresh_id()}, "payment.unknown"),
    ({"no_such_field": 1}, "request.invalid"),
]


async def test_an_order_that_cannot_be_is_refused(stage: Stage) -> None:
    order = await stage.order(stage.zwoenitz, 25_00)
    mark = await stage.moved()
    for change, code in REFUSED_ORDERS:
        refused = await issue(stage, order | change)
        assert code_of(refused) == code, (change, refused.text)
    assert await stage.moved() == mark


async def test_the_last_day_of_the_oldest_sale_that_is_still_good(stage: Stage) -> None:
    batch = await stage.batch(stage.zwoenitz, 25_00, sold_on="2023-01-01")
    assert batch["valid_until"] == "2026-12-31"


async def test_lapsed_vouchers_are_taken_over_on_request_and_lapse(stage: Stage) -> None:
    town = stage.zwoenitz
    [voucher] = await stage.vouchers(town, 25_00, 1, sold_on="2020-05-05", accept_lapsed=True)
    await stage.refused(await stage.redeem(stage.sold(voucher, 1_00)), "voucher.expired")
    assert await stage.expire(town) == 1
    assert await stage.balance(town, "lapsed") == 25_00
    await stage.audit()


async def test_only_the_programmes_payer_pays(stage: Stage) -> None:
    town = stage.zwoenitz
    gift = await stage.api.new_programme({"id": town.id}, name="Geschenk", payer="town")
    given = with_programme(town, gift["id"])
    order = await stage.order(given, 10_00)
    assert code_of(await issue(stage, order)) == "payment.method"
    subsidy = await stage.payment(town, 10_00, method="subsidy")
    sold = await stage.order(town, 10_00)
    assert code_of(await issue(stage, sold | {"payment_id": subsidy})) == "payment.method"
    assert (await issue(stage, order | {"payment_id": subsidy})).status_code == 201
    await stage.audit()


async def test_cash_of_an_issuing_point_pays_too(stage: Stage, api: Api) -> None:
    town = stage.zwoenitz
    desk = await api.new_issuing_point({"id": town.id})
    cash = await stage.payment(town, 25_00, method="cash", issuing_point_id=desk["id"])
    await stage.batch(town, 25_00, payment_id=cash)
    assert await stage.balance(town, "cash", desk["id"]) == -25_00
    await stage.audit()


async def test_fixed_values_are_named_when_another_is_asked_for(stage: Stage) -> None:
    town = stage.zwoenitz
    fixed = await stage.api.new_programme({"id": town.id}, fixed_values_cents=[10_00, 25_00])
    order = await stage.order(with_programme(town, fixed["id"]), 15_00)
    refused = await stage.refused(await issue(stage, order), "programme.value_refused")
    assert "10,00 €, 25,00 €" in refused["detail"]


async def test_a_voucher_may_run_for_thirty_years(stage: Stage) -> None:
    town = stage.zwoenitz
    long = await stage.api.new_programme({"id": town.id}, validity_count=30)
    voucher = await stage.voucher(with_programme(town, long["id"]))
    assert (await stage.redeemed(voucher, 10_00))["balance_after_cents"] == 40_00


async def test_a_payment_of_another_town_pays_nothing_here(stage: Stage) -> None:
    order = await stage.order(stage.schneeberg, 25_00)
    order |= {"programme_id": stage.zwoenitz.programme_id}
    assert code_of(await issue(stage, order)) == "payment.unknown"


async def test_ids_may_be_those_of_other_kinds_of_things(stage: Stage) -> None:
    """Batch and payment have spaces of their own: only accounts share one."""
    town = stage.zwoenitz
    payment_id = await stage.payment(town, 25_00)
    await stage.batch(town, 25_00, id=payment_id, payment_id=payment_id)
    await stage.audit()


async def test_a_batch_of_another_town_is_not_there(stage: Stage) -> None:
    batch = await stage.batch(stage.zwoenitz, 25_00)
    for rest in ("", "/vouchers", "/document"):
        for town, batch_id in (
            (stage.schneeberg, batch["id"]),
            (stage.zwoenitz, fresh_id()),
        ):
            response = await stage.api.get(town.path(f"batches/{batch_id}{rest}"))
            assert (response.status_code, code_of(response)) == (404, "batch.unknown")


async def test_a_large_batch_is_listed_in_pages(stage: Stage) -> None:
    town = stage.zwoenitz
    batch = await stage.batch(town, 1_00, 1_100)
    path = town.path(f"batches/{batch['id']}/vouchers")
    serials: list[int] = []
    while page := (
        await stage.api.get(f"{path}?after_serial={serials[-1] if serials else 0}")
    ).json()["vouchers"]:
        assert len(page) <= 500
        serials += [each["serial"] for each in page]
    assert serials == list(range(1, 1_101))
    for wrong in ("-1", "2147483648", "x", "1.5"):
        response = await stage.api.get(f"{path}?after_serial={wrong}")
        assert (response.status_code, code_of(response)) == (422, "request.invalid")
