"""Answers of late, so that a repeated check gets the one it had. Kept by ``checking.py``; no text is.

Of each text a digest is kept, under a key that dies with the process: enough to notice that the same id now stands for
other words, and of no use to whoever reads the memory.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b

from mahlan.events.comment import CommentScored
from mahlan.events.nudge import NudgeDecided
from mahlan.gateway.problems import ProblemError

MOST = 10_000
"""Answers kept; a repeat that comes later is decided anew, from the author's history."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A check's result: the scores with their ruling, the decision that makes, and whether it is on record."""

    scored: CommentScored
    decision: NudgeDecided
    recorded: bool


@dataclass(slots=True)
class Answers:
    """By decision id, the oldest forgotten first. An answer may still be on its way: whoever asks again waits too."""

    most: int = MOST
    _secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    _kept: OrderedDict[str, tuple[bytes, asyncio.Task[Checked]]] = field(default_factory=OrderedDict, repr=False)

    def find(self, name: str, author: str, text: str) -> asyncio.Task[Checked] | None:
        """The answer to the same check; raises ``ProblemError`` where the id was used for other words."""
        kept = self._kept.get(name)
        if kept is None:
            return None
        if kept[0] != self._digest(author, text):
            detail = "this comment_id and revision were checked with another text or author; raise revision by one"
            raise ProblemError("conflict", detail, "$.revision")
        self._kept.move_to_end(name)
        return kept[1]

    def keep(self, name: str, author: str, text: str, answer: asyncio.Task[Checked]) -> None:
        """Remember an answer; one that turns out not to be on record is forgotten again."""
        self._kept[name] = (self._digest(author, text), answer)
        answer.add_done_callback(partial(self._settle, name))
        if len(self._kept) > self.most:
            self._kept.popitem(last=False)

    def forget(self, author: str) -> None:
        """The author was erased. What is on its way is left to end."""
        for name, (_, answer) in list(self._kept.items()):
            if answer.done() and _is_recorded(answer) and answer.result().decision.author_key == author:
                del self._kept[name]

    def _settle(self, name: str, done: asyncio.Task[Checked]) -> None:
        kept = self._kept.get(name)
        # What was forgotten to make room may have been asked, and kept, anew.
        if kept is not None and kept[1] is done and not _is_recorded(done):
            del self._kept[name]

    def _digest(self, author: str, text: str) -> bytes:
        hashed = blake2b(key=self._secret, digest_size=16)
        for part in (author, text):
            raw = part.encode("utf-8", "surrogatepass")
            hashed.update(b"%d:" % len(raw))
            hashed.update(raw)
        return hashed.digest()


def _is_recorded(done: asyncio.Task[Checked]) -> bool:
    return not done.cancelled() and done.exception() is None and done.result().recorded
