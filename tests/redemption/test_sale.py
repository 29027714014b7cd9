"""Several vouchers pay one sale: all of them, or none."""

from __future__ import annotations

import asyncio
from typing import Any

from api_fixtures import code_of, fresh_id
from stage import Paper, Shop, Stage


def item(voucher: Paper, amount_cents: int, id_: str | None = None) -> dict[str, Any]:
    return {"id": id_ or fresh_id(), "amount_cents": amount_cents} | voucher.shown


def sale(shop: Shop, *items: dict[str, Any]) -> dict[str, Any]:
    return {"id": fresh_id(), "items": list(items)} | shop.fields


async def pay(stage: Stage, body: dict[str, Any]) -> Any:
    return await stage.api.post("/api/v1/sales", body)


async def test_three_vouchers_of_two_towns_pay_60_euros(stage: Stage) -> None:
    mine, other = await stage.vouchers(stage.zwoenitz, 25_00, 2)
    guest = await stage.voucher(stage.schneeberg, 25_00)
    body = sale(stage.zwoenitz.shop, item(mine, 25_00), item(guest, 20_00), item(other, 15_00))
    paid = await pay(stage, body)
    assert paid.status_code == 200
    assert (paid.json()["id"], paid.json()["total_cents"]) == (body["id"], 60_00)
    done = paid.json()["redemptions"]
    assert [each["id"] for each in done] == [each["id"] for each in body["items"]]
    assert [each["balance_after_cents"] for each in done] == [0, 5_00, 10_00]
    assert {each["sale_id"] for each in done} == {body["id"]}
    assert (await pay(stage, body)).content == paid.content
    await stage.audit()


async def test_one_voucher_that_cannot_pay_undoes_them_all(stage: Stage) -> None:
    good, blocked, empty = await stage.vouchers(stage.zwoenitz, 25_00, 3)
    await stage.block(blocked)
    await stage.redeemed(empty, 25_00)
    shop = stage.zwoenitz.shop
    mark = await stage.moved()
    first = item(good, 5_00)
    for bad, code in (
        (item(blocked, 5_00), "voucher.blocked"),
        (item(empty, 5_00), "voucher.empty"),
        (item(good, 25_00), "voucher.insufficient"),  # the same one a second time
        (item(good, 1) | {"token": None, "code": "0000-0000-0000-0001-1"}, "voucher.unknown"),
        (item(good, 1) | {"token": "no token"}, "token.unreadable"),
    ):
        refused = await pay(stage, sale(shop, first, bad))
        assert code_of(refused) == code
        assert refused.json()["item"] == 1
    assert await stage.moved() == mark


