"""What the dispatcher keeps in memory for one partition: which decisions were made, and its authors' histories.

Both can be rebuilt from the log (``dispatcher/rebuild.py``), so that nothing here has to survive.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from mahlan.core.history import has_decision, is_expired, merge, no_history, remember
from mahlan.events.nudge import AuthorHistory, NudgeDecided


class PartitionState:
    """Remembers the last ``tail`` decision ids, and every author nudged within the last two days.

    ``changed`` names the authors whose history the log does not have yet.
    """

    def __init__(self, tail: int) -> None:
        self.changed: set[str] = set()
        self._tail = tail
        self._seen: dict[str, None] = {}
        self._histories: dict[str, AuthorHistory] = {}

    @property
    def authors(self) -> int:
        """How many authors are remembered."""
        return len(self._histories)

    def has_decided(self, decision_id: str, author_key: str) -> bool:
        """Whether this decision was made before, as far as is remembered."""
        known = self._histories.get(author_key)
        return decision_id in self._seen or (known is not None and has_decision(known, decision_id))

    def history_of(self, author_key: str, now: datetime) -> AuthorHistory:
        """What is remembered of an author; an empty history where nothing is."""
        return self._histories.get(author_key) or no_history(author_key, now)

    def apply(self, decision: NudgeDecided) -> None:
        """Remember a decision and what it does to its author's history."""
        self.see(decision.decision_id)
        before = self.history_of(decision.author_key, decision.decided_at)
        after = remember(before, decision)
        if after is not before:
            self._keep(after)
            self.changed.add(decision.author_key)

    def see(self, decision_id: str) -> None:
        """Remember that this decision was made; the oldest beyond ``tail`` is forgotten."""
        self._seen.pop(decision_id, None)
        self._seen[decision_id] = None
        if len(self._seen) > self._tail:
            del self._seen[next(iter(self._seen))]

    def learn(self, history: AuthorHistory) -> None:
        """Take over a history from the log, beside what is known already."""
        known = self._histories.get(history.author_key)
        self._keep(merge(known, history) if known else history)

    def forget(self, author_key: str) -> None:
        """The author was erased."""
        self._histories.pop(author_key, None)

    def unwritten(self) -> Sequence[AuthorHistory]:
        """The histories the log does not have yet."""
        return [self._histories[author] for author in sorted(self.changed) if author in self._histories]

    def written(self) -> None:
        """The log has them all now."""
        self.changed.clear()

    def expire(self, now: datetime) -> None:
        """Drop the authors of whom nothing matters any more."""
        # Histories are kept in the order of their last change: the first that is fresh ends the search.
        while self._histories:
            oldest = next(iter(self._histories.values()))
            if not is_expired(oldest, now):
                return
            del self._histories[oldest.author_key]

    def _keep(self, history: AuthorHistory) -> None:
        self._histories.pop(history.author_key, None)
        self._histories[history.author_key] = history
