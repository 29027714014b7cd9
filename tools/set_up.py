"""Install what Gutschein needs into ``.venv``, as ``uv.lock`` says. Run by make.

It needs Python 3.11 and nothing else. uv is taken from the PATH where it is new enough,
else installed into ``.uv``. When nothing changed since the last time, it does nothing and
needs no network.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import tomllib
import urllib.request
from pathlib import Path

from build_front_end import fingerprint, is_built

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / ".set-up"
UV_HOME = ROOT / ".uv"
UV = UV_HOME / "bin" / "uv"

UV_VERSION = "0.13.9"
UV_AT_LEAST = (0, 8)


def main() -> None:
    with (ROOT / "uv.lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two makes at once: the second waits
        wanted = _fingerprint()
        built = is_built(ROOT)
        if built and (VENV / "bin" / "python").exists() and _stamp() == wanted:
            return
        if VENV.exists() and _stamp()[1:] != wanted[1:]:
            shutil.rmtree(VENV)  # its scripts name the folder that it was made in
        uv = _find_uv() or _install_uv()
        _say("Installing the packages of uv.lock into .venv (the first time takes a minute)")
        sync = [uv, "sync", "--frozen", "--quiet"]
        if not built:  # which the package's own build does
            sync += ["--reinstall-package", "gutschein"]
        _run(sync, "the packages were not installed")
        STAMP.write_text("\n".join(wanted), encoding="utf-8")


def _fingerprint() -> list[str]:
    digest = hashlib.sha256()
    for name in ("pyproject.toml", "uv.lock"):
        digest.update((ROOT / name).read_bytes())
    digest.update(fingerprint(ROOT).encode())
    return [digest.hexdigest(), str(ROOT)]


def _stamp() -> list[str]:
    try:
        return STAMP.read_text(encoding="utf-8").split("\n", 1)
    except FileNotFoundError:
        return ["", str(ROOT)]


def _find_uv() -> str | None:
    for found in (shutil.which(str(UV)), shutil.which("uv")):
        if found is None:
            continue
        command = [found, "--version"]
        said = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - uv
        version = re.match(r"uv (\d+)\.(\d+)", said.stdout)
        if version and (int(version[1]), int(version[2])) >= UV_AT_LEAST:
            return found
    return None


def _install_uv() -> str:
    _say(f"Installing uv {UV_VERSION} into .uv")
    shutil.rmtree(UV_HOME, ignore_errors=True)
    install = ["install", "-qq", "--no-input", f"uv=={UV_VERSION}"]
    failed = "uv was not installed"
    if importlib.util.find_spec("pip"):
        _run([sys.executable, "-m", "pip", *install, "--target", str(UV_HOME)], failed)
    elif importlib.util.find_spec("ensurepip"):
        _run([sys.executable, "-m", "venv", str(UV_HOME)], failed)
        _run([str(UV_HOME / "bin" / "python"), "-m", "pip", *install], failed)
    else:
        with tempfile.TemporaryDirectory() as folder:
            pip = str(_download_pip(Path(folder)) / "pip")
            _run([sys.executable, pip, *install, "--target", str(UV_HOME)], failed)
    return str(UV)


def _download_pip(folder: Path) -> Path:
    """Fetch the wheel of pip that ``uv.lock`` names. pip runs straight from it, for a Python
    that has neither pip nor ensurepip, as Debian's has not before python3-venv is installed.
    """
    with (ROOT / "uv.lock").open("rb") as lock:
        packages = tomllib.load(lock)["package"]
    [locked] = next(each["wheels"] for each in packages if each["name"] == "pip")
    try:
        with urllib.request.urlopen(locked["url"], timeout=60) as answer:  # noqa: S310 - as locked
            content = answer.read()
    except OSError as error:
        sys.exit(
            f"This Python has no pip, and {locked['url']} cannot be reached: {error}\n"
            "Install uv (https://docs.astral.sh/uv) or pip (Debian: apt install python3-venv)."
        )
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != locked["hash"]:
        sys.exit(f"{locked['url']} is not the file that it should be. Nothing was installed.")
    wheel = folder / locked["url"].rpartition("/")[2]
    wheel.write_bytes(content)
    return wheel


def _run(command: list[str], failed: str) -> None:
    """Run without a word, or end with everything that was said."""
    settings = {
        "UV_PYTHON": sys.executable,
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_PROJECT_ENVIRONMENT": str(VENV),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
        "PIP_REQUIRE_VIRTUALENV": "0",
        "PIP_USER": "0",
    }
    if ssl.get_default_verify_paths().cafile:  # also a proxy's own, as in many a town hall
        settings |= {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}
    kept = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run(  # noqa: S603 - every command is written above
        command,
        cwd=ROOT,
        env=kept | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"{done.stdout.rstrip()}\n{failed}, see above. Is there a network?")


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
