"""The scripts of the till that need no page have tests of their own, in TypeScript."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tools.build_front_end import NODE, find_node

APP = Path(__file__).parents[2] / "merchant_app"
OLDEST = (22, 18)  # the first that runs TypeScript without being asked


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=APP,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_scripts_pass_their_own_tests() -> None:
    node, _ = find_node()
    version = run(node, "--version").stdout.strip()
    major, minor = map(int, version.removeprefix("v").split(".")[:2])
    assert (major, minor) >= OLDEST, (
        f"{node} is {version}, which does not run TypeScript: pip install '{NODE}'"
    )
    done = run(node, "--test", "--test-reporter=spec", "tests/*.test.ts")
    assert done.returncode == 0, done.stdout
    passed = re.search(r"^\S+ pass (\d+)$", done.stdout, re.MULTILINE)
    assert passed is not None, done.stdout
    assert int(passed[1]) > len(list((APP / "tests").glob("*.test.ts"))), done.stdout
