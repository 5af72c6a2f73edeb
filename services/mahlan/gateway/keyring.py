"""The keys in force: read from the file, and again when it changes. Asked by ``access.py`` for every request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from mahlan.errors import SettingsError
from mahlan.gateway.keys import Key, check_pepper, hashed, matches, parse_keys, public_id
from mahlan.runtime.http import Health
from mahlan.runtime.logs import logger
from mahlan.runtime.settings import Settings

EVERY = 1.0
"""Seconds between two looks at the file."""

Clock = Callable[[], datetime]


class KeyRing:
    """Finds the key that a request shows. A file that cannot be used any more leaves the keys as they were."""

    def __init__(self, path: Path, pepper: str, health: Health, clock: Clock) -> None:
        self._path = path
        self._pepper = check_pepper(pepper)
        self._health = health
        self._clock = clock
        self._data = b""
        self._keys: dict[str, Key] = {}
        #: Compared with where there is no such key, so that an answer takes as long.
        self._nobody = hashed("nobody", pepper)
        self.origins: frozenset[str] = frozenset()
        self._take(self._read())

    def find(self, key: str) -> Key | None:
        """The key behind a secret; None where it is unknown, expired or revoked."""
        known = self._keys.get(public_id(key) or "")
        right = matches(key, known.hash if known else self._nobody, self._pepper)
        return known if known is not None and right and known.state(self._clock()) == "active" else None

    def is_active(self, key: Key) -> bool:
        """Whether a key found before still works, and may do what it could: a changed key must be shown again."""
        return self._keys.get(key.id) == key and key.state(self._clock()) == "active"

    def look(self) -> None:
        """Take over what changed in the file; say why where it cannot be used."""
        try:
            data = self._read()
            if data != self._data:
                self._take(data)
                logger().info("keys_changed", count=len(self._keys))
        except SettingsError as error:
            if self._health.detail.get("keys") != str(error):
                logger().error("keys_refused", error=str(error))
                self._tell(str(error))
        else:
            self._tell(None)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            self.look()

    def _read(self) -> bytes:
        try:
            return self._path.read_bytes()
        except OSError as error:
            raise SettingsError(
                f"MAHLAN_GATEWAY_KEYS_FILE cannot be read ({error.strerror}): `mahlan keys new` makes one"
            ) from None

    def _take(self, data: bytes) -> None:
        keys = parse_keys(data)
        self._keys = {key.id: key for key in keys}
        self.origins = frozenset(origin for key in keys if key.revoked is None for origin in key.origins)
        self._data = data

    def _tell(self, problem: str | None) -> None:
        kept = {name: value for name, value in self._health.detail.items() if name != "keys"}
        self._health.detail = {**kept, "keys": problem} if problem else kept


def open_keyring(settings: Settings, health: Health, clock: Clock = lambda: datetime.now(UTC)) -> KeyRing | None:
    """The ring the settings name; None where no keys are asked for. Raises ``SettingsError``."""
    if settings.gateway_auth == "off":
        return None
    if not settings.gateway_keys_file:
        raise SettingsError("MAHLAN_GATEWAY_KEYS_FILE is not set: name a file and run `mahlan keys new`")
    return KeyRing(Path(settings.gateway_keys_file).expanduser(), settings.gateway_pepper, health, clock)
