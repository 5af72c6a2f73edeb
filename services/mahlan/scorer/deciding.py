"""A batch of comments, each scored by the model that decides on it. Called by the scorer in its thread.

Total: every comment gets scores or an error of its own, whatever a model does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mahlan.errors import InternalError, RecordError
from mahlan.events.comment import Band, CommentNormalised
from mahlan.runtime.logs import logger
from mahlan.scoring.lineup import Lineup
from mahlan.scoring.model import Model, Scores
from mahlan.scoring.spans import with_spans


class Result(NamedTuple):
    """What came of one comment, and the ``name@version`` of the model that said so."""

    model: str
    outcome: Scores | RecordError


def decide_scores(lineup: Lineup, comments: Sequence[CommentNormalised], asked: Band = "medium") -> list[Result]:
    """One result a comment, in order. What the canary cannot score, the champion does: a trial loses nothing.

    From the band ``asked`` on, where an author may be asked, a result has spans.
    """
    places: dict[str, list[int]] = {}
    for place, comment in enumerate(comments):
        places.setdefault(lineup.decider(comment.author_key, comment.language), []).append(place)
    results: list[Result] = [Result("", InternalError("no score came back"))] * len(comments)
    for name, group in places.items():
        outcomes = _explained(lineup.models[name], [comments[place] for place in group], asked)
        for place, outcome in zip(group, outcomes, strict=True):
            results[place] = Result(name, outcome)
    trial = lineup.routes.trial
    for place, result in enumerate(results):
        if trial is not None and result.model == trial.model and isinstance(result.outcome, RecordError):
            champion = lineup.champion_for(comments[place].language)
            results[place] = Result(champion.name, _explained(champion, [comments[place]], asked)[0])
    return results


def _explained(model: Model, comments: Sequence[CommentNormalised], asked: Band) -> Sequence[Scores | RecordError]:
    """Scores with spans; when those fail, without: a verdict must not be lost for its explanation."""
    outcomes = score_safely(model, comments)
    try:
        return with_spans(model, comments, outcomes, asked)
    except Exception as error:  # noqa: BLE001 (the scores are there)
        logger().warning("no_spans", model=model.name, error=type(error).__name__)
        return outcomes


def score_safely(model: Model, comments: Sequence[CommentNormalised]) -> Sequence[Scores | RecordError]:
    """``model.score``; when it fails, each comment alone, so that one cannot cost its neighbours their scores."""
    try:
        return model.score(comments)
    except Exception as error:  # noqa: BLE001 (one comment must not stop the others)
        if len(comments) == 1:
            return [InternalError(f"{type(error).__name__} while scoring; this is a bug")]
        return [score_safely(model, [comment])[0] for comment in comments]
