"""Keys are rotated, published and sealed; a voucher outlives the key that signed it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import cbor2
import httpx
import pytest
from api_fixtures import code_of
from sqlalchemy import text
from stage import Paper, Stage

from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.redemption.town_keys import TownKeys
from gutschein.signing.key_trust import published_keys
from gutschein.signing.keyring import (
    SIGNING_TIME,
    VERIFYING_TIME,
    code_keys,
    renew_signing_key,
    signing_key_for,
)
from gutschein.signing.keyset import KeySet
from gutschein.signing.keyset_forms import from_cose_key_set, from_jwk_set
from gutschein.signing.sealing import KeyEncryptionKey
from gutschein.signing.token import claimed_kid, token_from_scan, verify_token

OTHER_KEK = KeyEncryptionKey(bytes(range(32)))
DAY = timedelta(days=1)


def town_id(stage: Stage) -> TownId:
    return TownId(UUID(stage.zwoenitz.id))


async def rotate(stage: Stage) -> bytes:
    async with stage.database.unit_of_work() as work:
        return (await renew_signing_key(work, town_id(stage), stage.kek, stage.clock.now)).kid


async def keys_of(stage: Stage) -> KeySet:
    async with stage.database.reading() as work:
        return await published_keys(work)


def kid_of(voucher: Paper) -> bytes:
    return claimed_kid(token_from_scan(voucher.token))


@pytest.mark.parametrize("later", [timedelta(0), timedelta(milliseconds=300), DAY])
async def test_after_a_rotation_new_vouchers_are_signed_with_the_new_key(
    stage: Stage, later: timedelta
) -> None:
    old = await stage.voucher(stage.zwoenitz)
    stage.clock.now += later
    kid = await rotate(stage)
    new = await stage.voucher(stage.zwoenitz)
    assert kid_of(new) == kid != kid_of(old)
    keys = await keys_of(stage)
    for voucher in (old, new):
        verify_token(token_from_scan(voucher.token), keys, stage.clock.now)
        await stage.redeemed(voucher, 10_00)
    assert (await stage.paper_of(old.town, old.id)).token == old.token


async def test_of_two_rotations_at_the_same_moment_one_key_goes_on_signing(stage: Stage) -> None:
    for _ in range(5):
        stage.clock.now += DAY
        await asyncio.gather(rotate(stage), rotate(stage))
        after = stage.clock.now + timedelta(seconds=2)
        query = text("SELECT count(*) FROM signing_key WHERE town_id = :id AND sign_until > :after")
        async with stage.database.reading() as work:
            signing = await work.scalar(query, {"id": town_id(stage), "after": after})
        assert signing == 1


async def test_a_key_signs_for_a_year_and_then_asks_for_the_next(stage: Stage) -> None:
    stage.clock.now += SIGNING_TIME - timedelta(seconds=1)
    old = await stage.voucher(stage.zwoenitz)
    stage.clock.now += timedelta(seconds=1)
    order = await stage.order(stage.zwoenitz, 50_00)
    refused = await stage.api.post(stage.zwoenitz.path("batches"), order)
    assert (refused.status_code, code_of(refused)) == (409, "key.none")
    path = old.town.path(f"vouchers/{old.id}/replacement")
    assert code_of(await stage.api.post(path, {"reason": "Verloren"})) == "key.none"
    await stage.redeemed(old, 10_00)
    await rotate(stage)
    assert (await stage.api.post(stage.zwoenitz.path("batches"), order)).status_code == 201


async def test_every_key_has_a_window_and_the_newest_signs(stage: Stage) -> None:
    kids = [await rotate(stage) for _ in range(3)]
    async with stage.database.reading() as work:
        key = await signing_key_for(
            work, town_id(stage), stage.kek, now=stage.clock.now, needed_until=stage.clock.now
        )
    assert key.kid == kids[-1]
    for kid in kids:
        [published] = (await keys_of(stage)).find(kid)
        assert published.not_before == stage.clock.now.replace(microsecond=0)
        assert published.not_after - published.not_before == SIGNING_TIME + VERIFYING_TIME


async def test_a_key_that_ends_too_early_for_a_voucher_does_not_sign_it(stage: Stage) -> None:
    far = stage.clock.now + SIGNING_TIME + VERIFYING_TIME + DAY
    async with stage.database.reading() as work:
        with pytest.raises(Refusal, match=r"key\.none"):
            await signing_key_for(
                work, town_id(stage), stage.kek, now=stage.clock.now, needed_until=far
            )


async def test_with_another_key_encryption_key_nothing_opens_and_nothing_breaks(
    stage: Stage,
) -> None:
    town = stage.zwoenitz
    voucher = await stage.voucher(town)
    batch = await stage.batch(town, 10_00)
    order = await stage.order(town, 50_00)
    right, stage.app.state.kek = stage.kek, OTHER_KEK
    clearing = stage.app.state.clearing
    known, clearing._keys = clearing._keys, TownKeys(stage.app.state.database, OTHER_KEK)
    mark = await stage.moved()
    typed = stage.sold(voucher, 1_00) | voucher.typed
    del typed["token"]
    replacement = {"reason": "Verloren"}
    try:
        answers = [
            await stage.redeem(stage.sold(voucher, 1_00)),
            await stage.redeem(typed),
            await stage.api.get(f"/api/v1/vouchers/{voucher.code}?town_id={town.id}"),
            await stage.api.get(f"/api/v1/vouchers/{voucher.token.rpartition('/')[2]}"),
            await stage.api.post(town.path("batches"), order),
            await stage.api.get(town.path(f"vouchers/{voucher.id}/document")),
            await stage.api.get(town.path(f"batches/{batch['id']}/document")),
            await stage.api.post(town.path(f"vouchers/{voucher.id}/replacement"), replacement),
        ]
    finally:
        stage.app.state.kek, clearing._keys = right, known
    for answer in answers:
        assert (answer.status_code, code_of(answer)) == (503, "key.sealed")
        assert answer.json()["kek_id"] == right.id
    assert await stage.moved() == mark
    await stage.redeemed(voucher, 1_00)


async def test_a_stolen_dump_shows_no_code_and_no_private_key(stage: Stage) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    async with stage.database.reading() as work:
        keys = (await code_keys(work, [town_id(stage)], stage.kek))[town_id(stage)]
        signing = await signing_key_for(
            work, town_id(stage), stage.kek, now=stage.clock.now, needed_until=stage.clock.now
        )
        rows = [
            row
            for table in ("voucher", "signing_key", "code_key")
            for row in (
                await work.execute(
                    text(f"SELECT * FROM {table} WHERE town_id = :id"), {"id": town_id(stage)}
                )
            ).all()
        ]
    stored = b"".join(value for row in rows for value in row if isinstance(value, bytes))
    token = token_from_scan(voucher.token)
    for secret in (
        token[24:34],
        keys.lookup_key,
        keys.seal_key,
        signing.private_key.private_bytes_raw(),
    ):
        assert secret not in stored
    assert keys.hashed(token[24:34]) in stored


async def test_a_town_without_keys_does_not_stop_the_region(stage: Stage) -> None:
    """Typed codes are looked for in every town of the region."""
    voucher = await stage.voucher(stage.zwoenitz)
    async with stage.database.unit_of_work() as work:
        await work.execute(
            text(
                "INSERT INTO town SELECT (jsonb_populate_record(t, jsonb_build_object("
                "'id', gen_random_uuid(), 'ags', '14500000'))).* FROM town t WHERE id = :id"
            ),
            {"id": stage.zwoenitz.id},
        )
    typed = stage.sold(voucher, 1_00) | voucher.typed
    del typed["token"]
    assert (await stage.redeem(typed)).status_code == 200


async def published(caller: httpx.AsyncClient, ending: str, **headers: str) -> httpx.Response:
    nobody = {"authorization": ""}
    return await caller.get(f"/.well-known/gutschein/keys.{ending}", headers=nobody | headers)


async def test_anyone_reads_the_keys_in_both_forms(
    stage: Stage, anonymous: httpx.AsyncClient
) -> None:
    voucher = await stage.voucher(stage.zwoenitz)
    as_json, as_cbor = await published(anonymous, "json"), await published(anonymous, "cbor")
    assert as_json.headers["content-type"] == "application/jwk-set+json"
    assert as_cbor.headers["content-type"] == "application/cose-key-set"
    both: list[KeySet] = [from_jwk_set(as_json.json()), from_cose_key_set(as_cbor.content)]
    expected = set(await keys_of(stage))
    for keys in both:
        assert set(keys) == expected
        verified = verify_token(token_from_scan(voucher.token), keys, stage.clock.now)
        assert str(verified.town_id) == stage.zwoenitz.id
    assert "d" not in as_json.json()["keys"][0]
    assert all(-4 not in key for key in cbor2.loads(as_cbor.content))


@pytest.mark.parametrize("ending", ["json", "cbor"])
async def test_who_has_the_keys_already_is_told_so(
    stage: Stage, anonymous: httpx.AsyncClient, ending: str
) -> None:
    first = await published(anonymous, ending)
    etag = first.headers["etag"]
    assert first.headers["cache-control"] == "public, max-age=3600"
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        same = await published(anonymous, ending, **{"if-none-match": known})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag), known
    other = await published(anonymous, ending, **{"if-none-match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)
    await rotate(stage)
    changed = await published(anonymous, ending, **{"if-none-match": etag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag
