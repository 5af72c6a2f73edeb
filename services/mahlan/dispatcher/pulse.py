"""One heartbeat of two loops: the process is alive only while both are. Used by ``dispatcher/app.py``."""

from __future__ import annotations

from collections.abc import Callable

from mahlan.runtime.http import Health


class Pulse:
    """Beats when every part has beaten since the last time, so that one loop cannot hide that another hangs."""

    def __init__(self, health: Health, *parts: str) -> None:
        self._health = health
        self._silent = set(parts)
        self._parts = frozenset(parts)

    def of(self, part: str) -> Callable[[], None]:
        """What this part calls each time round."""
        return lambda: self._heard(part)

    def _heard(self, part: str) -> None:
        self._silent.discard(part)
        if not self._silent:
            self._silent = set(self._parts)
            self._health.beat()
