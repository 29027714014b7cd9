"""A till that asks for vouchers there are not."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import httpx
from api_fixtures import code_of, fresh_id
from everybody import Everybody
from stage import Paper, Shop, Stage, new_shop

from gutschein.limits.rules import GUESS_CALLER, GUESS_MERCHANT
from gutschein.signing.code import format_code, new_code


async def redeem_code(stage: Stage, code: str, shop: Shop | None = None) -> httpx.Response:
    shop = shop or stage.zwoenitz.shop
    return await stage.redeem({"id": fresh_id(), "amount_cents": 100, "code": code} | shop.fields)


async def guess(stage: Stage, tries: int, shop: Shop | None = None) -> list[str]:
    return [code_of(await redeem_code(stage, format_code(new_code()), shop)) for _ in range(tries)]


async def test_after_so_many_guesses_a_till_types_no_more(
    stage: Stage, everybody: Everybody
) -> None:
    assert set(await guess(stage, GUESS_CALLER.burst)) == {"voucher.unknown"}
    voucher = await stage.voucher(stage.zwoenitz)
    refused = await redeem_code(stage, voucher.code)
    assert (refused.status_code, code_of(refused)) == (429, "limit.rate")
    assert refused.headers["retry-after"] == "20"
    sale = {"id": fresh_id(), "items": [{"id": fresh_id(), "amount_cents": 1} | voucher.typed]}
    paid = await stage.api.post("/api/v1/sales", sale | stage.zwoenitz.shop.fields)
    assert code_of(paid) == "limit.rate"
    shop = stage.zwoenitz.shop
    key = await everybody.key_of((UUID(shop.town_id), UUID(shop.merchant_id)))
    asked = await stage.api.client.get(
        f"/api/v1/vouchers/{voucher.code}", headers={"authorization": f"Bearer {key}"}
    )
    assert code_of(asked) == "limit.rate"
    assert await stage.left(voucher) == 50_00


async def test_it_goes_on_with_what_it_scans(stage: Stage) -> None:
    await guess(stage, GUESS_CALLER.burst)
    voucher = await stage.voucher(stage.zwoenitz)
    await stage.redeemed(voucher, 10_00)
    balance = await stage.api.get("/api/v1/vouchers/" + voucher.token.rpartition("/")[2])
    assert balance.json()["balance_cents"] == 40_00


async def test_after_a_while_it_types_again(stage: Stage) -> None:
    await guess(stage, GUESS_CALLER.burst)
    stage.clock.now += timedelta(seconds=20)
    voucher = await stage.voucher(stage.zwoenitz)
    assert (await redeem_code(stage, voucher.code)).status_code == 200


async def test_other_shops_are_not_concerned(stage: Stage) -> None:
    await guess(stage, GUESS_CALLER.burst)
    voucher = await stage.voucher(stage.zwoenitz)
    answer = await redeem_code(stage, voucher.code, stage.schneeberg.shop)
    assert answer.status_code == 200


async def test_forged_tokens_count_and_honest_refusals_do_not(stage: Stage) -> None:
    shop = await new_shop(stage.api, stage.zwoenitz.id)
    voucher = await stage.voucher(stage.zwoenitz, 10_00)
    await stage.redeemed(voucher, 10_00, shop)
    for _ in range(GUESS_CALLER.burst):
        assert code_of(await redeem_code(stage, voucher.code, shop)) == "voucher.empty"
        assert code_of(await redeem_code(stage, "ABCD", shop)) == "code.typo"
    forged = Paper(voucher.town, voucher.id, altered(voucher.token), voucher.code)
    for _ in range(GUESS_CALLER.burst):
        assert code_of(await stage.redeem(stage.sold(forged, 100, shop))) == "token.signature"
    assert code_of(await redeem_code(stage, voucher.code, shop)) == "limit.rate"


def altered(token: str) -> str:
    return token[:-40] + ("A" if token[-40] != "A" else "B") + token[-39:]


def test_a_merchant_may_do_what_four_of_its_tills_may() -> None:
    assert GUESS_MERCHANT.burst == 4 * GUESS_CALLER.burst
    assert GUESS_MERCHANT.per_seconds == GUESS_CALLER.per_seconds
