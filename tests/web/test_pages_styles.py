"""The styles hold what the templates use: classes of KERN are left out unless listed."""

from __future__ import annotations

import re
from pathlib import Path

from gutschein.web.static import files

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "gutschein").glob("*/templates/**/*.html"))
SCRIPTS = sorted((ROOT / "merchant_app" / "src").rglob("*.ts"))

CLASS = re.compile(r"\bkern-[a-z][\w-]*[a-z0-9]")
#: Only there so that others can be found within them.
UNSTYLED = {"kern-form-input", "kern-label__optional"}


def styled() -> set[str]:
    css = next(file.content for name, file in files().items() if "/site-" in name).decode()
    return set(re.findall(r"\.(kern-[\w-]+)", css))


def test_every_class_of_the_design_system_is_there() -> None:
    """If not: add the component or icon to merchant_app/build/used-styles.ts."""
    known = styled() | UNSTYLED
    unknown = {
        (path.name, name)
        for path in [*TEMPLATES, *SCRIPTS]
        for name in CLASS.findall(path.read_text(encoding="utf-8"))
        if name not in known and not any(each.startswith(f"{name}--") for each in known)
    }
    assert not unknown


def test_no_page_carries_styles_or_scripts_of_its_own() -> None:
    """The browser would refuse them: see gutschein/web/security_headers.py."""
    inline = re.compile(r"<style|<script|\sstyle=|\son\w+=|javascript:", re.IGNORECASE)
    pages = [path for path in TEMPLATES if "mail" not in path.parts]  # letters are no pages
    assert not [path for path in pages if inline.search(path.read_text(encoding="utf-8"))]


def test_the_styles_stay_light() -> None:
    most = {"site": 20_000, "town": 4_000, "shop": 4_000, "till": 3_000}
    found = {name: file for name, file in files().items() if name.endswith(".css")}
    assert {Path(name).name.partition("-")[0] for name in found} == most.keys()
    for name, css in found.items():
        assert css.gzipped is not None
        assert len(css.gzipped) < most[Path(name).name.partition("-")[0]], name
