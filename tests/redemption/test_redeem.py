"""A voucher is spent in full or in part, in its own town and in a partner's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from api_fixtures import code_of, fresh_id
from stage import Shop, Stage, agree, new_shop, new_stage, new_town, with_programme


async def test_12_50_of_50_euros_leave_37_50(stage: Stage) -> None:
    town = stage.zwoenitz
    voucher = await stage.voucher(town)
    body = stage.sold(voucher, 12_50)
    response = await stage.redeem(body)
    assert response.status_code == 200
    assert response.json() == {
        "id": body["id"],
        "sale_id": None,
        **town.shop.fields,
        "issuing_town_id": town.id,
        "voucher_id": voucher.id,
        "amount_cents": 12_50,
        "balance_after_cents": 37_50,
        "redeemed_at": "2026-12-05T09:00:00Z",
        "reversal_id": None,
    }
    assert await stage.left(voucher) == 37_50
    assert await stage.balance(town, "merchant_payable", town.shop.merchant_id) == 12_50
    await stage.audit()


async def test_the_typed_code_is_as_good_as_the_scanned_one(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    sloppy = f" {voucher.code.lower().replace('-', ' ')} "
    body = {"id": fresh_id(), "code": sloppy, "amount_cents": 50_00} | voucher.town.shop.fields
    assert (await stage.redeem(body)).json()["balance_after_cents"] == 0
    await stage.refused(await stage.redeem(stage.sold(voucher, 1)), "voucher.empty")


async def test_the_bare_token_in_either_case_is_read_as_well(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    bare = voucher.token.rpartition("/")[2]
    for text in (bare, bare.lower(), f"\n{voucher.token.lower()} "):
        body = stage.sold(voucher, 1_00) | {"token": text}
        assert (await stage.redeem(body)).status_code == 200


async def test_in_a_partner_town_both_books_say_the_same(stage: Stage) -> None:
    issuer, partner = stage.zwoenitz, stage.schneeberg
    voucher = await stage.voucher(issuer)
    done = await stage.redeemed(voucher, 20_00, partner.shop)
    assert (done["town_id"], done["issuing_town_id"]) == (partner.id, issuer.id)
    typed = {"id": fresh_id(), "amount_cents": 5_00} | voucher.typed | partner.shop.fields
    assert (await stage.redeem(typed)).json()["balance_after_cents"] == 25_00
    assert await stage.balance(issuer, "voucher", voucher.id) == 25_00
    assert await stage.balance(issuer, "clearing", partner.id) == 25_00
    assert await stage.balance(partner, "clearing", issuer.id) == -25_00
    assert await stage.balance(partner, "merchant_payable", partner.shop.merchant_id) == 25_00
    await stage.audit()


async def test_a_town_without_an_agreement_takes_nothing(stage: Stage) -> None:
    third = await new_town(stage.api, stage.zwoenitz.region_id, "Marienberg")
    voucher, theirs = await stage.voucher(stage.zwoenitz), await stage.voucher(third)
    mark = await stage.moved()
    for shown, shop, name in (
        (voucher, third.shop, "Zwönitz"),
        (theirs, stage.zwoenitz.shop, "Marienberg"),
    ):
        for how in (shown.shown, shown.typed):
            body = {"id": fresh_id(), "amount_cents": 1_00} | how | shop.fields
            refused = await stage.redeem(body)
            assert (refused.status_code, code_of(refused)) == (403, "merchant.not_accepted")
            assert refused.json()["town"] == name
    assert await stage.moved() == mark


async def test_an_agreement_holds_from_its_first_day_to_its_last(stage: Stage) -> None:
    third = await new_town(stage.api, stage.zwoenitz.region_id, "Marienberg")
    span = {"valid_from": "2026-12-06", "valid_until": "2026-12-07"}
    await agree(stage.api, stage.zwoenitz, third, **span)
    voucher = await stage.voucher(stage.zwoenitz)
    for instant, accepted in (
        (datetime(2026, 12, 5, 22, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 12, 5, 23, 0, tzinfo=UTC), True),
        (datetime(2026, 12, 7, 22, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 12, 7, 23, 0, tzinfo=UTC), False),
    ):
        stage.clock.now = instant
        response = await stage.redeem(stage.sold(voucher, 1_00, third.shop))
        assert response.is_success is accepted, (instant, response.text)


async def test_the_agreement_is_one_way(stage: Stage) -> None:
    third = await new_town(stage.api, stage.zwoenitz.region_id, "Marienberg")
    await agree(stage.api, stage.zwoenitz, third)
    await stage.redeemed(await stage.voucher(stage.zwoenitz), 5_00, third.shop)
    theirs = stage.sold(await stage.voucher(third), 5_00, stage.zwoenitz.shop)
    await stage.refused(await stage.redeem(theirs), "merchant.not_accepted")


async def test_a_typed_code_of_another_region_is_not_found(stage: Stage) -> None:
    elsewhere = await new_stage(stage.api, stage.app, stage.clock, stage.database_url)
    voucher = await elsewhere.voucher(elsewhere.zwoenitz)
    body = {"id": fresh_id(), "amount_cents": 1_00} | stage.zwoenitz.shop.fields
    refused = await stage.redeem(body | voucher.typed)
    assert (refused.status_code, code_of(refused)) == (404, "voucher.unknown")
    refused = await stage.redeem(body | voucher.shown)
    assert (refused.status_code, code_of(refused)) == (403, "merchant.not_accepted")
    assert await elsewhere.left(voucher) == 50_00


async def test_a_voucher_of_one_piece_is_spent_whole(stage: Stage) -> None:
    town = stage.zwoenitz
    whole = await stage.api.new_programme({"id": town.id}, partial_redemption=False)
    voucher = await stage.voucher(with_programme(town, whole["id"]))
    refused = await stage.refused(
        await stage.redeem(stage.sold(voucher, 49_99)), "voucher.whole_only"
    )
    assert refused["balance_cents"] == 50_00
    assert refused["detail"] == "Dieser Gutschein gilt nur im Ganzen: 50,00 €."
    await stage.refused(await stage.redeem(stage.sold(voucher, 50_01)), "voucher.insufficient")
    await stage.redeemed(voucher, 50_00)
    await stage.audit()


async def test_too_much_is_refused_with_what_is_left(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    await stage.redeemed(voucher, 37_50)
    mark = await stage.moved()
    refused = await stage.redeem(stage.sold(voucher, 12_51))
    assert (refused.status_code, code_of(refused)) == (409, "voucher.insufficient")
    assert refused.json()["balance_cents"] == 12_50
    refused = await stage.redeem(stage.sold(voucher, 2**53 - 1))
    assert code_of(refused) == "voucher.insufficient"
    assert await stage.moved() == mark


async def test_a_closed_branch_redeems_nothing(stage: Stage) -> None:
    town = stage.zwoenitz
    voucher = await stage.voucher(town)
    await stage.close_branch(town.shop)
    refused = await stage.redeem(stage.sold(voucher, 1_00))
    assert (refused.status_code, code_of(refused)) == (403, "branch.closed")
    assert await stage.left(voucher) == 50_00


async def test_who_redeems_must_exist(stage: Stage) -> None:
    town = stage.zwoenitz
    voucher = await stage.voucher(town)
    neighbour = await new_shop(stage.api, town.id)
    mark = await stage.moved()
    nowhere, unknown = (403, "right.missing"), (404, "branch.unknown")
    cases: list[tuple[Shop, tuple[int, str]]] = [
        (Shop(fresh_id(), town.shop.merchant_id, town.shop.branch_id), nowhere),
        (Shop(town.id, fresh_id(), town.shop.branch_id), nowhere),
        (Shop(town.id, town.shop.merchant_id, fresh_id()), unknown),
        (Shop(town.id, town.shop.merchant_id, neighbour.branch_id), unknown),
        (Shop(stage.schneeberg.id, town.shop.merchant_id, town.shop.branch_id), nowhere),
    ]
    for shop, answer in cases:
        for how in (voucher.shown, voucher.typed):
            body: dict[str, Any] = {"id": fresh_id(), "amount_cents": 1_00} | how | shop.fields
            refused = await stage.redeem(body)
            assert (refused.status_code, code_of(refused)) == answer
    assert await stage.moved() == mark


async def test_the_till_finds_out_what_became_of_an_id(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    body = stage.sold(voucher, 10_00)
    path = voucher.town.path(f"redemptions/{body['id']}")
    unknown = await stage.api.get(path)
    assert (unknown.status_code, code_of(unknown)) == (404, "redemption.unknown")
    done = (await stage.redeem(body)).json()
    assert (await stage.api.get(path)).json() == done
    reversal = (await stage.reverse(done)).json()
    assert (await stage.api.get(path)).json() == done | {"reversal_id": reversal["id"]}
    assert (await stage.redeem(body)).json() == done
    elsewhere = stage.schneeberg.path(f"redemptions/{body['id']}")
    assert code_of(await stage.api.get(elsewhere)) == "redemption.unknown"
