"""The comments of a load test: invented, seeded, with a chosen share that a nudge is for. Used by ``kafka_load.py``."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mahlan.core.identity import author_key
from mahlan.demo.generator import words
from mahlan.events import codec
from mahlan.events.comment import CommentSubmitted
from mahlan.events.topics import SUBMITTED
from mahlan.runtime.broker import Outgoing

SOURCE = "mahlan/load"
TOXIC = "insult"


@dataclass(slots=True)
class Traffic:
    """Writes comment after comment. ``authors`` bounds how many people there are: it decides how often caps bite."""

    run: str
    toxic_share: float
    authors: int
    seed: int = 1
    _chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    def record(self, number: int) -> Outgoing:
        """The record of comment ``number``, as a platform would send it now."""
        now = datetime.now(UTC)
        key = author_key(f"{self.run}-{self._chance.randrange(self.authors)}", SOURCE)
        event = CommentSubmitted(
            comment_id=f"{self.run}-{number}", text=self._text(), occurred_at=now, author_key=key, surface="comment"
        )
        envelope = codec.envelope_of(event, id=f"{self.run}-{number}", source=SOURCE, time=now.isoformat())
        value, headers = codec.encode(event, envelope)
        return Outgoing(SUBMITTED.name, key.encode(), value, headers)

    def _text(self) -> str:
        shares = words()["shares"]
        others = {kind: share for kind, share in shares["kinds"].items() if kind != TOXIC}
        kind = TOXIC if self._chance.random() < self.toxic_share else self._choose(others)
        table: Mapping[str, Any] = words()[self._choose(shares["languages"])]
        parts = {name: self._chance.choice(table[name]) for name in ("who", "thing", "tail")}
        return str(self._chance.choice(table[kind])).format(**parts).strip()

    def _choose(self, shares: Mapping[str, float]) -> str:
        return self._chance.choices(list(shares), list(shares.values()))[0]
