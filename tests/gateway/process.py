"""``mahlan run gateway`` as a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from mahlan.gateway.keys import Key, hashed, new_secret, write_keys
from mahlan.local.probe import free_port
from tests.gateway.stage import PATIENCE, PEPPER

SERVICES = Path(__file__).parents[2] / "services"


@dataclass
class Process:
    """Its folder holds keys and spool, also for the next process there."""

    folder: Path
    bootstrap: str = "127.0.0.1:1"
    options: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.port, self.status_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.key, public = new_secret()
        scopes: Any = ("check", "publish", "outcomes", "stream", "erase", "score")
        key = Key(id=public, name="test", hash=hashed(self.key, PEPPER), scopes=scopes, rate="100000/second")
        (self.folder / "keys.toml").write_text(write_keys([key]), "utf-8")
        self.child = self._start()

    @property
    def headers(self) -> dict[str, str]:
        """What shows the key."""
        return {"Authorization": f"Bearer {self.key}"}

    def _start(self) -> subprocess.Popen[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAHLAN_", "KAFKA_"))}
        environment = {
            **kept,
            "PYTHONPATH": str(SERVICES),
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap,
            "MAHLAN_PORT": str(self.status_port),
            "MAHLAN_GATEWAY_PORT": str(self.port),
            "MAHLAN_SCORER_MODEL": "fast@1",
            "MAHLAN_GATEWAY_KEYS_FILE": str(self.folder / "keys.toml"),
            "MAHLAN_GATEWAY_PEPPER": PEPPER,
            "MAHLAN_GATEWAY_SPOOL": str(self.folder / "gateway.spool"),
            "MAHLAN_AUTHOR_SALT": "a salt for tests",
            **self.options,
        }
        child = subprocess.Popen(
            [sys.executable, "-m", "mahlan", "run", "gateway"], env=environment, stderr=subprocess.PIPE, text=True
        )
        self.listener = threading.Thread(target=self._listen, args=(child,), daemon=True)
        self.listener.start()
        return child

    def _listen(self, child: subprocess.Popen[str]) -> None:
        assert child.stderr is not None
        self.lines.extend(child.stderr)

    def restart(self) -> None:
        """Kill it as a machine that loses power would, and start it again."""
        self.kill()
        self.child = self._start()

    def kill(self) -> None:
        self.child.send_signal(signal.SIGKILL)
        self.ended()

    def end(self) -> int:
        """SIGTERM; the exit status."""
        self.child.send_signal(signal.SIGTERM)
        return self.ended()

    def ended(self) -> int:
        """Wait until it has ended and all it said is read; the exit status."""
        status = self.child.wait(2 * PATIENCE)
        self.listener.join(PATIENCE)
        return status

    async def until_ready(self) -> None:
        async with asyncio.timeout(2 * PATIENCE), aiohttp.ClientSession() as session:
            while True:
                assert self.child.poll() is None, "".join(self.lines)
                with suppress(aiohttp.ClientError):
                    async with session.get(f"http://127.0.0.1:{self.status_port}/readyz") as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.05)

    async def metrics(self) -> str:
        session = aiohttp.ClientSession()
        async with session, session.get(f"http://127.0.0.1:{self.status_port}/metrics") as answer:
            return await answer.text()

    async def until_sent(self) -> None:
        """Until the spool is empty."""
        async with asyncio.timeout(4 * PATIENCE):
            while 'mahlan_spool_records{service="gateway"} 0.0' not in await self.metrics():
                await asyncio.sleep(0.1)

    def spooled(self) -> bytes:
        """All bytes of what it keeps on disk."""
        return b"".join(path.read_bytes() for path in self.folder.glob("gateway.spool*"))

    def events(self) -> list[dict[str, Any]]:
        """The lines of its log."""
        return [orjson.loads(line) for line in self.lines if line.startswith("{")]
