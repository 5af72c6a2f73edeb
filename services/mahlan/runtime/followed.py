"""Files that say how a service works, read again when they change. What cannot be used leaves what was in force.

A file that Kubernetes mounts changes by a link that moves, not by its own time, so what is compared is what it says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from mahlan.errors import FatalError
from mahlan.runtime.http import Health
from mahlan.runtime.logs import logger

EVERY = 1.0
"""Seconds between two looks."""

Raw = TypeVar("Raw")
T = TypeVar("T")


class Followed(Generic[Raw, T]):
    """``value`` is what ``parse`` made of what ``read`` gave last; both raise ``FatalError`` where they cannot.

    ``name`` (one word) stands in the log and, while a change is refused, with the reason in ``/readyz``: the first
    reading raises, later ones are refused. ``changed`` is told of a new value.
    """

    def __init__(
        self,
        name: str,
        read: Callable[[], Raw],
        parse: Callable[[Raw], T],
        health: Health,
        changed: Callable[[T], None] = lambda _: None,
    ) -> None:
        self._name = name
        self._read = read
        self._parse = parse
        self._health = health
        self._changed = changed
        self._raw = read()
        self.value = parse(self._raw)

    def look(self) -> None:
        """Take over what changed; say why where it cannot be used, once."""
        try:
            raw = self._read()
            if raw != self._raw:
                self.value, self._raw = self._parse(raw), raw
                logger().info(f"{self._name}_changed")
                self._changed(self.value)
        except FatalError as error:
            if self._health.detail.get(self._name) != str(error):
                logger().error(f"{self._name}_refused", error=str(error))
                self._tell(str(error))
        else:
            self._tell(None)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            self.look()

    def _tell(self, problem: str | None) -> None:
        kept = {name: value for name, value in self._health.detail.items() if name != self._name}
        self._health.detail = {**kept, self._name: problem} if problem else kept
