"""In a region with a master key only what it endorses counts, and nothing stands still for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from towns_with_keys import KEK, NOW, new_region, new_town

from gutschein.db.access import CLEARING, Access
from gutschein.db.unit_of_work import Database
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import RegionId, TownId, new_id
from gutschein.signing import repository
from gutschein.signing.endorsement import endorsed
from gutschein.signing.endorsement_files import (
    Endorsements,
    FileError,
    KeyRequest,
    endorse_all,
    read,
    written,
)
from gutschein.signing.endorsing import (
    accept_endorsements,
    request_endorsements,
    trust_master_key,
)
from gutschein.signing.key_trust import published_keys, verifying_keys
from gutschein.signing.keyring import renew_signing_key, signing_key_for, signing_keys
from gutschein.signing.keyset import KeySet
from gutschein.signing.keyset_forms import from_cose_key_set, to_cose_key_set

MASTER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NEXT_MASTER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
HOUR = timedelta(hours=1)


def public(master: Ed25519PrivateKey) -> bytes:
    return master.public_key().public_bytes_raw()


@dataclass
class Verbund:
    """A region of two towns, and what its operator does with the master key."""

    database: Database
    id: RegionId
    towns: tuple[TownId, TownId]

    def operating(self) -> Database:
        return self.database.acting(Access.operator(self.towns))

    async def request(self, *, all_keys: bool = False) -> KeyRequest:
        async with self.operating().reading() as work:
            return await request_endorsements(work, self.id, NOW, all_keys=all_keys)

    async def trust(
        self, master: Ed25519PrivateKey, answer: Endorsements | None, **how: Any
    ) -> bool:
        async with self.operating().unit_of_work() as work:
            return await trust_master_key(
                work, self.id, public(master), NOW, endorsements=answer, **how
            )

    async def accept(self, answer: Endorsements) -> int:
        async with self.operating().unit_of_work() as work:
            return len(await accept_endorsements(work, answer, NOW + HOUR))

    async def renew(self, town_id: TownId) -> bytes:
        async with self.database.acting(Access.town(town_id)).unit_of_work() as work:
            return (await renew_signing_key(work, town_id, KEK, NOW + HOUR)).kid

    async def signs(self, town_id: TownId) -> bytes:
        """The kid that new vouchers are signed with."""
        now = NOW + 2 * HOUR
        async with self.database.acting(Access.town(town_id)).reading() as work:
            return (await signing_key_for(work, town_id, KEK, now=now, needed_until=now)).kid

    async def published(self) -> KeySet:
        async with self.database.acting(CLEARING).reading() as work:
            return await published_keys(work)

    async def verifying(self, kid: bytes) -> KeySet:
        async with self.database.acting(CLEARING).reading() as work:
            return await verifying_keys(work, kid)


@pytest.fixture
async def verbund(fresh_database: Database) -> Verbund:
    region_id = await new_region(fresh_database)
    towns = (await new_town(fresh_database, region_id), await new_town(fresh_database, region_id))
    return Verbund(fresh_database, region_id, towns)


@pytest.fixture
async def mastered(verbund: Verbund) -> Verbund:
    """The same, with a master key that has endorsed everything."""
    await verbund.trust(MASTER, endorse_all(await verbund.request(), MASTER))
    return verbund


async def test_without_a_master_key_all_is_as_before(verbund: Verbund) -> None:
    published = await verbund.published()
    assert {key.town_id for key in published} == set(verbund.towns)
    assert published.masters == {}
    assert all(key.endorsement is None and key.region_id is None for key in published)
    with pytest.raises(Refusal, match=r"key\.no_master"):
        await verbund.accept(endorse_all(await verbund.request(), MASTER))


async def test_a_till_that_knows_the_master_key_finds_all_keys_good(mastered: Verbund) -> None:
    received = from_cose_key_set(to_cose_key_set(await mastered.published()))
    assert received.masters == {mastered.id: public(MASTER)}
    known = endorsed(received, {mastered.id: public(MASTER)})
    assert {key.town_id for key in known} == set(mastered.towns)
    assert not list(endorsed(received, {mastered.id: public(NEXT_MASTER)}))
    assert (await mastered.request()).keys == []


async def test_trust_is_refused_as_long_as_a_key_in_use_is_not_endorsed(verbund: Verbund) -> None:
    """Its vouchers would be refused from one moment to the next."""
    request = await verbund.request()
    some = KeyRequest(verbund.id, request.keys[:1])
    for answer, missing in ((None, 2), (endorse_all(some, MASTER), 1)):
        with pytest.raises(Refusal, match=rf"key\.endorse_first\(count={missing}\)"):
            await verbund.trust(MASTER, answer)
    assert (await verbund.published()).masters == {}
    assert await verbund.trust(MASTER, endorse_all(request, MASTER))
    assert not await verbund.trust(MASTER, None)


async def test_a_region_without_towns_can_trust_at_once(fresh_database: Database) -> None:
    region_id = await new_region(fresh_database)
    async with fresh_database.acting(Access.operator(())).unit_of_work() as work:
        assert await trust_master_key(work, region_id, public(MASTER), NOW)
        with pytest.raises(Refusal, match=r"region\.unknown"):
            await trust_master_key(work, RegionId(new_id()), public(MASTER), NOW)


async def test_an_operator_sets_no_master_key_for_another_region(verbund: Verbund) -> None:
    foreign = await new_region(verbund.database)
    await new_town(verbund.database, foreign)
    async with verbund.operating().unit_of_work() as work:
        await repository.set_master(work, foreign, public(MASTER))
    assert (await verbund.published()).masters == {}
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with verbund.database.acting(Access.town(*verbund.towns)).unit_of_work() as work:
            await repository.set_master(work, verbund.id, public(MASTER))


async def test_a_new_towns_key_counts_once_it_is_endorsed(mastered: Verbund) -> None:
    town_id = await new_town(mastered.database, mastered.id)
    mastered.towns = (*mastered.towns, town_id)  # type: ignore[assignment]
    with pytest.raises(Refusal, match=r"key\.not_endorsed"):
        await mastered.signs(town_id)
    assert town_id not in {key.town_id for key in await mastered.published()}
    request = await mastered.request()
    kid = bytes.fromhex(request.keys[0].kid)
    assert [key.town_id for key in request.keys] == [town_id]
    assert len(await mastered.verifying(kid)) == 0
    async with mastered.database.acting(Access.town(town_id)).reading() as work:
        with pytest.raises(Refusal, match=r"key\.not_endorsed"):
            await signing_keys(work, town_id, KEK, {kid})
    assert await mastered.accept(endorse_all(request, MASTER)) == 1
    assert await mastered.signs(town_id) == kid
    assert [key.town_id for key in await mastered.verifying(kid)] == [town_id]
    assert town_id in {key.town_id for key in await mastered.published()}


async def test_a_renewed_key_takes_over_when_it_is_endorsed_and_not_before(
    mastered: Verbund,
) -> None:
    town_id = mastered.towns[0]
    old = await mastered.signs(town_id)
    new = await mastered.renew(town_id)
    assert await mastered.signs(town_id) == old
    await mastered.accept(endorse_all(await mastered.request(), MASTER))
    assert await mastered.signs(town_id) == new
    async with mastered.database.acting(Access.town(town_id)).reading() as work:
        before, after = await repository.signing_keys(work, town_id=town_id)
    assert (before.kid, before.sign_until) == (old, NOW + HOUR)
    assert (after.kid, after.sign_until > NOW + timedelta(days=300)) == (new, True)


async def test_an_answer_is_taken_whole_or_not_at_all(mastered: Verbund) -> None:
    for town_id in mastered.towns:
        await mastered.renew(town_id)
    request = await mastered.request()
    good, other = endorse_all(request, MASTER), endorse_all(request, NEXT_MASTER)
    swapped = [
        good.endorsements[0],
        type(good.endorsements[1])(
            good.endorsements[1].town_id,
            good.endorsements[1].kid,
            good.endorsements[0].endorsement,
        ),
    ]
    strange = [*good.endorsements, type(good.endorsements[0])(mastered.towns[0], "00000000", b"")]
    for endorsements, code in (
        (other.endorsements, "key.endorsement"),
        (swapped, "key.endorsement"),
        (strange, "key.unknown"),
    ):
        with pytest.raises(Refusal) as refused:
            await mastered.accept(Endorsements(mastered.id, endorsements))
        assert refused.value.code == code
    assert (await mastered.request()).keys == request.keys
    assert await mastered.accept(good) == 2


async def test_another_master_key_takes_the_place_of_the_first(mastered: Verbund) -> None:
    with pytest.raises(Refusal, match=r"key\.master_set"):
        await mastered.trust(NEXT_MASTER, None)
    with pytest.raises(Refusal, match=r"key\.endorse_first"):
        await mastered.trust(NEXT_MASTER, None, replace=True)
    answer = endorse_all(await mastered.request(all_keys=True), NEXT_MASTER)
    assert await mastered.trust(NEXT_MASTER, answer, replace=True)
    published = await mastered.published()
    assert len(endorsed(published, {mastered.id: public(NEXT_MASTER)})) == 2
    assert not list(endorsed(published, {mastered.id: public(MASTER)}))


async def test_a_key_slipped_into_the_database_is_neither_published_nor_believed(
    mastered: Verbund,
) -> None:
    """Whoever can write to the database copies a row and puts in a key of their own."""
    thief = Ed25519PrivateKey.generate()
    async with mastered.database.acting(Access.town(*mastered.towns)).unit_of_work() as work:
        row = dict((await repository.signing_keys(work, town_id=mastered.towns[0]))[0]._mapping)
        for name in ("town_name", "region_id", "master_public_key"):
            del row[name]
        await repository.insert_signing_key(
            work, row | {"kid": b"evil", "public_key": public(thief)}
        )
    assert len(await mastered.verifying(b"evil")) == 0
    assert not (await mastered.published()).find(b"evil")
    async with mastered.operating().unit_of_work() as work:
        await work.execute(text("UPDATE signing_key SET endorsement = '\\x00'"))
    assert len(await mastered.published()) == 0


async def test_the_files_are_read_as_they_were_written(verbund: Verbund) -> None:
    request = await verbund.request()
    answer = endorse_all(request, MASTER)
    assert read(written(request), KeyRequest) == request
    assert read(written(answer), Endorsements) == answer
    assert b"Zw\xc3\xb6nitz" in written(request)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("gutschein key request 1", "gutschein key request 2"), "key request 1"),
        (('"kid": "', '"kid": "zz'), "kid"),
        (('"not_before": "', '"not_before": "x'), "not_before"),
        (('"town":', '"city":'), "city"),
        (('Z"', '"'), "not_before"),
    ],
)
async def test_a_file_that_is_none_is_refused(
    verbund: Verbund, change: tuple[str, str], says: str
) -> None:
    text_ = written(await verbund.request()).decode()
    with pytest.raises(FileError, match=says):
        read(text_.replace(*change).encode(), KeyRequest)
    for other in (b"", b"\xff", b"[]", written(await verbund.request())):
        with pytest.raises(FileError, match="endorsements 1"):
            read(other, Endorsements)


async def test_a_request_for_what_cannot_be_a_key_is_not_signed(verbund: Verbund) -> None:
    request = await verbund.request()
    first = request.keys[0]
    never = type(first)(
        "Zwönitz", TownId(UUID(int=1)), first.kid, first.public_key, NOW, NOW - HOUR
    )
    with pytest.raises(FileError, match=first.kid):
        endorse_all(KeyRequest(verbund.id, [never]), MASTER)
