"""A revoked key stops its QR codes at once; the codes beside them and the money stay."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from api_fixtures import Clock, app_on, code_of, started
from sqlalchemy import text
from stage import Paper, Stage

from gutschein.db.access import Access
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.signing.key_trust import published_keys
from gutschein.signing.keyring import renew_signing_key
from gutschein.signing.keyset_forms import from_cose_key_set, from_jwk_set
from gutschein.signing.revocation import require_revoked, revoke_signing_key
from gutschein.signing.token import claimed_kid, token_from_scan
from gutschein.vouchers.reissue import reissue_some

REASON = "Sicherung verloren"


def town_id(stage: Stage) -> TownId:
    return TownId(UUID(stage.zwoenitz.id))


def kid_of(voucher: Paper) -> bytes:
    return claimed_kid(token_from_scan(voucher.token))


async def revoke(stage: Stage, kid: bytes) -> bool:
    town = Access.town(town_id(stage))
    async with stage.database.acting(town).unit_of_work() as work:
        return await revoke_signing_key(work, town_id(stage), kid, REASON, stage.clock.now)


async def renew(stage: Stage) -> bytes:
    town = Access.town(town_id(stage))
    async with stage.database.acting(town).unit_of_work() as work:
        return (await renew_signing_key(work, town_id(stage), stage.kek, stage.clock.now)).kid


async def reissue(stage: Stage, kid: bytes) -> int:
    total = 0
    while True:
        town = Access.town(town_id(stage))
        async with stage.database.acting(town).unit_of_work() as work:
            moved, _ = await reissue_some(work, town_id(stage), kid, stage.kek, stage.clock.now)
        if not moved:
            return total
        total += moved


def typed(stage: Stage, voucher: Paper, amount_cents: int) -> dict[str, Any]:
    sale = stage.sold(voucher, amount_cents) | voucher.typed
    del sale["token"]
    return sale


async def test_its_tokens_are_refused_from_the_next_request_on_and_its_codes_are_not(
    stage: Stage,
) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    await stage.redeemed(voucher, 1_00)
    assert await revoke(stage, kid_of(voucher))
    refused = await stage.redeem(stage.sold(voucher, 1_00))
    assert (refused.status_code, code_of(refused)) == (422, "token.key_revoked")
    assert (await stage.redeem(typed(stage, voucher, 2_00))).status_code == 200
    assert await stage.left(voucher) == 47_00
    await stage.audit()


async def test_every_worker_refuses_them(stage: Stage, clock: Clock) -> None:
    """Nothing is remembered between requests, in any process."""
    voucher = await stage.voucher(stage.zwoenitz)
    async with started(app_on(stage.database_url, clock)) as other:
        other.auth = stage.api.client.auth
        sale = stage.sold(voucher, 1_00)
        assert (await other.post("/api/v1/redemptions", json=sale)).status_code == 200
        clock.now += timedelta(seconds=1)
        await revoke(stage, kid_of(voucher))
        refused = await other.post("/api/v1/redemptions", json=stage.sold(voucher, 1_00))
        assert code_of(refused) == "token.key_revoked"
        again = await other.post("/api/v1/redemptions", json=sale)  # it took place before
        assert again.status_code == 200


async def test_the_public_hears_the_same_as_of_any_unknown_code(
    stage: Stage, anonymous: httpx.AsyncClient
) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    scanned = voucher.token.rpartition("/")[2]
    good = await anonymous.get(f"/V/{scanned}", auth=None)
    assert (good.status_code, "50,00" in good.text) == (200, True)
    await revoke(stage, kid_of(voucher))
    revoked = await anonymous.get(f"/V/{scanned}", auth=None)
    made_up = await anonymous.get(f"/V/{scanned[:-8]}AAAAAAAA", auth=None)
    assert (revoked.status_code, revoked.text) == (made_up.status_code, made_up.text)
    assert revoked.status_code == 404


async def test_it_is_published_no_more_and_signs_no_more(
    stage: Stage, anonymous: httpx.AsyncClient
) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    order = await stage.order(stage.zwoenitz, 10_00)
    kid = kid_of(voucher)
    await revoke(stage, kid)
    as_json = await anonymous.get("/.well-known/gutschein/keys.json", auth=None)
    as_cbor = await anonymous.get("/.well-known/gutschein/keys.cbor", auth=None)
    for keys in (from_jwk_set(as_json.json()), from_cose_key_set(as_cbor.content)):
        assert town_id(stage) not in {key.town_id for key in keys.find(kid)}
    refused = await stage.api.post(stage.zwoenitz.path("batches"), order)
    assert code_of(refused) == "key.none"
    document = await stage.api.get(stage.zwoenitz.path(f"vouchers/{voucher.id}/document"))
    assert (document.status_code, code_of(document)) == (409, "key.revoked")
    await renew(stage)
    assert (await stage.api.post(stage.zwoenitz.path("batches"), order)).status_code == 201


async def test_vouchers_printed_again_under_the_new_key_are_the_same_vouchers(
    stage: Stage,
) -> None:
    old = await stage.vouchers(stage.zwoenitz, 20_00, 3)
    other = await stage.voucher(stage.schneeberg)
    await stage.redeemed(old[0], 5_00)
    await stage.block(old[1])
    replaced, replacement = old[2], await stage.replace(old[2])
    kid = kid_of(old[0])
    stage.clock.now += timedelta(minutes=1)
    await revoke(stage, kid)
    new_kid = await renew(stage)
    assert await reissue(stage, kid) == 3  # active, blocked, the replacement; not the replaced
    assert await reissue(stage, kid) == 0
    paper = await stage.paper_of(stage.zwoenitz, old[0].id)
    assert (paper.code, kid_of(paper)) == (old[0].code, new_kid)
    await stage.redeemed(paper, 15_00)
    assert code_of(await stage.redeem(stage.sold(old[0], 1))) == "token.key_revoked"
    again = await stage.paper_of(stage.zwoenitz, replacement.id)
    await stage.redeemed(again, 20_00)
    blocked = stage.sold(old[1], 1_00) | {"token": old[1].token}
    assert code_of(await stage.redeem(blocked)) == "token.key_revoked"
    assert await kid_in_database(stage, replaced) == kid
    assert kid_of(await stage.paper_of(stage.schneeberg, other.id)) == kid_of(other)
    await stage.audit()


async def kid_in_database(stage: Stage, voucher: Paper) -> bytes:
    async with stage.database.acting(Access.town(town_id(stage))).reading() as work:
        rows = await work.execute(
            text("SELECT kid FROM voucher WHERE id = :id"), {"id": UUID(voucher.id)}
        )
        return bytes(rows.scalar_one())


async def test_only_a_revoked_key_of_the_town_is_taken_from_vouchers(stage: Stage) -> None:
    kid = kid_of(await stage.voucher(stage.zwoenitz))
    for named, code in ((kid, "key.not_revoked"), (b"none", "key.unknown")):
        with pytest.raises(Refusal) as refused:
            await reissue(stage, named)
        assert refused.value.code == code
    foreign = kid_of(await stage.voucher(stage.schneeberg))
    with pytest.raises(Refusal, match=r"key\.unknown"):
        await revoke(stage, foreign)
    with pytest.raises(Refusal, match=r"key\.unknown"):
        await reissue(stage, foreign)
    await revoke(stage, kid)
    with pytest.raises(Refusal, match=r"key\.none"):  # there is no other key yet
        await reissue(stage, kid)


async def test_the_first_reason_and_instant_stay(stage: Stage) -> None:
    kid = kid_of(await stage.voucher(stage.zwoenitz))
    assert await revoke(stage, kid)
    first = stage.clock.now
    stage.clock.now += timedelta(hours=1)
    assert not await revoke(stage, kid)
    async with stage.database.acting(Access.town(town_id(stage))).reading() as work:
        await require_revoked(work, town_id(stage), kid)
        rows = await work.execute(
            text("SELECT revoked_at, revoked_reason FROM signing_key WHERE kid = :kid"),
            {"kid": kid},
        )
        assert tuple(rows.one()) == (first, REASON)


async def test_other_keys_of_the_town_go_on_verifying(stage: Stage) -> None:
    first = await stage.voucher(stage.zwoenitz)
    stage.clock.now += timedelta(minutes=1)
    await renew(stage)
    second = await stage.voucher(stage.zwoenitz)
    await revoke(stage, kid_of(first))
    await stage.redeemed(second, 1_00)
    async with stage.database.reading() as work:
        published = await published_keys(work)
    assert isinstance(published.masters, dict)
