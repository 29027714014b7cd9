"""Whether a drawing can be printed, found out before a document rests on it."""

from __future__ import annotations

from functools import lru_cache

import typst

from gutschein.documents.typst_pdf import fonts

_DRAW = b'#image(bytes(sys.inputs.svg), format: "svg")'


@lru_cache(maxsize=256)
def is_drawable(svg: bytes) -> bool:
    """Tell whether Typst draws an SVG: one without a size or with a million parts it refuses."""
    try:
        typst.compile(
            _DRAW,
            font_paths=fonts(),
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"svg": svg.decode("utf-8", "replace")},
        )
    except typst.TypstError:
        return False
    return True
