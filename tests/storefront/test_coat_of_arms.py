from __future__ import annotations

from itertools import pairwise

import pytest

from gutschein.kernel.errors import Refusal
from gutschein.storefront.coat_of_arms import MAX_BYTES, checked_arms

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"'
LAUGHS = (
    '<!DOCTYPE svg [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in pairwise("abcdefghi"))
    + f"]>{HEAD}><desc>&i;</desc></svg>"
)


def arms(inside: str, attributes: str = "") -> str:
    return f'{HEAD} xmlns:xlink="http://www.w3.org/1999/xlink" {attributes}>{inside}</svg>'


@pytest.mark.parametrize(
    ("svg", "reason"),
    [
        (arms("<script>alert(1)</script>"), "<script>"),
        (arms("<SCRIPT>alert(1)</SCRIPT>"), "<SCRIPT>"),
        (arms('<path onload="alert(1)"/>'), "onload="),
        (arms("", 'onLoad="alert(1)"'), "onLoad="),
        (arms("<foreignObject><p/></foreignObject>"), "<foreignObject>"),
        (arms('<image href="https://evil.example/a.png"/>'), "<image>"),
        (arms('<use href="https://evil.example/#a"/>'), "href="),
        (arms('<use xlink:href="data:image/svg+xml,x#a"/>'), "href="),
        (arms('<a href="javascript:alert(1)"><path/></a>'), "<a>"),
        (arms("<animate/>"), "<animate>"),
        (arms("<set/>"), "<set>"),
        (arms("<text>Hallo</text>"), "<text>"),
        (arms('<path fill="url(https://evil.example/#a)"/>'), "fill="),
        (arms('<path style="fill:u\\72l(//evil.example)"/>'), "style="),
        (arms("<style>@import '//evil.example';</style>"), "<style>"),
        (arms("<style>path{fill:url(//evil.example)}</style>"), "<style>"),
        ("<!DOCTYPE svg>" + arms(""), "<!DOCTYPE"),
        (LAUGHS, "<!DOCTYPE"),
        ('<svg viewBox="0 0 8 8"/>', "<svg xmlns>"),
        ('<html xmlns="http://www.w3.org/1999/xhtml"/>', "<svg xmlns>"),
        ('<svg xmlns="http://www.w3.org/2000/svg"/>', "viewBox"),
        ("kein XML", "XML"),
        ("", "XML"),
        (arms("<g>" * 300 + "</g>" * 300), "XML"),
        (arms(" " * MAX_BYTES), f"> {MAX_BYTES} Bytes"),
    ],
)
def test_whatever_could_do_more_than_show_is_refused(svg: str, reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        checked_arms(svg)
    assert (refused.value.code, refused.value.params["reason"]) == ("coat_of_arms.refused", reason)


def test_a_drawing_stays_what_it_is() -> None:
    drawing = (
        '<defs><linearGradient id="a"><stop offset="1" stop-color="red"/></linearGradient></defs>'
        "<style>.b{stroke:#000}</style>"
        '<path class="b" d="M0 0h8v8z" fill="url(#a)" style="opacity:.5"/><use href="#a"/>'
    )
    kept = checked_arms(arms(drawing))
    assert checked_arms(kept) == kept
    assert drawing in kept


def test_the_notes_of_editors_are_left_out() -> None:
    kept = checked_arms(
        '<?xml version="1.0" encoding="utf-16"?><?xml-stylesheet href="//evil.example"?>'
        "<!-- von mir -->"
        + arms(
            "<metadata><x/></metadata><sodipodi:namedview/><path inkscape:label='x' d='M0 0'/>",
            'xmlns:sodipodi="urn:s" xmlns:inkscape="urn:i"',
        )
    )
    assert kept == f'{HEAD}><path d="M0 0"/></svg>'
