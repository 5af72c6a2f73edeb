"""A text without an author: read and scored, and nothing else. Used by the routes that speak others' formats."""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple

from mahlan.core.verdict import Thresholds
from mahlan.events.comment import CommentNormalised, CommentSubmitted
from mahlan.gateway.parts import Parts
from mahlan.scoring.cascade import Cascade, Served
from mahlan.scoring.model import Scores


class ReadText(NamedTuple):
    """A text as it was read and scored by ``model`` (``name@version``).

    ``labels`` are those wanted that the model which is served gives to every text. ``thresholds`` are those that the
    verdict rests on; of labels that it does not rest on, those of the model that scored them.
    """

    comment: CommentNormalised
    scores: Scores
    model: str
    labels: frozenset[str]
    thresholds: Thresholds


async def read_text(parts: Parts, text: str, labels: frozenset[str], hint: str | None = None) -> ReadText:
    """Score ``text``, with these labels. It is not kept, not even to try a new model on. Raises ``ProblemError``."""
    # In a canary's time a text is scored by one model, whenever it is asked: as an author's comments are.
    nobody = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    draft = CommentSubmitted(
        comment_id="-", text=text, occurred_at=parts.clock(), author_key=nobody, language_hint=hint
    )
    lineup = parts.pool.lineup
    read = await parts.pool.read(draft, labels=labels)
    found = read.result.outcome
    assert isinstance(found, Scores)
    model = lineup.models.get(read.result.model, lineup.champion)
    given = frozenset(model.labels) & labels & found.scores.keys()
    return ReadText(read.comment, found, read.result.decider, given, _thresholds(model, read.result.decider))


def _thresholds(model: Served, decider: str) -> Thresholds:
    if not isinstance(model, Cascade):
        return model.manifest.judged
    whole = model.accurate.manifest.judged
    if decider != model.fast.name:
        return whole
    own = model.fast.manifest.judged
    return {tag: {**whole.get(tag, {}), **own.get(tag, {})} for tag in {*whole, *own}}
