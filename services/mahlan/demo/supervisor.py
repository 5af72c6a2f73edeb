"""The services as processes of their own, brought up again when they die: what an orchestrator does, for the demo.

Each child is ended with this process, however it ends.
"""

from __future__ import annotations

import asyncio
import ctypes
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from mahlan.errors import FatalError

#: A service answers /readyz this many seconds after its start at the latest; loaded machines are slow.
READY_WITHIN = 90.0
#: A service may take this long over its drain before it is killed.
DRAINED_WITHIN = 15.0
#: A service that dies so often without having been ready is broken, and no restart helps.
HOPELESS = 3

_PR_SET_PDEATHSIG = 1
#: The status port is on this machine: whatever proxy is set is not asked.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(slots=True)
class Child:
    """One service: its status port, its log, its process as it is now."""

    name: str
    port: int
    log: Path
    process: asyncio.subprocess.Process | None = None
    starts: int = 0
    deaths_unready: int = 0
    was_ready: bool = False

    @property
    def restarts(self) -> int:
        """How often it was brought up again."""
        return max(0, self.starts - 1)

    def tail(self, lines: int = 12) -> str:
        """The end of its log. Logs hold no text of comments."""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])


@dataclass(slots=True)
class Supervisor:
    """Starts ``mahlan run SERVICE`` for each service, keeps it running, stops it."""

    environment: Mapping[str, str]
    folder: Path
    children: dict[str, Child] = field(default_factory=dict)
    _watchers: list[asyncio.Task[None]] = field(default_factory=list)
    _stopping: bool = False

    async def start(self, services: Sequence[str], free_port: Callable[[], int]) -> None:
        """Start all, wait until each is ready. Raises ``FatalError`` with the end of its log for one that is not."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in services:
            self.children[name] = child = Child(name, free_port(), self.folder / f"{name}.log")
            await self._spawn(child)
            self._watchers.append(asyncio.create_task(self._watch(child), name=f"watch {name}"))
        await asyncio.gather(*(self.wait_ready(name) for name in services))

    async def wait_ready(self, name: str) -> None:
        """Until the service says it is ready."""
        child = self.children[name]
        deadline = time.monotonic() + READY_WITHIN
        while not await asyncio.to_thread(_is_ready, child.port):
            self.check()
            if time.monotonic() > deadline:
                raise FatalError(f"{name} was not ready within {READY_WITHIN:.0f} s; {_log_of(child)}")
            await asyncio.sleep(0.1)
        child.was_ready = True

    def check(self) -> None:
        """Raise ``FatalError`` where a service cannot be kept running."""
        for watcher in self._watchers:
            if watcher.done() and not watcher.cancelled() and (error := watcher.exception()):
                raise error

    def kill(self, name: str) -> None:
        """Send kill -9, as a machine that loses power would. The watcher brings it up again."""
        process = self.children[name].process
        if process is not None:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGKILL)
        self.children[name].was_ready = False

    async def stop(self) -> None:
        """Ask all to drain, and kill those that do not."""
        self._stopping = True
        await self._end_all()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        await self._end_all()  # one may have been on its way up

    async def _end_all(self) -> None:
        await asyncio.gather(*(_end(child.process) for child in self.children.values() if child.process))

    async def _spawn(self, child: Child) -> None:
        with child.log.open("ab") as log:
            child.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "mahlan", "run", child.name),
                env={**self.environment, "MAHLAN_PORT": str(child.port)},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C in the terminal is for this process alone: it stops the children in good order.
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        child.starts += 1

    async def _watch(self, child: Child) -> None:
        while child.process is not None:
            status = await child.process.wait()
            if self._stops():
                return
            child.deaths_unready += 0 if child.was_ready or status == -signal.SIGKILL else 1
            if child.deaths_unready >= HOPELESS or (child.starts == 1 and child.deaths_unready):
                raise FatalError(f"{child.name} ended with status {status}; {_log_of(child)}")
            child.was_ready = False
            await asyncio.sleep(0.2)
            if self._stops():
                return
            await self._spawn(child)

    def _stops(self) -> bool:
        return self._stopping


def _log_of(child: Child) -> str:
    return f"its log {child.log} ends with:\n{child.tail()}"


def _is_ready(port: int) -> bool:
    try:
        with _DIRECT.open(f"http://127.0.0.1:{port}/readyz", timeout=2.0) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.terminate()
    try:
        await asyncio.wait_for(process.wait(), DRAINED_WITHIN)
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
