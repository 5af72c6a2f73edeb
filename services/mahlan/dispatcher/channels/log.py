"""The channel that needs nothing: a log line per nudge, for trials and for platforms that read the topic itself."""

from __future__ import annotations

from mahlan.events.nudge import NudgeDecided
from mahlan.runtime.logs import logger


class LogChannel:
    """Implements ``Channel``. Neither author nor comment is named: a log is no place for people."""

    name = "log"

    async def deliver(self, decision: NudgeDecided) -> None:
        """One line."""
        logger().info(
            "nudge",
            decision_id=decision.decision_id,
            campaign=decision.campaign,
            kind=decision.kind,
            reason=decision.reason,
            channel=self.name,
        )

    async def close(self) -> None:
        """Nothing to give back."""
