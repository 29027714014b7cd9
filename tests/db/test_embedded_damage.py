"""A damaged or foreign folder is refused in words, and stays as it is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from embedded_clusters import ask, copy_of, servers_of

from gutschein.db.embedded import EmbeddedPostgres
from gutschein.db.embedded_errors import EmbeddedCorrupt, EmbeddedError


@contextmanager
def altered(path: Path, change: Callable[[bytes], bytes | None]) -> Iterator[None]:
    """Give a file other content, or take it away; put the file itself back afterwards."""
    aside = path.with_name(path.name + ".aside")
    path.rename(aside)
    content = change(aside.read_bytes())
    if content is not None:
        path.write_bytes(content)
        os.chown(path, aside.stat().st_uid, aside.stat().st_gid)
        path.chmod(aside.stat().st_mode)
    try:
        yield
        assert path.exists() == (content is not None)
    finally:
        aside.replace(path)


def refusal_of(data_dir: Path) -> str:
    """Start the damaged cluster, and return the words of the refusal that must follow."""
    with pytest.raises(EmbeddedCorrupt, match="cannot be used") as refused:
        EmbeddedPostgres(data_dir).start()
    assert servers_of(data_dir) == []
    text = str(refused.value)
    assert str(data_dir / "postgres") in text
    return text


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("PG_VERSION", lambda _: None, "has no PG_VERSION"),
        ("PG_VERSION", lambda _: b"", "PG_VERSION holds no version"),
        ("PG_VERSION", lambda _: b"\xff\x00", "PG_VERSION holds no version"),
        ("global/pg_control", lambda _: None, "pg_control is missing or cut off"),
        ("global/pg_control", lambda was: was[:100], "pg_control is missing or cut off"),
        (
            "global/pg_control",
            lambda was: was[:60] + b"\xff" * 8 + was[68:],
            "incorrect checksum in control file",  # out of the end of the log
        ),
    ],
)
def test_a_damaged_file_is_named(
    made: Path, name: str, change: Callable[[bytes], bytes | None], words: str
) -> None:
    with altered(made / "postgres" / name, change):
        assert words in refusal_of(made)


def lose_log_of_changes(cluster: Path) -> None:
    for segment in (cluster / "pg_wal").glob("0*"):
        segment.unlink()


def lose_commit_states(cluster: Path) -> None:
    shutil.rmtree(cluster / "pg_xact")


@pytest.mark.parametrize("damage", [lose_log_of_changes, lose_commit_states])
def test_what_only_the_server_notices_is_damage_too_and_nothing_is_deleted(
    made: Path, place: Path, damage: Callable[[Path], None]
) -> None:
    data_dir = copy_of(made, place / "data")
    damage(data_dir / "postgres")
    before = kept_files(data_dir)
    assert "the end of" in refusal_of(data_dir)
    assert before <= kept_files(data_dir)


def kept_files(data_dir: Path) -> set[Path]:
    """Return every file but the caches that PostgreSQL itself writes anew at each start."""
    caches = {"pg_internal.init", "pgstat.stat"}
    return {path.relative_to(data_dir) for path in data_dir.rglob("*") if path.name not in caches}


def test_a_folder_of_something_else_is_left_alone(place: Path) -> None:
    letter = place / "postgres" / "letter.txt"
    letter.parent.mkdir()
    letter.write_text("not a database")
    assert "has no PG_VERSION" in refusal_of(place)
    assert letter.read_text() == "not a database"


def test_a_file_in_place_of_the_folder_is_left_alone(place: Path) -> None:
    (place / "postgres").write_text("not a folder")
    assert "is not a folder" in refusal_of(place)
    assert (place / "postgres").read_text() == "not a folder"


def test_a_wrong_configuration_is_no_damage(made: Path) -> None:
    configuration = made / "postgres" / "postgresql.conf"
    with (
        altered(configuration, lambda was: was + b"shared_buffers = plenty\n"),
        pytest.raises(EmbeddedError, match=r"(?s)does not start.*shared_buffers") as refused,
    ):
        EmbeddedPostgres(made).start()
    assert not isinstance(refused.value, EmbeddedCorrupt)


def test_durability_cannot_be_turned_off_in_the_folder(made: Path) -> None:
    configuration = made / "postgres" / "postgresql.conf"
    weaker = b"fsync = off\nsynchronous_commit = off\n"
    with altered(configuration, lambda was: was + weaker), EmbeddedPostgres(made) as server:
        url = server.start()
        assert [ask(url, f"SHOW {name}") for name in ("fsync", "synchronous_commit")] == ["on"] * 2


def test_a_role_without_durable_commits_is_refused(made: Path, place: Path) -> None:
    data_dir = copy_of(made, place / "data")
    with EmbeddedPostgres(data_dir) as server:
        ask(server.start(), "ALTER ROLE postgres SET synchronous_commit = off")
        server.stop()
        with pytest.raises(EmbeddedError, match="not durable"):
            server.start()
    assert servers_of(data_dir) == []


def test_a_cluster_of_another_version_is_refused(made: Path) -> None:
    with (
        altered(made / "postgres" / "PG_VERSION", lambda _: b"16\n"),
        pytest.raises(EmbeddedError, match="was made by PostgreSQL 16, and this is 18"),
    ):
        EmbeddedPostgres(made).start()


def test_a_data_folder_that_cannot_be_is_refused(place: Path) -> None:
    (place / "file").write_text("")
    with pytest.raises(EmbeddedError, match="data folder"):
        EmbeddedPostgres(place / "file" / "data").start()
