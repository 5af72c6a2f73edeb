"""Two models served as one: the fast one settles the clear cases, the accurate one decides the rest.

Stands wherever a model can in the line-up. Built by ``loading.py`` and ``served.py`` from a ``plan.py``; scored by the
scorer and the commands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from mahlan.core.verdict import judge
from mahlan.errors import ModelError, RecordError
from mahlan.scoring.model import DECIMALS, Model, Scorable, Scores, hidden_in
from mahlan.scoring.plan import Plan, disagreements
from mahlan.scoring.probabilities import Floats, logit, sigmoid

UNSEEN = 0.2
"""A score of the fast model under which its words say nothing."""

Stage = Literal["settled", "escalated", "fell_back"]
Outcome = Scores | RecordError
Run = Callable[[Model, Sequence[Scorable]], Sequence[Outcome]]
"""How a part scores: ``Model.score``, or that with a watch and a guard around it."""


def _score(model: Model, items: Sequence[Scorable]) -> Sequence[Outcome]:
    return model.score(items)


class Cascade:
    """``name`` of the registry, its plan and its two loaded parts. Holds no state between calls."""

    def __init__(self, name: str, plan: Plan, fast: Model, accurate: Model) -> None:
        """Raises ``ModelError`` where the parts do not belong together."""
        for problem in disagreements(plan, fast.manifest, accurate.manifest):
            raise ModelError(problem)
        self.name = name
        self.plan = plan
        self.fast = fast
        self.accurate = accurate
        self.labels = accurate.labels
        self.label_sets = (*fast.label_sets, *accurate.label_sets)
        self.providers = accurate.providers
        self._thresholds = accurate.manifest.judged

    def score(self, items: Sequence[Scorable], run: Run = _score) -> list[Outcome]:
        """One pass of the fast model over all, one of the accurate model over those in the band or in doubt, gathered.

        Outside the band a result is the fast model's, inside it the accurate model's, as each would give it alone;
        ``Scores.model`` says which. Where one of the two cannot score a comment, the other decides.
        """
        found = list(run(self.fast, items))
        asked = [place for place, item in enumerate(items) if self._is_open(item, found[place])]
        if asked:
            seconds = run(self.accurate, [items[place] for place in asked])
            for place, second in zip(asked, seconds, strict=True):
                found[place] = self._decided(items[place].language, found[place], second)
        return found

    def explainer(self, found: Scores) -> Model | None:
        """The part that is asked for the words a verdict rests on; None where there are none to mark.

        That is the one that decided, if its graph tells them, else the fast one, if its does: leaving out word after
        word would cost the accurate one many times its score, for words that people mark less often (docs/cascade.md).
        Where the fast one saw next to nothing, its words would be chance: what hurts there is the whole.
        """
        decided = self.fast if found.model == self.fast.name else self.accurate
        told = decided.manifest.output.attributions
        if told or found.first is None or not self.fast.manifest.output.attributions:
            return decided
        return self.fast if found.first.scores[self.plan.label] >= UNSEEN else None

    def stage(self, item: Scorable, found: Scores) -> Stage:
        """How the cascade came to this result. ``fell_back``: the accurate model was asked and had no score."""
        if found.model != self.fast.name:
            return "escalated"
        return "fell_back" if self._is_open(item, found) else "settled"

    def is_the_same(self, other: object) -> bool:
        """Whether ``other`` does the same by the same loaded models."""
        return (
            isinstance(other, Cascade)
            and (other.name, other.plan) == (self.name, self.plan)
            and other.fast is self.fast
            and other.accurate is self.accurate
        )

    def _is_open(self, item: Scorable, said: Outcome) -> bool:
        if isinstance(said, RecordError):
            return True
        return self.plan.is_open(item.language, said.scores, hidden_in(item))

    def _decided(self, language: str, first: Outcome, second: Outcome) -> Outcome:
        if isinstance(first, RecordError):
            return second
        if isinstance(second, RecordError):
            return first
        if not self.plan.averages(language, first.scores):
            return replace(second, first=first)
        label = self.plan.label
        mixed = stacked(self.plan, np.array([first.scores[label]]), np.array([second.scores[label]]))
        scores = {**second.scores, label: round(float(mixed[0]), DECIMALS)}
        # Neither model alone says this number, so it goes under the cascade's own name.
        return Scores(scores, judge(scores, language, self._thresholds), model=self.name, first=first)


Served = Model | Cascade
"""What a name in the registry can stand for."""


def stacked(plan: Plan, fast: Floats, accurate: Floats) -> Floats:
    """The plan's probabilities from both models' calibrated ones, ``[comments]`` each: log odds, averaged, rescaled.

    Calibrated, the two mean the same in every language, which their logits do not.
    """
    mixed = plan.weight_fast * logit(fast) + (1.0 - plan.weight_fast) * logit(accurate)
    return sigmoid(plan.scale * mixed + plan.offset)


def first_of(model: Served) -> Model:
    """The model that scores every comment: of a cascade the fast one."""
    return model.fast if isinstance(model, Cascade) else model


def parts_of(model: Served) -> tuple[Model, ...]:
    """The models with a folder of their own that work in it."""
    return (model.fast, model.accurate) if isinstance(model, Cascade) else (model,)
