from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tools.build_front_end import fingerprint, is_built, static_folder

ROOT = Path(__file__).parents[2]


def test_the_front_end_is_built_from_these_sources() -> None:
    """If not: make set-up."""
    assert is_built(ROOT)


@pytest.mark.parametrize(
    "changed",
    [
        "package.json",
        "package-lock.json",
        "vite.config.ts",
        "build/used-styles.ts",
        "public/robots.txt",
        "src/site.css",
        "src/pages/new.ts",
    ],
)
def test_any_change_of_them_builds_it_anew(tmp_path: Path, changed: str) -> None:
    app = tmp_path / "merchant_app"
    ignored = shutil.ignore_patterns("node_modules", ".fonts")
    shutil.copytree(ROOT / "merchant_app", app, ignore=ignored)
    folder = static_folder(tmp_path)
    folder.mkdir(parents=True)
    assert not is_built(tmp_path)
    (folder / ".fingerprint").write_text(fingerprint(tmp_path), encoding="ascii")
    assert is_built(tmp_path)
    (app / "node_modules").mkdir()
    (app / "node_modules" / "of-no-matter.json").write_text("{}", encoding="ascii")
    assert is_built(tmp_path)
    path = app / changed
    path.parent.mkdir(exist_ok=True)
    path.write_text("changed", encoding="ascii")
    assert not is_built(tmp_path)
