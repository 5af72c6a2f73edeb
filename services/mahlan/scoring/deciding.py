"""A batch of comments, each scored by the model that decides on it. Called by the scorer and the gateway, in a thread.

Total: every comment gets scores or an error of its own, whatever a model does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import NamedTuple

from mahlan.errors import InternalError, RecordError
from mahlan.events.comment import Band, CommentNormalised
from mahlan.runtime.logs import logger
from mahlan.scoring.cascade import Cascade, Served
from mahlan.scoring.lineup import Lineup
from mahlan.scoring.model import Scorable, Scores
from mahlan.scoring.spans import with_spans

Outcomes = Sequence[Scores | RecordError]
Took = Callable[[str, float], None]
"""Told a model's name and the seconds that a batch took it."""


def _untold(_: str, __: float) -> None:
    """For those who do not ask."""


class Result(NamedTuple):
    """What came of one comment, and the ``name@version`` in the line-up that said so."""

    model: str
    outcome: Scores | RecordError

    @property
    def decider(self) -> str:
        """The model that decided: in a cascade one of its parts."""
        return (self.outcome.model if isinstance(self.outcome, Scores) else "") or self.model


def decide_scores(
    lineup: Lineup, comments: Sequence[CommentNormalised], asked: Band = "medium", took: Took = _untold
) -> list[Result]:
    """One result a comment, in order. What the canary cannot score, the champion does: a trial loses nothing.

    From the band ``asked`` on, where an author may be asked, a result has spans.
    """
    places: dict[str, list[int]] = {}
    for place, comment in enumerate(comments):
        places.setdefault(lineup.decider(comment.author_key, comment.language), []).append(place)
    results: list[Result] = [Result("", InternalError("no score came back"))] * len(comments)
    for name, group in places.items():
        outcomes = _explained(lineup.models[name], [comments[place] for place in group], asked, took)
        for place, outcome in zip(group, outcomes, strict=True):
            results[place] = Result(name, outcome)
    trial = lineup.routes.trial
    for place, result in enumerate(results):
        if trial is not None and result.model == trial.model and isinstance(result.outcome, RecordError):
            champion = lineup.champion_for(comments[place].language)
            results[place] = Result(champion.name, _explained(champion, [comments[place]], asked, took)[0])
    return results


def with_labels(
    lineup: Lineup,
    comments: Sequence[CommentNormalised],
    results: Sequence[Result],
    wanted: Sequence[frozenset[str]],
    took: Took = _untold,
) -> list[Result]:
    """``results`` with the labels ``wanted`` of each comment, as far as its model has them. No verdict changes.

    A cascade's accurate part is asked for what the fast one, where that settled a comment, has no score for.
    """
    told = list(results)
    for name, model in lineup.models.items():
        if not isinstance(model, Cascade):
            continue
        places = [
            place for place, (own, result) in enumerate(zip(wanted, results, strict=True))
            if result.model == name and isinstance(result.outcome, Scores)
            and (own & frozenset(model.labels)) - result.outcome.scores.keys()
        ]  # fmt: skip
        further = score_safely(model.accurate, [comments[place] for place in places], took) if places else ()
        for place, second in zip(places, further, strict=True):
            first = told[place].outcome
            if isinstance(first, Scores) and isinstance(second, Scores):
                scores = {**second.scores, **first.scores}
                told[place] = told[place]._replace(outcome=replace(first, scores=scores))
    return told


def _explained(model: Served, comments: Sequence[CommentNormalised], asked: Band, took: Took) -> Outcomes:
    """Scores with spans; when those fail, without: a verdict must not be lost for its explanation."""
    outcomes = score_safely(model, comments, took)
    try:
        return with_spans(model, comments, outcomes, asked)
    except Exception as error:  # noqa: BLE001 (the scores are there)
        logger().warning("no_spans", model=model.name, error=type(error).__name__)
        return outcomes


def score_safely(model: Served, comments: Sequence[Scorable], took: Took = _untold) -> Outcomes:
    """``model.score``; when it fails, each comment alone, so that one cannot cost its neighbours their scores.

    The parts of a cascade are guarded one by one: where the accurate one fails, the fast one's verdict stands.
    """
    if isinstance(model, Cascade):
        return _guarded(lambda some: model.score(some, partial(score_safely, took=took)), comments)
    begun = perf_counter()
    outcomes = _guarded(model.score, comments)
    took(model.name, perf_counter() - begun)
    return outcomes


def _guarded(score: Callable[[Sequence[Scorable]], Outcomes], comments: Sequence[Scorable]) -> Outcomes:
    try:
        return score(comments)
    except Exception as error:  # noqa: BLE001 (one comment must not stop the others)
        if len(comments) == 1:
            return [InternalError(f"{type(error).__name__} while scoring; this is a bug")]
        return [_guarded(score, [comment])[0] for comment in comments]
