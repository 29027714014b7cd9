"""What a town brings, beside what all have; it is offered or not, and its picture stays."""

from __future__ import annotations

from typing import Any

import pytest
from brought_pictures import picture
from sqlalchemy import text
from towns_with_keys import NOW, new_region, new_town

from gutschein.db.access import PUBLIC_READER, Access
from gutschein.db.unit_of_work import Database
from gutschein.kernel.author import Author
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId, new_id
from gutschein.motifs import service
from gutschein.motifs.built_in import BUILT_IN, drawing
from gutschein.motifs.editing import put_motif
from gutschein.motifs.schemas import NewMotif, OwnMotif

BY = Author(None, "Anna Clerk")
WORDS = {
    "name_de": "Bergparade",
    "name_en": "Miners' parade",
    "alt_de": "Bergleute in Paradetracht.",
    "alt_en": "Miners in parade dress.",
}
PNG = picture("PNG")


@pytest.fixture
def database(fresh_database: Database) -> Database:
    """A database of one's own: these towns have other keys than those of the service's tests."""
    return fresh_database


@pytest.fixture
async def town_id(database: Database) -> TownId:
    return await new_town(database, await new_region(database))


async def put(
    database: Database, town_id: TownId, key: str = "bergparade", **changes: Any
) -> tuple[OwnMotif, bool]:
    wanted = NewMotif(**(WORDS | {"picture": PNG} | changes))
    async with database.acting(Access.town(town_id)).unit_of_work() as work:
        return await put_motif(work, town_id, key, wanted, by=BY, now=NOW)


async def refused(database: Database, town_id: TownId, key: str, **changes: Any) -> str:
    with pytest.raises(Refusal) as refusal:
        await put(database, town_id, key, **changes)
    return refusal.value.code


async def offered(database: Database, town_id: TownId, access: Access | None = None) -> list[str]:
    async with database.acting(access or Access.town(town_id)).reading() as work:
        return [motif.key for motif in await service.motifs_of(work, town_id, "de")]


async def test_a_towns_own_come_first_in_its_order(database: Database, town_id: TownId) -> None:
    assert await offered(database, town_id) == list(BUILT_IN)
    await put(database, town_id, "bergparade", position=2)
    await put(database, town_id, "altstadtfest", position=1)
    await put(database, town_id, "frueher", is_active=False)
    everything = ["altstadtfest", "bergparade", *BUILT_IN]
    assert await offered(database, town_id) == everything
    assert await offered(database, town_id, PUBLIC_READER) == everything
    neighbour = await new_town(database, await new_region(database))
    assert await offered(database, neighbour) == list(BUILT_IN)


async def test_words_in_the_readers_language_and_pictures_in_the_towns_colour(
    database: Database, town_id: TownId
) -> None:
    await put(database, town_id)
    async with database.acting(PUBLIC_READER).reading() as work:
        own = await service.motif_of(work, town_id, "bergparade", "en")
        assert own == service.Motif("bergparade", "Miners' parade", "Miners in parade dress.")
        assert await service.picture(work, town_id, "bergparade", "#0b5d3b") == (PNG, "image/png")
        built_in = await service.motif_of(work, town_id, "town", "de")
        assert built_in.name == "Unsere Stadt"
        drawn = await service.picture(work, town_id, "town", "#0b5d3b")
        assert drawn == (drawing("town", "#0b5d3b"), "image/svg+xml")
        with pytest.raises(Refusal, match=r"motif\.unknown"):
            await service.motif_of(work, town_id, "none", "de")
        with pytest.raises(Refusal, match=r"motif\.unknown"):
            await service.picture(work, town_id, "none", "#0b5d3b")


async def test_what_is_no_longer_offered_can_still_be_printed(
    database: Database, town_id: TownId
) -> None:
    await put(database, town_id)
    motif, made = await put(database, town_id, picture=None, is_active=False, name_de="Parade")
    assert (motif.is_active, motif.name_de, made) == (False, "Parade", False)
    assert "bergparade" not in await offered(database, town_id)
    async with database.acting(Access.town(town_id)).reading() as work:
        assert (await service.motif_of(work, town_id, "bergparade", "de")).name == "Parade"
        content, _ = await service.picture(work, town_id, "bergparade", "#0b5d3b")
    assert content == PNG


async def test_a_picture_is_never_changed(database: Database, town_id: TownId) -> None:
    first, made = await put(database, town_id)
    assert made
    assert await put(database, town_id) == (first, False)
    other = picture("JPEG")
    assert await refused(database, town_id, "bergparade", picture=other) == "motif.exists"
    assert await refused(database, town_id, "christmas") == "motif.exists"
    async with database.acting(Access.town(town_id)).unit_of_work() as work:
        with pytest.raises(Exception, match="permission denied"):
            await work.execute(text("UPDATE motif SET picture = 'x'"))


async def test_a_short_name_fits_an_address(database: Database, town_id: TownId) -> None:
    for key in ("", "Berg", "berg parade", "../x", "a--b", "a" * 41, "größe", "a\n"):
        assert await refused(database, town_id, key) == "motif.unknown"


async def test_a_new_one_has_a_picture_and_a_town(database: Database, town_id: TownId) -> None:
    assert await refused(database, town_id, "leer", picture=None) == "motif.unknown"
    assert await refused(database, town_id, "leer", picture=b"") == "motif.picture"
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    assert await refused(database, town_id, "svg", picture=svg) == "motif.picture"
    assert await refused(database, TownId(new_id()), "x") == "town.unknown"


async def test_each_change_is_in_the_log_once(database: Database, town_id: TownId) -> None:
    await put(database, town_id)
    await put(database, town_id)
    await put(database, town_id, picture=None, is_active=False)
    query = text(
        "SELECT before, after FROM log_entry WHERE chain_id = :town_id AND action = 'motif.changed'"
        " ORDER BY id"
    )
    async with database.reading() as work:
        first, second = (await work.execute(query, {"town_id": town_id})).all()
    assert first.before is None
    assert first.after.endswith("angeboten")
    assert second.before == first.after
    assert second.after.endswith("nicht angeboten")


async def test_another_town_sees_and_changes_nothing_of_it(
    database: Database, town_id: TownId
) -> None:
    neighbour = await new_town(database, await new_region(database))
    await put(database, town_id)
    async with database.acting(Access.town(neighbour)).unit_of_work() as work:
        assert (await work.execute(text("SELECT count(*) FROM motif"))).scalar_one() == 0
        hidden = text("UPDATE motif SET is_active = false WHERE town_id = :id")
        assert (await work.execute(hidden, {"id": town_id})).rowcount == 0
