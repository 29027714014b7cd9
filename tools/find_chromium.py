"""See to a browser for the tests of the pages: that of the machine, else Debian's.

Where there is none and none can be installed, the tests are reported as not run; in a
continuous integration (``CI=true``) that is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_INSTALL = (
    ["apt-get", "update", "-qq"],
    ["apt-get", "install", "-qq", "-y", "--no-install-recommends", "chromium"],
)


def find_chromium() -> str | None:
    """Return the path of the machine's Chromium."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


def main() -> None:
    """Install Chromium where it is missing and may be."""
    if find_chromium() or (_may_install() and _install()):
        return
    print("No Chromium: the pages are not tested in a browser (Debian: apt install chromium)")
    sys.exit(1 if os.environ.get("CI") == "true" else 0)


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _install() -> bool:
    print("Installing Chromium, in which the pages are tested", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in _INSTALL:
        done = subprocess.run(  # noqa: S603 - both are written above
            command, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            print(f"{done.stdout}{done.stderr}".rstrip())
            return False
    return True


if __name__ == "__main__":
    main()
