"""A town's status list holds what must not be taken without a net, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from api_fixtures import code_of, fresh_id
from pin_stage import pinned
from sqlalchemy import text
from stage import Paper, Stage, Town, with_programme

from gutschein.kernel.errors import Refusal
from gutschein.offline.jobs import tag_vouchers
from gutschein.signing.keyset_forms import from_cose_key_set
from gutschein.signing.status_list import StatusList, read_status_list, status_tag
from gutschein.signing.token import token_from_scan, verify_token

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def path_of(town_id: str) -> str:
    return f"/.well-known/gutschein/status/{town_id}"


async def fetched(
    stage: Stage, town: Town | None = None, known: str | None = None
) -> httpx.Response:
    """Fetch a list as a till that knows nothing of anybody, or a list of that ETag."""
    app: Any = stage.app
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test")
    headers = {} if known is None else {"if-none-match": known}
    async with client:
        return await client.get(path_of((town or stage.zwoenitz).id), headers=headers)


async def known_keys(stage: Stage) -> Any:
    return from_cose_key_set((await stage.api.get("/.well-known/gutschein/keys.cbor")).content)


async def read(stage: Stage, town: Town | None = None) -> Callable[[Paper], bool]:
    """Fetch a list a minute later, check it with the published keys, and tell what it holds."""
    stage.clock.now += MINUTE
    response = await fetched(stage, town)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/cose"
    keys = await known_keys(stage)
    found = read_status_list(response.content, keys, stage.clock.now)
    return partial(_holds, found, keys, stage)


def _holds(found: StatusList, keys: Any, stage: Stage, voucher: Paper) -> bool:
    verified = verify_token(token_from_scan(voucher.token), keys, stage.clock.now)
    assert verified.town_id == found.town_id
    return found.holds(status_tag(verified.town_id, verified.claims.code))


async def test_it_holds_what_is_blocked_replaced_or_empty(stage: Stage) -> None:
    fresh, begun, empty, blocked, lost = await stage.vouchers(stage.zwoenitz, 50_00, 5)
    await stage.redeemed(begun, 20_00)
    await stage.redeemed(empty, 50_00)
    await stage.block(blocked)
    holds = await read(stage)
    assert [holds(each) for each in (fresh, begun, empty, blocked, lost)] == [
        *(False, False),
        *(True, True, False),
    ]
    new = await stage.replace(lost)
    holds = await read(stage)
    assert (holds(lost), holds(new)) == (True, False)


async def test_what_comes_back_to_life_leaves_it(stage: Stage) -> None:
    empty = await stage.voucher(stage.zwoenitz, 50_00)
    spent = await stage.redeemed(empty, 50_00)
    assert (await read(stage))(empty)
    assert (await stage.reverse(spent)).status_code == 200
    assert not (await read(stage))(empty)


async def test_it_holds_every_voucher_that_is_redeemed_whole_only(stage: Stage) -> None:
    whole = await stage.api.new_programme(
        {"id": stage.zwoenitz.id}, name="Ganz", partial_redemption=False
    )
    town = with_programme(stage.zwoenitz, whole["id"])
    assert (await read(stage))(await stage.voucher(stage.zwoenitz)) is False
    only_whole = await stage.voucher(town)
    assert (await read(stage))(only_whole)


async def test_what_has_expired_for_every_till_is_not_in_it(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz, 50_00)
    await stage.block(voucher)
    assert (await read(stage))(voucher)
    stage.clock.now += timedelta(days=5 * 366)
    await stage.api.approved(stage.zwoenitz.id, {"kind": "key_renewal"})
    assert await stage.expire(stage.zwoenitz) == 1
    assert not (await read(stage))(voucher)


async def test_each_town_has_its_own(stage: Stage) -> None:
    ours, theirs = await stage.voucher(stage.zwoenitz), await stage.voucher(stage.schneeberg)
    await stage.block(theirs)
    await stage.block(ours)
    assert (await read(stage, stage.schneeberg))(theirs)
    assert (await read(stage))(ours)


async def test_it_is_fetched_again_only_when_it_has_changed(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    first = await fetched(stage)
    assert first.headers["cache-control"] == "public, max-age=60"
    known = first.headers["etag"]
    stage.clock.now += 5 * MINUTE
    again = await fetched(stage, known=known)
    assert (again.status_code, again.content) == (304, b"")
    await stage.block(voucher)
    stage.clock.now += MINUTE
    assert (await fetched(stage, known=known)).status_code == 200


async def test_it_is_signed_anew_each_hour(stage: Stage) -> None:
    first = await fetched(stage)
    stage.clock.now += HOUR
    second = await fetched(stage)
    keys = await known_keys(stage)
    old, new = (read_status_list(each.content, keys, stage.clock.now) for each in (first, second))
    assert new.issued_at == old.issued_at + 3_600
    assert new.issued_at % 3_600 == 0
    assert new.issued_at <= stage.clock.now.timestamp() < new.issued_at + 3_600


async def test_a_list_of_yesterday_is_not_to_be_used(stage: Stage) -> None:
    content = (await fetched(stage)).content
    keys = await known_keys(stage)
    with pytest.raises(Refusal, match=r"status\.outdated"):
        read_status_list(content, keys, stage.clock.now + 24 * HOUR)


async def test_a_worker_makes_it_once_a_minute(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    first = await fetched(stage)
    await stage.block(voucher)
    stage.clock.now += timedelta(seconds=59)
    assert (await fetched(stage)).content == first.content
    stage.clock.now += timedelta(seconds=1)
    assert (await fetched(stage)).content != first.content


async def test_an_unknown_town_has_none(stage: Stage) -> None:
    unknown = await stage.api.get(path_of(fresh_id()))
    assert (unknown.status_code, code_of(unknown)) == (404, "town.unknown")


async def forget_tags(stage: Stage) -> None:
    """Make the vouchers such as there were before there were tags."""
    async with stage.database.unit_of_work() as work:
        await work.execute(
            text("UPDATE voucher SET status_tag = NULL WHERE town_id = :id"),
            {"id": stage.zwoenitz.id},
        )


async def test_there_is_none_before_each_voucher_in_it_has_its_tag(stage: Stage) -> None:
    vouchers = await stage.vouchers(stage.zwoenitz, 50_00, 3)
    await forget_tags(stage)
    assert (await fetched(stage)).status_code == 200  # there is nothing in it
    await stage.block(vouchers[1])
    stage.clock.now += MINUTE
    answer = await fetched(stage)
    assert (answer.status_code, code_of(answer)) == (503, "status.not_ready")
    assert await tag_vouchers(stage.database, kek=stage.kek) >= 3
    holds = await read(stage)
    assert [holds(each) for each in vouchers] == [False, True, False]
    assert await tag_vouchers(stage.database, kek=stage.kek) == 0


async def test_a_voucher_gets_its_tag_when_it_is_made(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    await stage.replace(voucher)
    async with stage.database.reading() as work:
        rows = await work.execute(
            text("SELECT status_tag FROM voucher WHERE town_id = :id"), {"id": stage.zwoenitz.id}
        )
        tags = [row.status_tag for row in rows]
    assert len(set(tags)) == 2
    assert all(len(tag) == 8 for tag in tags)


async def test_printed_vouchers_that_nobody_has_bought_are_in_it(stage: Stage) -> None:
    order = {
        "programme_id": stage.zwoenitz.programme_id,
        "value_cents": 25_00,
        "count": 3,
        "sell_until": "2027-12-31",
    }
    await stage.api.made(stage.zwoenitz.path("stock-orders"), order)
    found = read_status_list(
        (await fetched(stage)).content, await known_keys(stage), stage.clock.now
    )
    assert len(found.values) == 3


async def test_it_holds_every_voucher_with_a_pin(stage: Stage) -> None:
    plain, with_pin = await stage.voucher(stage.zwoenitz), await pinned(stage)
    holds = await read(stage)
    assert (holds(plain), holds(with_pin.paper)) == (False, True)
