"""A coat of arms as somebody sends it: an SVG drawing, and nothing that could do more than show.

What is kept is written anew from what was read, so that browsers read what we have looked at.
Editors leave notes of their own in other namespaces: those are dropped. Whatever else is not
known to be harmless is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from gutschein.kernel.errors import Refusal

MAX_BYTES = 65_536

_SVG = "{http://www.w3.org/2000/svg}"
_XLINK = "{http://www.w3.org/1999/xlink}"
_SHAPES = frozenset(
    {
        "circle",
        "clipPath",
        "defs",
        "desc",
        "ellipse",
        "g",
        "line",
        "linearGradient",
        "mask",
        "path",
        "pattern",
        "polygon",
        "polyline",
        "radialGradient",
        "rect",
        "stop",
        "style",
        "svg",
        "symbol",
        "title",
        "use",
    }
)
_DROPPED = frozenset({"metadata"})
#: The only addresses: parts of the drawing itself.
_OWN_PART = re.compile(r"#[\w.:-]+")
_OWN_URL = re.compile(r"url\(\s*(['\"]?)#[\w.:-]+\1\s*\)")
#: What styles could fetch or run; a backslash could spell any of it.
_DANGEROUS = re.compile(r"url\(|@|\\|expression|javascript:|-moz-binding", re.IGNORECASE)


def checked_arms(svg: str) -> str:
    """Return the drawing *svg* as it is kept.

    :raises Refusal: ``coat_of_arms.refused``, naming what is wrong.
    """
    content = svg.encode("utf-8", "replace")
    if len(content) > MAX_BYTES:
        raise Refusal("coat_of_arms.refused", reason=f"> {MAX_BYTES} Bytes")
    root = _parsed(content)
    if root.tag != f"{_SVG}svg":
        raise Refusal("coat_of_arms.refused", reason="<svg xmlns>")
    if "viewBox" not in root.attrib:
        raise Refusal("coat_of_arms.refused", reason="viewBox")
    _drop_notes(root)
    for found in _faults(root):
        raise Refusal("coat_of_arms.refused", reason=found)
    etree.cleanup_namespaces(root)
    kept: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=False)
    if len(kept) > MAX_BYTES:
        raise Refusal("coat_of_arms.refused", reason=f"> {MAX_BYTES} Bytes")
    return kept.decode()


def _parsed(content: bytes) -> etree._Element:
    for sign in (b"<!DOCTYPE", b"<!ENTITY"):
        if sign in content:
            raise Refusal("coat_of_arms.refused", reason=sign.decode())
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise Refusal("coat_of_arms.refused", reason="XML") from error


def _drop_notes(root: etree._Element) -> None:
    """Leave out what is of other namespaces, and what says who drew it with what."""
    for element in list(root.iter()):
        parent = element.getparent()
        is_note = not element.tag.startswith(_SVG) or element.tag.removeprefix(_SVG) in _DROPPED
        if is_note and parent is not None:
            parent.remove(element)
            continue
        for name in list(element.attrib):
            if str(name).startswith("{") and not str(name).startswith(_XLINK):
                del element.attrib[name]


def _faults(root: etree._Element) -> Iterator[str]:
    """Yield what is not known to be harmless."""
    for element in root.iter():
        name = str(element.tag).removeprefix(_SVG)
        if name not in _SHAPES:
            yield f"<{name}>"
        if name == "style" and _is_dangerous(element.text or ""):
            yield "<style>"
        for attribute, value in element.attrib.items():
            bare = str(attribute).removeprefix(_XLINK)
            if bare.lower().startswith("on"):
                yield f"{bare}="
            if bare in {"href", "src"} and not _OWN_PART.fullmatch(str(value)):
                yield f"{bare}="
            if _is_dangerous(str(value)):
                yield f"{bare}="


def _is_dangerous(text: str) -> bool:
    return _DANGEROUS.search(_OWN_URL.sub("", text)) is not None
