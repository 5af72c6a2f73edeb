"""A batch of comments, each scored by the model that decides on it. Called by the scorer in its thread.

Total: every comment gets scores or an error of its own, whatever a model does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mahlan.errors import InternalError, RecordError
from mahlan.events.comment import CommentNormalised
from mahlan.scoring.lineup import Lineup
from mahlan.scoring.model import Model, Scores


class Result(NamedTuple):
    """What came of one comment, and the ``name@version`` of the model that said so."""

    model: str
    outcome: Scores | RecordError


def decide_scores(lineup: Lineup, comments: Sequence[CommentNormalised]) -> list[Result]:
    """One result a comment, in order. What the canary cannot score, the champion does: a trial loses nothing."""
    places: dict[str, list[int]] = {}
    for place, comment in enumerate(comments):
        places.setdefault(lineup.decider(comment.author_key, comment.language), []).append(place)
    results: list[Result] = [Result("", InternalError("no score came back"))] * len(comments)
    for name, group in places.items():
        outcomes = score_safely(lineup.models[name], [comments[place] for place in group])
        for place, outcome in zip(group, outcomes, strict=True):
            results[place] = Result(name, outcome)
    trial = lineup.routes.trial
    for place, result in enumerate(results):
        if trial is not None and result.model == trial.model and isinstance(result.outcome, RecordError):
            champion = lineup.champion_for(comments[place].language)
            results[place] = Result(champion.name, score_safely(champion, [comments[place]])[0])
    return results


def score_safely(model: Model, comments: Sequence[CommentNormalised]) -> Sequence[Scores | RecordError]:
    """``model.score``; when it fails, each comment alone, so that one cannot cost its neighbours their scores."""
    try:
        return model.score(comments)
    except Exception as error:  # noqa: BLE001 (one comment must not stop the others)
        if len(comments) == 1:
            return [InternalError(f"{type(error).__name__} while scoring; this is a bug")]
        return [score_safely(model, [comment])[0] for comment in comments]
