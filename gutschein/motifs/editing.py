"""A town brings motifs of its own, and says what it calls them. Each change is in the log."""

from __future__ import annotations

import re
from datetime import datetime

from msgspec.structs import asdict

from gutschein.db.unit_of_work import Work
from gutschein.history.log import Entry, record
from gutschein.kernel.author import Author
from gutschein.kernel.errors import Refusal
from gutschein.kernel.ids import TownId
from gutschein.motifs import repository
from gutschein.motifs.built_in import BUILT_IN
from gutschein.motifs.rules import media_type_of
from gutschein.motifs.schemas import NewMotif, OwnMotif
from gutschein.towns.repository import lock_town

_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_LONGEST_KEY = 40


async def put_motif(
    work: Work, town_id: TownId, key: str, wanted: NewMotif, *, by: Author, now: datetime
) -> tuple[OwnMotif, bool]:
    """Let a town's motif be what is *wanted*; where it is so already, nothing changes.

    Its picture is never changed: what was bought in it is printed in it.

    :returns: the motif, and whether it is new.
    :raises Refusal: ``town.unknown``; ``motif.unknown`` for a short name that none can have, and
        for a new one without a picture; ``motif.exists`` when it has another picture, or is a
        built-in one; what :func:`media_type_of` says of the picture.
    """
    if len(key) > _LONGEST_KEY or not _KEY.fullmatch(key):
        raise Refusal("motif.unknown")
    if key in BUILT_IN:
        raise Refusal("motif.exists")
    if not await lock_town(work, town_id):
        raise Refusal("town.unknown")
    before = await repository.lock_own(work, town_id, key)
    words = asdict(wanted)
    picture = words.pop("picture")
    if before is None:
        if picture is None:
            raise Refusal("motif.unknown")
        kind = media_type_of(picture)
        row = words | {"key": key, "picture": picture, "media_type": kind, "added_at": now}
        await repository.insert_motif(work, row | {"town_id": town_id})
    else:
        stored = await repository.find_picture(work, town_id, key)
        if picture is not None and (stored is None or stored.content != picture):
            raise Refusal("motif.exists")
        await repository.update_motif(work, town_id, key, **words)
    after = await repository.lock_own(work, town_id, key)
    if after is None:
        raise Refusal("motif.unknown")
    if after != before:
        said = None if before is None else _said(before)
        entry = Entry("motif.changed", by, f"Motiv {key}", before=said, after=_said(after), at=now)
        await record(work, town_id, entry)
    return after, before is None


def _said(motif: OwnMotif) -> str:
    offered = "angeboten" if motif.is_active else "nicht angeboten"
    return (
        f"{motif.name_de} ({motif.name_en}): {motif.alt_de} ({motif.alt_en}),"
        f" Platz {motif.position}, {offered}"
    )
