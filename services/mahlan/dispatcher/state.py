"""What the dispatcher keeps in memory for one partition: which decisions were made, and its authors' histories.

Both can be rebuilt from the log (``dispatcher/rebuild.py``), so that nothing here has to survive.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from mahlan.core.history import KEPT_FOR, has_decision, is_expired, merge, no_history, remember, since_erasure
from mahlan.events.nudge import AuthorHistory, NudgeDecided

Unwritten = Mapping[str, AuthorHistory | None]
"""What the log is to hold of an author; None for nothing at all."""


class PartitionState:
    """Remembers the last ``tail`` decision ids, and every author nudged within the last two days.

    ``changed`` names the authors whose history the log does not have as it is here. ``read_to`` is the next offset
    of the histories' topic: what is before it has been taken in.
    """

    def __init__(self, tail: int) -> None:
        self.changed: set[str] = set()
        self.read_to = 0
        self._tail = tail
        self._seen: dict[str, None] = {}
        self._histories: dict[str, AuthorHistory] = {}
        self._erased: dict[str, datetime] = {}

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
        """Remember a decision and, unless it was made before its author was erased, what it does to their history."""
        self.see(decision.decision_id)
        erased_at = self.erased_at(decision.author_key)
        if erased_at is not None and decision.decided_at <= erased_at:
            return
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
        """Take over a history from the log, beside what is known already.

        One that was on its way when its author was erased still tells of before: the log is put right.
        """
        clean = self._since_erasure(history)
        if clean is not history:
            self.changed.add(history.author_key)
        known = self._histories.get(history.author_key)
        if clean.nudges or clean is history:
            self._keep(merge(known, clean) if known else clean)

    def forget(self, author_key: str, erased_at: datetime) -> bool:
        """The author was erased: what was decided until then is forgotten. Whether anything was known of them."""
        self._erased[author_key] = max(erased_at, self._erased.pop(author_key, erased_at))
        known = self._histories.pop(author_key, None)
        self.changed.discard(author_key)
        left = self._since_erasure(known) if known else None
        if left is not None and left.nudges:
            self._keep(left)
            self.changed.add(author_key)
        return known is not None

    def erased_at(self, author_key: str) -> datetime | None:
        """When this author was erased last, as far as that still matters."""
        return self._erased.get(author_key)

    def unwritten(self) -> Unwritten:
        """By author, what the log does not have yet."""
        wanted = {author: self._histories.get(author) for author in sorted(self.changed)}
        return {author: kept for author, kept in wanted.items() if kept is not None or author in self._erased}

    def written(self, sent: Unwritten) -> None:
        """The log has these now; whatever changed while they were being written is still to come."""
        self.changed -= {author for author, kept in sent.items() if self._histories.get(author) is kept}

    def expire(self, now: datetime) -> None:
        """Drop the authors of whom nothing matters any more."""
        # Both are kept in the order of their last change: the first that is fresh ends the search.
        while self._histories:
            oldest = next(iter(self._histories.values()))
            if not is_expired(oldest, now):
                break
            del self._histories[oldest.author_key]
            self.changed.discard(oldest.author_key)
        while self._erased:
            author, erased_at = next(iter(self._erased.items()))
            if erased_at > now - KEPT_FOR:
                break
            del self._erased[author]
            if author not in self._histories:
                self.changed.discard(author)

    def _since_erasure(self, history: AuthorHistory) -> AuthorHistory:
        erased_at = self._erased.get(history.author_key)
        return history if erased_at is None else since_erasure(history, erased_at)

    def _keep(self, history: AuthorHistory) -> None:
        self._histories.pop(history.author_key, None)
        self._histories[history.author_key] = history
