"""The service as its operator runs it, on one port, that can be killed and started again."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
import psutil

from tests.devices.shop_stage import AUTHORITY
from tests.running_service import KEK_HEX

#: A generous bound for whatever must come back by itself.
SECONDS_TO_RECOVER = 60
WORKERS = 2

GUTSCHEIN = (sys.executable, "-m", "gutschein")


class Service:
    """``gutschein serve`` with two workers.

    :param environment: beside what every service here is told.
    """

    def __init__(
        self, database_url: str, folder: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.folder = folder
        self.environment = {
            name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ
        } | {
            "DATABASE_URL": database_url,
            "GUTSCHEIN_DATA_DIR": str(folder),
            "GUTSCHEIN_PORT": str(self.port),
            "GUTSCHEIN_WORKERS": str(WORKERS),
            # What devices sign for; where they find it does not matter.
            "GUTSCHEIN_PUBLIC_URL": f"http://{AUTHORITY}",
            "GUTSCHEIN_KEY_ENCRYPTION_KEY": KEK_HEX,
            **(environment or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.folder / "service.log").read_text(errors="replace")

    @property
    def errors(self) -> str:
        """Where its log tells of mistakes of its own, with their tracebacks."""
        lines = self.log.splitlines()
        begins = [place for place, line in enumerate(lines) if " ERROR " in line]
        return "\n".join(line for place in begins for line in lines[place : place + 60])

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def launch(self) -> None:
        """Start it, and do not wait for anything."""
        with (self.folder / "service.log").open("ab") as output:
            self._process = subprocess.Popen(
                [*GUTSCHEIN, "serve"],
                cwd=self.folder,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    async def start(self) -> None:
        """Start it and wait until it says that it is ready."""
        self.launch()
        await self.ready()

    async def ready(self) -> None:
        """Wait until it says that it is ready, with all its workers."""
        ends = time.monotonic() + SECONDS_TO_RECOVER
        async with httpx.AsyncClient(base_url=self.url, timeout=5) as caller:
            while time.monotonic() < ends and self.is_running:
                try:
                    answer = await caller.get("/health/ready")
                    if answer.is_success and len(self.workers()) == WORKERS:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.1)
        raise AssertionError(f"the service is not ready: {self.errors}")

    async def stop(self) -> None:
        """Stop it as an operator does."""
        if self._process is not None and self.is_running:
            self._process.terminate()
            await asyncio.to_thread(self._process.wait, 60)

    async def ended(self) -> int:
        """Wait until it has ended by itself; return its exit code."""
        assert self._process is not None
        return await asyncio.to_thread(self._process.wait, SECONDS_TO_RECOVER)

    def kill(self) -> None:
        """``kill -9`` to all its processes."""
        assert self._process is not None
        processes = [psutil.Process(self._process.pid), *self.workers()]
        for process in processes:
            process.kill()
        self._process.wait()
        psutil.wait_procs(processes, 30)

    def kill_main(self) -> list[psutil.Process]:
        """``kill -9`` to the main process alone; return the workers, who have lost it."""
        assert self._process is not None
        workers = self.workers()
        self._process.kill()
        self._process.wait()
        return workers

    def workers(self) -> list[psutil.Process]:
        """The processes that serve requests."""
        assert self._process is not None
        children = psutil.Process(self._process.pid).children()
        return [each for each in children if each.status() != psutil.STATUS_ZOMBIE]

    async def begin(self, *arguments: str, **environment: str) -> asyncio.subprocess.Process:
        """Begin another command of the same installation.

        :param environment: where it differs from the service's.
        """
        return await asyncio.create_subprocess_exec(
            *GUTSCHEIN,
            *arguments,
            cwd=self.folder,
            env=self.environment | environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    async def command(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """Run another command of the same installation; return its exit code and words."""
        running = await self.begin(*arguments, **environment)
        said, _ = await running.communicate()
        assert running.returncode is not None
        return running.returncode, said.decode()
