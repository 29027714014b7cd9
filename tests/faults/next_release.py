"""The next release: this one, and a migration that takes its time."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from alembic.config import Config
from alembic.script import ScriptDirectory

from gutschein.db.migrate import migrations_folder

REVISION = "next"
SECONDS = 1.2

_MIGRATION = f"""
    from __future__ import annotations

    from alembic import op

    revision = "{REVISION}"
    down_revision = "{{before}}"

    STEPS = (
        "ALTER TABLE redemption ADD COLUMN receipt text NOT NULL DEFAULT ''",
        "ALTER TABLE voucher ADD COLUMN colour text",
        "UPDATE voucher SET colour = 'blau'",
        "ALTER TABLE reversal ADD COLUMN receipt text NOT NULL DEFAULT ''",
    )


    def upgrade() -> None:
        for step in STEPS:
            op.execute(step)
            op.execute("SELECT pg_sleep({SECONDS} / 4)")
"""


@dataclass(frozen=True)
class Release:
    """A release of the product, installed in a folder of its own.

    :param schema: the newest migration that it knows.
    """

    folder: Path
    schema: str

    @property
    def environment(self) -> dict[str, str]:
        """What lets Python find it before any other."""
        return {"PYTHONPATH": str(self.folder)}


def this_release() -> Release:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    head = ScriptDirectory.from_config(config).get_current_head()
    assert head is not None
    return Release(migrations_folder().parent, head)


def next_release(folder: Path) -> Release:
    """Install it."""
    this = this_release()
    without_caches = shutil.ignore_patterns("__pycache__")
    for part in ("gutschein", "migrations"):
        shutil.copytree(this.folder / part, folder / part, ignore=without_caches)
    migration = dedent(_MIGRATION.format(before=this.schema))
    (folder / "migrations" / "versions" / f"{REVISION}.py").write_text(migration)
    return Release(folder, REVISION)
