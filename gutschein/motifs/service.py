"""Which motifs a town offers, and their pictures."""

from __future__ import annotations

from dataclasses import dataclass

from gutschein.db.unit_of_work import Work
from gutschein.kernel.errors import Language, Refusal
from gutschein.kernel.ids import TownId
from gutschein.motifs import repository
from gutschein.motifs.built_in import BUILT_IN, drawing
from gutschein.motifs.rules import Picture, Words


@dataclass(frozen=True, slots=True)
class Motif:
    """A picture to choose, in the words of one language.

    :param alt: says what is to be seen, to whoever does not see it.
    """

    key: str
    name: str
    alt: str


async def motifs_of(work: Work, town_id: TownId, language: Language) -> list[Motif]:
    """Return what a town offers: its own motifs in its order, then the built-in ones."""
    own = await repository.list_active(work, town_id)
    return [_in(language, each) for each in (*own, *BUILT_IN.values())]


async def motif_of(work: Work, town_id: TownId, key: str, language: Language) -> Motif:
    """Return one motif of a town, also one that is no longer offered.

    :raises Refusal: ``motif.unknown``.
    """
    found = BUILT_IN.get(key) or await repository.find_words(work, town_id, key)
    if found is None:
        raise Refusal("motif.unknown")
    return _in(language, found)


async def picture(work: Work, town_id: TownId, key: str, brand_colour: str) -> Picture:
    """Return a motif's picture, a built-in one in the town's colour; also of a motif that is
    no longer offered: whoever bought a voucher in it gets it.

    :raises Refusal: ``motif.unknown``.
    """
    if key in BUILT_IN:
        return Picture(drawing(key, brand_colour), "image/svg+xml")
    found = await repository.find_picture(work, town_id, key)
    if found is None:
        raise Refusal("motif.unknown")
    return found


def _in(language: Language, words: Words) -> Motif:
    if language == "en":
        return Motif(words.key, words.name_en, words.alt_en)
    return Motif(words.key, words.name_de, words.alt_de)
