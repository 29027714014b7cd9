"""Every German text of the pages has its English one, and no other is left."""

from __future__ import annotations

import re

from gutschein.web.words import translations
from tools.write_words import ENGLISH, SHARED, Message, catalogue, said

PLACE = re.compile(r"%\((\w+)\)|\{(\w+)\}|(%%)|(</?\w+)")


def test_every_text_has_its_english_one() -> None:
    shared = catalogue(SHARED)
    missing = []
    for package, messages in said().items():
        own = catalogue(package)
        for message in messages:
            found = own.get(message) or shared.get(message)
            text = found.string if found else ""
            if not text or not all([text] if isinstance(text, str) else text):
                missing.append((package, message))
    assert not missing, "python tools/write_words.py, then translate"


def test_no_text_is_left_that_no_page_says() -> None:
    messages = said()
    everything = {message for each in messages.values() for message in each}
    for path in ENGLISH.glob("*.po"):
        used = everything if path.stem == SHARED else messages.get(path.stem, {}).keys()
        stale = [each.id for each in catalogue(path.stem) if each.id and _key(each.id) not in used]
        assert not stale, path


def test_no_translation_is_a_guess() -> None:
    for path in ENGLISH.glob("*.po"):
        book = catalogue(path.stem)
        assert not [message.id for message in book if message.id and message.fuzzy], path
        assert not book.obsolete, path


def test_a_text_means_the_same_everywhere() -> None:
    known: dict[Message, object] = {}
    for path in sorted(ENGLISH.glob("*.po")):
        for message in catalogue(path.stem):
            if message.id and message.string:
                assert known.setdefault(_key(message.id), message.string) == message.string


def test_the_facts_of_a_text_are_those_of_the_other() -> None:
    for path in ENGLISH.glob("*.po"):
        for message in catalogue(path.stem):
            german, read = message.id, message.string
            if isinstance(german, str) and isinstance(read, str) and german and read:
                assert _places(german) == _places(read), german


def test_what_is_read_is_what_is_written() -> None:
    assert translations("en").gettext("Abmelden") == "Sign out"
    assert translations("de").gettext("Abmelden") == "Abmelden"
    assert translations("en").gettext("Kein Text von uns") == "Kein Text von uns"


def _key(message: object) -> Message:
    return tuple(message) if isinstance(message, list | tuple) else str(message)


def _places(text: str) -> list[tuple[str, ...]]:
    return sorted(PLACE.findall(text))
