"""Root's server runs as another account, which is let through and nobody else."""

from __future__ import annotations

import errno
import os
import stat
import struct
from pathlib import Path

import pytest
from embedded_clusters import new_place

from gutschein.db import embedded_account
from gutschein.db.embedded_account import Account, prepare
from gutschein.db.embedded_errors import EmbeddedError

OWNER, USER, GROUP, MASK, OTHER = 0x01, 0x02, 0x04, 0x10, 0x20


def access_list(folder: Path) -> dict[tuple[int, int], int]:
    """Return the rights by kind and id, the id 0 where a kind has none."""
    raw = os.getxattr(folder, "system.posix_acl_access")
    entries = struct.iter_unpack("<HHI", raw[4:])
    return {(kind, who if kind == USER else 0): rights for kind, rights, who in entries}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "private"
    made.mkdir()
    made.chmod(0o750)
    return made


def test_one_account_may_pass_and_all_others_may_what_they_could(folder: Path) -> None:
    embedded_account._grant_search(folder, 12345)
    wanted = {(OWNER, 0): 7, (USER, 12345): 1, (GROUP, 0): 5, (MASK, 0): 5, (OTHER, 0): 0}
    assert access_list(folder) == wanted
    embedded_account._grant_search(folder, 12345)
    assert access_list(folder) == wanted


def test_what_a_mask_held_back_stays_held_back(folder: Path) -> None:
    embedded_account._grant_search(folder, 12345)
    folder.chmod(0o700)  # sets the mask to nothing
    embedded_account._grant_search(folder, 54321)
    assert access_list(folder) == {
        (OWNER, 0): 7,
        (USER, 12345): 0,
        (USER, 54321): 1,
        (GROUP, 0): 0,
        (MASK, 0): 1,
        (OTHER, 0): 0,
    }


def test_without_access_lists_all_may_pass_and_a_warning_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unsupported(*_: object) -> None:
        raise OSError(errno.ENOTSUP, "not supported")

    monkeypatch.setattr(embedded_account, "_grant_search", unsupported)
    embedded_account._let_through(folder / "data", Account(uid=12345, gid=12345))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o751
    assert str(folder) in caplog.text


def test_programs_under_a_strict_umask_become_readable(folder: Path) -> None:
    program = folder / "postgres"
    program.write_text("")
    program.chmod(0o700)
    table = folder / "timezones"
    table.write_text("")
    table.chmod(0o600)
    embedded_account._open_to_read(folder)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder, program, table)]
    assert modes == [0o755, 0o755, 0o644]


@pytest.mark.skipif(os.geteuid() == 0, reason="root needs another account")
def test_an_ordinary_user_runs_it_as_themselves(tmp_path: Path) -> None:
    assert prepare([], [], None, tmp_path) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can own what root must not run")
def test_a_cluster_of_root_is_refused_with_the_command_to_run(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedError, match="chown -R gutschein-db: "):
        prepare([], [], tmp_path, tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root chooses an account")
def test_the_owner_of_the_data_is_taken_for_its_server() -> None:
    with new_place() as place:
        os.chown(place, 12345, 12345)
        assert prepare([Path("/bin/true")], [], None, place) == Account(12345, 12345)
