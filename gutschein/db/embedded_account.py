"""Which system account the embedded PostgreSQL runs as.

PostgreSQL refuses to run as root. An ordinary user's server runs as that user. Root's
server runs as the owner of the data, else as an account that is made for it; that account
alone is let through the folders on the way, since opening ``/root`` to everybody would
cost more than it gives.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import pwd
import stat
import struct
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gutschein.db.embedded_errors import EmbeddedError

ACCOUNT = "gutschein-db"

_log = logging.getLogger(__name__)
_ACL = "system.posix_acl_access"
_ACL_VERSION = struct.Struct("<I")
_ACL_ENTRY = struct.Struct("<HHI")  # kind, permissions, id
_OWNER, _USER, _GROUP, _NAMED_GROUP, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
_NOBODY = 0xFFFFFFFF
_SEARCH = 1


@dataclass(frozen=True, slots=True)
class Account:
    """A system account other than root."""

    uid: int
    gid: int


def run_as(account: Account | None) -> dict[str, Any]:
    """Return the arguments of :class:`subprocess.Popen` that drop root for *account*."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def prepare(
    programs: Sequence[Path], installed: Sequence[Path], cluster: Path | None, data_dir: Path
) -> Account | None:
    """Find or make the account for *cluster*, ``None`` when it is this process's own.

    The account can then run *programs*, whose files are in the folders *installed*, and
    enter *data_dir*.

    :raises EmbeddedError: when that cannot be had.
    """
    if os.geteuid() != 0:
        return None
    if cluster is not None and cluster.stat().st_uid == 0:
        raise EmbeddedError(
            f"{cluster} belongs to root, whom PostgreSQL refuses. Give it to the account that "
            f"ran it, such as: chown -R {ACCOUNT}: {cluster}"
        )
    account = _owner(cluster or data_dir) or _own_account()
    if not _can_run(programs, data_dir, account):
        for folder in installed:
            _open_to_read(folder)
        for path in [*installed, data_dir / "x"]:
            _let_through(path, account)
            _let_through(path.resolve(), account)
        if not _can_run(programs, data_dir, account):
            raise EmbeddedError(
                f"system account {account.uid} cannot run {programs[0]} in {data_dir}, "
                "and PostgreSQL refuses to run as root: choose places that it can enter"
            )
    return account


def _owner(folder: Path) -> Account | None:
    found = folder.stat()
    return Account(found.st_uid, found.st_gid) if found.st_uid != 0 else None


def _own_account() -> Account:
    with contextlib.suppress(KeyError):
        found = pwd.getpwnam(ACCOUNT)
        return Account(found.pw_uid, found.pw_gid)
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - fixed words
    except (OSError, subprocess.CalledProcessError) as error:
        reason = getattr(error, "stderr", None) or error
        raise EmbeddedError(
            f"PostgreSQL refuses to run as root, and the account {ACCOUNT} cannot be made for it: "
            f"{reason}"
        ) from error
    return _own_account()


def _can_run(programs: Sequence[Path], folder: Path, account: Account) -> bool:
    script = 'cd "$1" && shift && for program; do "$program" --version || exit; done'
    done = subprocess.run(  # noqa: S603 - fixed words; the paths are arguments
        ["/bin/sh", "-c", script, "sh", str(folder), *map(str, programs)],
        cwd="/",
        capture_output=True,
        check=False,
        **run_as(account),
    )
    return done.returncode == 0


def _let_through(path: Path, account: Account) -> None:
    """Let *account* pass the folders above *path*, without seeing what is in them.

    Where the file system has no access lists, everybody may pass, with a warning.
    """
    for folder in path.parents:
        found = folder.stat()
        if found.st_mode & stat.S_IXOTH or found.st_uid == account.uid:
            continue
        try:
            _grant_search(folder, account.uid)
        except OSError as error:
            if error.errno != errno.ENOTSUP:
                raise
            _log.warning("everybody may pass through %s now, for the embedded database", folder)
            folder.chmod(stat.S_IMODE(found.st_mode) | stat.S_IXOTH)


def _open_to_read(tree: Path) -> None:
    """Let everybody read the installed programs, which a strict umask may have forbidden."""
    for path in [tree, *tree.rglob("*")]:
        if path.is_symlink():
            continue
        mode = stat.S_IMODE(path.stat().st_mode)
        wanted = stat.S_IRGRP | stat.S_IROTH
        if mode & stat.S_IXUSR:
            wanted |= stat.S_IXGRP | stat.S_IXOTH
        if mode & wanted != wanted:
            path.chmod(mode | wanted)


def _grant_search(folder: Path, uid: int) -> None:
    """Add ``user:uid:--x`` to the folder's access list, acl(5), in the kernel's own format."""
    mode = folder.stat().st_mode
    try:
        raw = os.getxattr(folder, _ACL)
    except OSError as error:
        if error.errno != errno.ENODATA:
            raise
        entries = [
            (_OWNER, mode >> 6 & 7, _NOBODY),
            (_GROUP, mode >> 3 & 7, _NOBODY),
            (_OTHER, mode & 7, _NOBODY),
        ]
    else:
        entries = list(_ACL_ENTRY.iter_unpack(raw[_ACL_VERSION.size :]))
    named = {(kind, who): rights for kind, rights, who in entries}
    # The mask caps every entry but the owner's and the others'. It must let the search
    # right through, and nothing that it held back so far.
    limit = named.pop((_MASK, _NOBODY), named[_GROUP, _NOBODY])
    for (kind, who), rights in named.items():
        if kind in {_USER, _GROUP, _NAMED_GROUP}:
            named[kind, who] = rights & limit
    named[_USER, uid] = named.get((_USER, uid), 0) | _SEARCH
    named[_MASK, _NOBODY] = limit | _SEARCH
    packed = b"".join(_ACL_ENTRY.pack(kind, named[kind, who], who) for kind, who in sorted(named))
    os.setxattr(folder, _ACL, _ACL_VERSION.pack(2) + packed)
