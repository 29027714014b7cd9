"""Try the tests of the rules: do they notice when a rule is wrong?

``python tools/mutants.py`` makes one small mistake after the other in each module below,
and runs the module's tests on it. A mutant that passes them all has survived: a test is
missing, or the code says more than it has to. See docs/explanation/mutants.md.

The files stay as they are. Each mutant lives in a process of its own, forked from this one,
where an import of the module finds the mutant instead.
"""

from __future__ import annotations

import argparse
import ast
import gc
import importlib
import os
import signal
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType

import pytest
import pytest_asyncio.plugin
from hypothesis import Phase
from hypothesis import settings as hypothesis_settings

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.mutations import Mutant, compiled, mutants  # noqa: E402 - the path comes first

#: The modules that decide about money, each with the tests that hold it: without a database,
#: a network or fixtures from elsewhere.
TARGETS: dict[str, tuple[str, ...]] = {
    "gutschein.kernel.money": ("tests/kernel/test_money.py",),
    "gutschein.ledger.chart": ("tests/ledger/test_chart.py",),
    "gutschein.ledger.entries": ("tests/ledger/test_chart.py", "tests/ledger/test_ledger_rules.py"),
    "gutschein.ledger.rules": ("tests/ledger/test_ledger_rules.py",),
    "gutschein.redemption.rules": ("tests/redemption/test_redemption_rules.py",),
    "gutschein.redemption.transfers": ("tests/redemption/test_transfers.py",),
    "gutschein.redemption.deciding": ("tests/redemption/test_deciding.py",),
    "gutschein.redemption.order": ("tests/redemption/test_order.py",),
    "gutschein.redemption.reversing": ("tests/redemption/test_reversing.py",),
    "gutschein.vouchers.rules": ("tests/vouchers/test_voucher_rules.py",),
}
#: Mutants that no test can kill, each with the reason.
EQUIVALENT = ROOT / "tools" / "equivalent_mutants.toml"
#: This share of all mutants is to be killed, those that cannot be included.
WANTED = 0.90

_PYTEST = ("-qx", "--noconftest", "--assert=plain", "-p", "no:cacheprovider")
#: Passed; failed, was not even imported, or broke the run off. Other ends say nothing of a mutant.
_SAYS_SOMETHING = (
    pytest.ExitCode.OK,
    pytest.ExitCode.TESTS_FAILED,
    pytest.ExitCode.INTERRUPTED,
    pytest.ExitCode.INTERNAL_ERROR,
)
#: A mutant may take so many times as long as the module without a mistake, and so much more.
_PATIENCE, _PATIENCE_SECONDS = 5, 5


class Served(SourceFileLoader):
    """Loads a module from code that is here already, and keeps to its name and file.

    :ivar times: how often it was asked to.
    """

    def __init__(self, module: str, path: Path, code: CodeType) -> None:
        super().__init__(module, str(path))
        self.times = 0
        self._code = code

    def get_code(self, _module: str) -> CodeType:
        self.times += 1
        return self._code

    def find_spec(self, module: str, *_: object) -> ModuleSpec | None:
        """Be the finder as well, of this one module."""
        if module != self.name:
            return None
        return spec_from_file_location(module, self.path, loader=self)


@dataclass
class Result:
    """What became of the mutants of a module.

    :param too_slow: how many were killed by taking too long.
    :param equivalent: those that are listed as such, with the reasons.
    """

    module: str
    mutants: list[Mutant]
    survivors: list[Mutant]
    too_slow: int
    equivalent: dict[str, str]
    seconds: float

    @property
    def killed(self) -> int:
        return len(self.mutants) - len(self.survivors)

    @property
    def share(self) -> float:
        return self.killed / len(self.mutants)

    @property
    def missed(self) -> list[Mutant]:
        """The survivors that a test could kill."""
        return [each for each in self.survivors if each.name not in self.equivalent]

    @property
    def wrongly_listed(self) -> list[str]:
        """What is listed as equivalent, and was killed or is no mutant."""
        return sorted(self.equivalent.keys() - {each.name for each in self.survivors})


def path_of(module: str) -> Path:
    return ROOT / f"{module.replace('.', '/')}.py"


def begin_tests(module: str, code: CodeType, seconds: int, *, aloud: bool = False) -> int:
    """Fork a process in which *code* is the module, and run the tests there.

    :param seconds: after which it is ended.
    :param aloud: whether to show what the tests say.
    :returns: the id of the process, which ends with 0 when all tests have passed.
    """
    child = os.fork()
    if child:
        return child
    # From here on it is the new process, which must not get back into the loop of the old.
    status = 70
    try:
        signal.alarm(seconds)
        if not aloud:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
        served = Served(module, path_of(module), code)
        sys.meta_path.insert(0, served)
        status = int(pytest.main([*_PYTEST, *TARGETS[module]], [pytest_asyncio.plugin]))
        if status == 0 and served.times != 1:
            status = 71
    finally:
        os._exit(status)


