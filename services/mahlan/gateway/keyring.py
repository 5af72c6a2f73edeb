"""The keys in force: read from the file, and again when it changes. Asked by ``access.py`` for every request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from mahlan.errors import SettingsError
from mahlan.gateway.keys import Key, check_pepper, hashed, matches, parse_keys, public_id
from mahlan.runtime.followed import Followed
from mahlan.runtime.http import Health
from mahlan.runtime.settings import Settings

Clock = Callable[[], datetime]


class Keys(NamedTuple):
    """What the file says: keys by their public id, and where browsers may ask from."""

    by_id: dict[str, Key]
    origins: frozenset[str]


class KeyRing:
    """Finds the key that a request shows. A file that cannot be used any more leaves the keys as they were."""

    def __init__(self, path: Path, pepper: str, health: Health, clock: Clock) -> None:
        self._pepper = check_pepper(pepper)
        self._clock = clock
        #: Compared with where there is no such key, so that an answer takes as long.
        self._nobody = hashed("nobody", pepper)
        self._file = Followed("keys", lambda: _read(path), _keys, health)
        self.look = self._file.look
        self.run = self._file.run

    @property
    def origins(self) -> frozenset[str]:
        """Where browsers may ask from, with whichever key."""
        return self._file.value.origins

    def find(self, key: str) -> Key | None:
        """The key behind a secret; None where it is unknown, expired or revoked."""
        known = self._file.value.by_id.get(public_id(key) or "")
        right = matches(key, known.hash if known else self._nobody, self._pepper)
        return known if known is not None and right and known.state(self._clock()) == "active" else None

    def is_active(self, key: Key) -> bool:
        """Whether a key found before still works, and may do what it could: a changed key must be shown again."""
        return self._file.value.by_id.get(key.id) == key and key.state(self._clock()) == "active"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"MAHLAN_GATEWAY_KEYS_FILE cannot be read ({error.strerror}): `mahlan keys new` makes one"
        ) from None


def _keys(data: bytes) -> Keys:
    keys = parse_keys(data)
    origins = frozenset(origin for key in keys if key.revoked is None for origin in key.origins)
    return Keys({key.id: key for key in keys}, origins)


def open_keyring(settings: Settings, health: Health, clock: Clock = lambda: datetime.now(UTC)) -> KeyRing | None:
    """The ring the settings name; None where no keys are asked for. Raises ``SettingsError``."""
    if settings.gateway_auth == "off":
        return None
    if not settings.gateway_keys_file:
        raise SettingsError("MAHLAN_GATEWAY_KEYS_FILE is not set: name a file and run `mahlan keys new`")
    return KeyRing(Path(settings.gateway_keys_file).expanduser(), settings.gateway_pepper, health, clock)
