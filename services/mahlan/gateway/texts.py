"""A text without an author: read and scored, and nothing else. Used by the routes that speak others' formats."""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple

from mahlan.core.verdict import Thresholds
from mahlan.events.comment import CommentNormalised, CommentSubmitted
from mahlan.gateway.parts import Parts
from mahlan.scoring.cascade import Cascade
from mahlan.scoring.lineup import Lineup
from mahlan.scoring.model import Scores


class ReadText(NamedTuple):
    """A text as it was read and scored by ``model`` (``name@version``).

    ``labels`` are those that the model which is served gives to every text: a cascade those of both its parts.
    ``thresholds`` are those that the verdict rests on.
    """

    comment: CommentNormalised
    scores: Scores
    model: str
    labels: frozenset[str]
    thresholds: Thresholds


async def read_text(parts: Parts, text: str, hint: str | None = None) -> ReadText:
    """Score ``text``. It is not kept, not even to try a new model on. Raises ``ProblemError``."""
    # In a canary's time a text is scored by one model, whenever it is asked: as an author's comments are.
    nobody = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    draft = CommentSubmitted(
        comment_id="-", text=text, occurred_at=parts.clock(), author_key=nobody, language_hint=hint
    )
    lineup = parts.pool.lineup
    read = await parts.pool.read(draft)
    found = read.result.outcome
    assert isinstance(found, Scores)
    labels = _labels(lineup, read.result.model) & found.scores.keys()
    thresholds = _thresholds(lineup, read.result.decider)
    return ReadText(read.comment, found, read.result.decider, frozenset(labels), thresholds)


def _labels(lineup: Lineup, name: str) -> frozenset[str]:
    """Labels that every text gets; a model that came in this very moment is not known yet: those of the champion."""
    model = lineup.models.get(name, lineup.champion)
    return frozenset.intersection(*map(frozenset, model.label_sets))


def _thresholds(lineup: Lineup, name: str) -> Thresholds:
    model = lineup.models.get(name, lineup.champion)
    return (model.accurate if isinstance(model, Cascade) else model).manifest.judged
