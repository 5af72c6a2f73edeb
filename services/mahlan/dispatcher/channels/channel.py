"""What a channel is: one way for a nudge to reach a platform. ``tests/dispatcher`` holds all of them to one suite."""

from __future__ import annotations

from typing import Protocol

from mahlan.events.nudge import NudgeDecided


class Channel(Protocol):
    """Delivers nudges at least once; the decision id lets the other side drop repeats.

    ``name`` is a metric label. ``deliver`` may be called many times at once.
    """

    @property
    def name(self) -> str: ...

    async def deliver(self, decision: NudgeDecided) -> None:
        """Return once the other side has it.

        Raises ``DeliveryError`` when a later try may succeed, ``RefusedError`` when none will, and ``GoneError``
        when the other side wants nothing any more, from then on at once.
        """
        ...

    async def close(self) -> None:
        """Give connections back; nothing is delivered after."""
        ...
