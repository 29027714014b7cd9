"""What ``gutschein demo`` and ``gutschein smoke`` do."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from gutschein.demo.bank import pay
from gutschein.demo.client import Client, Unexpected
from gutschein.demo.crew import Crew
from gutschein.demo.job import run_job
from gutschein.demo.seed import seed
from gutschein.demo.service import running_service
from gutschein.demo.till import pairing_address
from gutschein.demo.welcome import welcome
from gutschein.demo_staff import DemoStaff, members
from gutschein.installation import opened
from gutschein.kernel.clock import utc_now
from gutschein.kernel.ids import new_id
from gutschein.kernel.money import format_euro
from gutschein.settings import FILE_VARIABLE, PREFIX, Settings, default_data_dir, variable_of


def demo() -> int:
    """Fill the region, serve it, and say where to look; runs until it is stopped."""
    signal.signal(signal.SIGTERM, _leave)
    settings = Settings.load(os.environ)
    with Client(settings.public_url) as client:
        if client.is_there():
            _say("The service is running already.")
            _fill(settings)
            return 0
        _refuse_taken_port(settings)
        _say("Starting the service and its database")
        with running_service(client, os.environ) as service:
            _say("Filling the region Erzgebirge")
            _fill(settings)
            _say("\nStop it with Ctrl+C.")
            try:
                return service.wait()
            except KeyboardInterrupt:
                _say("\nStopping")
                return 0


def headless(url: str | None, folder: Path | None, *, as_json: bool) -> int:
    """Run the whole job against the running service; 0 when every cent is right."""
    settings = Settings.load(os.environ)
    run = str(new_id())
    folder = folder or settings.data_dir / "demo" / run
    with Client(url or settings.public_url) as client:
        _must_be_there(client)
    with _crew(os.environ, url) as crew:
        result = run_job(crew, run, folder, utc_now(), _aside)
    return _report(result, as_json=as_json)


def smoke(folder: Path | None) -> int:
    """Run the whole job on a service, a port and a database of its own, and drop them.

    The papers stay in *folder*, or in ``smoke/`` under the data folder until the next time.
    """
    signal.signal(signal.SIGTERM, _leave)
    papers = folder
    if papers is None:
        papers = default_data_dir(os.environ) / "smoke"
        shutil.rmtree(papers, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="gutschein-smoke-") as data_dir:
        port = _free_port()
        env = _detached(Path(data_dir), port)
        with Client(Settings.load(env).public_url) as client:
            _aside(f"Starting a service on port {port}")
            with running_service(client, env), _crew(env) as crew:
                result = run_job(crew, "smoke", papers, utc_now(), _aside)
            _aside("Stopped the service")
    return _report(result, as_json=True)


def _detached(data_dir: Path, port: int) -> dict[str, str]:
    """Return our environment without any setting of this installation: neither its variables
    nor its file may lead the job to a database that somebody needs.
    """
    no_settings = data_dir / "no-settings.toml"
    no_settings.touch()
    plain = {
        name: value
        for name, value in os.environ.items()
        if name != variable_of("database_url") and not name.startswith(PREFIX)
    }
    return plain | {
        FILE_VARIABLE: str(no_settings),
        variable_of("data_dir"): str(data_dir),
        variable_of("port"): str(port),
    }


def _report(result: dict[str, Any], *, as_json: bool) -> int:
    if as_json:
        _say(json.dumps(result, ensure_ascii=False))
    else:
        for name, value in result.items():
            shown = format_euro(value) if name.endswith("_cents") else value
            _say(f"{name.removesuffix('_cents'):16} {shown}")
    return 0 if result["audit_ok"] and result["balanced"] else 1


@contextmanager
def _crew(env: Mapping[str, str], url: str | None = None) -> Iterator[Crew]:
    """Let the demo's people come to a service that is running on this machine."""
    with opened(env=env) as installation:
        settings = installation.settings
        staff = DemoStaff(installation, settings.data_dir / "demo")
        with Crew(url or settings.public_url, staff) as crew:
            yield crew


def codes() -> int:
    """Say what the authenticators of the demo's people show at this moment."""
    settings = Settings.load(os.environ)
    for member in members(settings.data_dir / "demo").values():
        _say(f"{member.email:24} {member.code(utc_now())}")
    return 0


def till() -> int:
    """Say where a browser becomes the till of the first shop."""
    settings = Settings.load(os.environ)
    with Client(settings.public_url) as client:
        _must_be_there(client)
    with _crew(os.environ) as crew:
        _say(pairing_address(crew))
    return 0


def pay_order(address: str) -> int:
    """Let the demo's bank pay an order, and the town read its statement."""
    settings = Settings.load(os.environ)
    with Client(settings.public_url) as client:
        _must_be_there(client)
    with _crew(os.environ) as crew:
        _say(pay(crew, address, utc_now()))
    return 0


def _must_be_there(client: Client) -> None:
    if not client.is_there():
        raise Unexpected(f"no service answers at {client.url}; start it with: make demo")


def _fill(settings: Settings) -> None:
    """Fill the region and say where to look."""
    folder = settings.data_dir / "demo" / "gutscheine"
    with _crew(os.environ) as crew:
        region, held = seed(crew, folder)
        _say(welcome(crew, region, held, folder))


def _refuse_taken_port(settings: Settings) -> None:
    with socket.socket() as probe:
        if probe.connect_ex((settings.host, settings.port)) == 0:
            raise Unexpected(
                f"port {settings.port} is taken by another program;"
                " choose another one: GUTSCHEIN_PORT=8001 make demo"
            )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _aside(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _leave(signal_number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - as signal calls it
    sys.exit(128 + signal_number)