async def test_one_voucher_may_pay_twice_in_a_sale(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    later, earlier = sorted([fresh_id(), fresh_id()], reverse=True)
    body = sale(stage.zwoenitz.shop, item(voucher, 30_00, later), item(voucher, 20_00, earlier))
    done = (await pay(stage, body)).json()["redemptions"]
    assert [each["id"] for each in done] == [later, earlier]
    assert sorted(each["balance_after_cents"] for each in done) == [0, 30_00]
    assert await stage.left(voucher) == 0
    await stage.audit()


async def test_a_sale_is_known_whole_or_is_another_one(stage: Stage) -> None:
    first, second, third = await stage.vouchers(stage.zwoenitz, 25_00, 3)
    one, two, three = (item(each, 5_00) for each in (first, second, third))
    body = sale(stage.zwoenitz.shop, one, two)
    assert (await pay(stage, body)).status_code == 200
    mark = await stage.moved()
    for changed in (
        body | {"items": [one]},
        body | {"items": [one, two, three]},
        body | {"items": [one, three]},
        body | {"items": [three, one]},
        body | {"id": fresh_id()},
        body | {"items": [one, two | {"amount_cents": 5_01}]},
        body | stage.schneeberg.shop.fields,
    ):
        refused = await pay(stage, changed)
        assert (refused.status_code, code_of(refused)) == (409, "redemption.conflict"), changed
    alone = await stage.redeem({**one, **stage.zwoenitz.shop.fields})
    assert code_of(alone) == "redemption.conflict"
    swapped = await pay(stage, body | {"items": [two, one]})
    assert swapped.status_code == 200
    assert await stage.moved() == mark


async def test_a_single_redemption_is_no_part_of_a_sale(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    single = stage.sold(voucher, 5_00)
    assert (await stage.redeem(single)).status_code == 200
    as_sale = sale(stage.zwoenitz.shop, item(voucher, 5_00, single["id"]))
    assert code_of(await pay(stage, as_sale)) == "redemption.conflict"


async def test_the_same_sale_16_times_at_once_is_one_sale(stage: Stage) -> None:
    vouchers = await stage.vouchers(stage.zwoenitz, 25_00, 3)
    body = sale(stage.schneeberg.shop, *(item(each, 10_00) for each in vouchers))
    answers = await asyncio.gather(*(pay(stage, body) for _ in range(16)))
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (200, answers[0].content)
    }
    assert await stage.balance(stage.zwoenitz, "voucher") == 45_00
    await stage.audit()


async def test_sales_that_want_the_same_vouchers_in_another_order_do_not_stand_still(
    stage: Stage,
) -> None:
    vouchers = await stage.vouchers(stage.zwoenitz, 50_00, 3)
    vouchers += await stage.vouchers(stage.schneeberg, 50_00, 3)
    shops = (stage.zwoenitz.shop, stage.schneeberg.shop)
    answers = await asyncio.gather(
        *(
            pay(
                stage,
                sale(
                    shops[turn % 2], *(item(each, 1_00) for each in vouchers[:: -1 if turn else 1])
                ),
            )
            for turn in range(24)
        )
    )
    assert {answer.status_code for answer in answers} == {200}
    assert [await stage.left(each) for each in vouchers] == [26_00] * 6
    await stage.audit()


async def test_sales_that_share_ids_do_not_stand_still(stage: Stage) -> None:
    """Two tills with broken ids: one sale is booked, the others are told so."""
    vouchers = await stage.vouchers(stage.zwoenitz, 50_00, 8)
    ids = [fresh_id() for _ in range(4)]
    bodies = [
        sale(
            stage.zwoenitz.shop,
            *(item(vouchers[turn], 1_00, id_) for id_ in (ids if turn % 2 else ids[::-1])),
        )
        for turn in range(8)
    ]
    answers = await asyncio.gather(*(pay(stage, body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    assert {code_of(answer) for answer in answers if answer.is_error} == {"redemption.conflict"}
    assert await stage.balance(stage.zwoenitz, "voucher") == 396_00
    await stage.audit()


async def test_a_sale_has_1_to_50_items_with_ids_of_their_own(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    shop, mark = stage.zwoenitz.shop, await stage.moved()
    same = item(voucher, 1_00)
    for body in (
        sale(shop),
        sale(shop, *(item(voucher, 1) for _ in range(51))),
        sale(shop, same, same),
        sale(shop, same | {"id": "6ba7b810-9dad-11d1-80b4-00c04fd430c8"}),
        sale(shop, same) | {"id": "6ba7b810-9dad-11d1-80b4-00c04fd430c8"},
        sale(shop, same | {"code": voucher.code}),
        sale(shop, same | {"token": None}),
        sale(shop, same | {"fee": 1}),
        sale(shop, same) | {"items": None},
    ):
        refused = await pay(stage, body)
        assert (refused.status_code, code_of(refused)) == (422, "request.invalid"), body
    assert await stage.moved() == mark
    assert (await pay(stage, sale(shop, *(item(voucher, 1) for _ in range(50))))).is_success
    assert await stage.left(voucher) == 49_50
    await stage.audit()
