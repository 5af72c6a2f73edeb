"""When to try a delivery again. Pure: the caller brings the clock and the dice. Called by the delivery of nudges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often and how long to try. All times in seconds.

    ``deadline`` counts from the first attempt: a nudge that comes a minute late helps nobody.
    """

    attempts: int = 8
    first: float = 0.5
    longest: float = 20.0
    deadline: float = 60.0

    def wait(self, failed: int, elapsed: float, dice: float, retry_after: float | None = None) -> float | None:
        """Seconds to wait after the ``failed``-th attempt (1 first), or None: give up.

        Full jitter under a doubling ceiling (AWS Architecture Blog, "Exponential Backoff and Jitter", 2015):
        ``dice`` is uniform in [0, 1). A wait the other side asked for is never undercut, and jitter comes on top
        of it, or everybody would return at the same moment.
        """
        if failed >= self.attempts:
            return None
        ceiling = min(self.longest, self.first * 2.0 ** min(failed - 1, 60))
        wait = dice * ceiling + (retry_after or 0.0)
        return wait if elapsed + wait < self.deadline else None


def read_retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a ``Retry-After`` header asks for (RFC 9110 §10.2.3: seconds or an HTTP date); None: none.

    A date in the past asks for no wait; what cannot be read asks for nothing.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