def lean_on(module: str) -> None:
    """Import what a module and its tests need and it has no part in, once for all its mutants."""
    for name in [each for each in sys.modules if each.partition(".")[0] == "gutschein"]:
        del sys.modules[name]
    sys.modules[module] = None  # type: ignore[assignment] # what imports it fails: is left out
    for path in (path_of(module), *(ROOT / test for test in TARGETS[module])):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                with suppress(ImportError):
                    importlib.import_module(node.module)
    del sys.modules[module]
    gc.freeze()  # what is here now need not be looked through in each process


def try_all(module: str, found: Sequence[Mutant], seconds: int) -> Iterator[tuple[Mutant, int]]:
    """Run the tests on each mutant, one for each core at a time; yield how its process ended."""
    waiting, under_way = list(reversed(found)), dict[int, Mutant]()
    while waiting or under_way:
        while waiting and len(under_way) < (os.cpu_count() or 1):
            mutant = waiting.pop()
            under_way[begin_tests(module, mutant.code, seconds)] = mutant
        child, status = os.wait()
        mutant = under_way.pop(child)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) not in _SAYS_SOMETHING:
            raise SystemExit(f"{module}: the tests did not run with {mutant.name}: {status}")
        yield mutant, status


def check(module: str, equivalent: dict[str, str]) -> Result:
    """Try all mutants of a module.

    :raises SystemExit: when its tests fail without a mistake in it, or do not run at all.
    """
    begun = time.monotonic()
    lean_on(module)
    source, filename = path_of(module).read_text(encoding="utf-8"), str(path_of(module))
    as_it_is = compiled(source, filename)
    if os.waitpid(begin_tests(module, as_it_is, 60), 0)[1] != 0:
        os.waitpid(begin_tests(module, as_it_is, 60, aloud=True), 0)
        raise SystemExit(f"{module}: its tests fail without a mistake in it")
    seconds = _PATIENCE_SECONDS + round(_PATIENCE * (time.monotonic() - begun))
    found = mutants(source, filename)
    ended = list(try_all(module, found, seconds))
    return Result(
        module,
        found,
        sorted((mutant for mutant, status in ended if status == 0), key=found.index),
        sum(os.WIFSIGNALED(status) for _, status in ended),
        equivalent,
        time.monotonic() - begun,
    )


def show(result: Result) -> None:
    equivalent = len(result.survivors) - len(result.missed)
    too_slow = f" ({result.too_slow} by taking too long)" if result.too_slow else ""
    print(
        f"{result.module:30} {result.killed:3} of {len(result.mutants):3} killed{too_slow}, "
        f"{result.share:6.1%}; {equivalent} equivalent, {len(result.missed)} missed; "
        f"{result.seconds:.0f} s"
    )
    for mutant in result.missed:
        print(f"    {path_of(result.module).relative_to(ROOT)}:{mutant.line} {mutant.name}")
    for name in result.wrongly_listed:
        print(f"    listed as equivalent, but killed or gone: {name}")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--only", help="of a module whose name contains this")
    only: str = parser.parse_args(arguments).only or ""
    os.chdir(ROOT)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    sys.dont_write_bytecode = True
    hypothesis_settings.register_profile(
        "mutants",
        database=None,  # which would write into the working tree
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
    )
    hypothesis_settings.load_profile("mutants")
    with EQUIVALENT.open("rb") as opened:
        equivalent: dict[str, dict[str, str]] = tomllib.load(opened)
    modules = [module for module in TARGETS if only in module]
    if not modules or equivalent.keys() - TARGETS.keys():
        raise SystemExit(f"no such module: {only or equivalent.keys() - TARGETS.keys()}")
    results: list[Result] = []
    for module in modules:
        results.append(check(module, equivalent.get(module, {})))
        show(results[-1])
    every = sum(len(result.mutants) for result in results)
    killed = sum(result.killed for result in results)
    print(f"{killed} of {every} mutants killed, {killed / every:.1%}")
    if any(result.share < WANTED for result in results):
        raise SystemExit(f"{WANTED:.0%} of the mutants of each module are to be killed")
    if any(result.wrongly_listed for result in results):
        raise SystemExit(f"{EQUIVALENT.relative_to(ROOT)} does not hold")


if __name__ == "__main__":
    main()
