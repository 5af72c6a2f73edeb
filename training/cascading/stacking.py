"""Both models' log odds averaged inside the band and brought back to scale. Called by ``choice.py``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mahlan.core.verdict import Thresholds, judge
from mahlan.scoring.cascade import stacked
from mahlan.scoring.model import DECIMALS, Scores
from mahlan.scoring.plan import Plan
from mahlan.scoring.probabilities import logit
from training.cascading.bands import Floats, Said
from training.judging import NUDGED

WEIGHTS = (0.1, 0.2, 0.3, 0.4, 0.5)


def scaled(plan: Plan, fast: Floats, accurate: Floats) -> Plan:
    """``plan`` with the scale and offset that give these rows' averages the mean and spread of the accurate log odds.

    The rows are those inside the band, the only ones that are averaged.
    The limits of the accurate model then mean as many comments as before, and what stacking brings is a better order.
    A fit to the labels instead (Platt 1999) moved the nudges' precision by 0.03 with a weight of next to nothing: it
    follows dev's mixture of sources, which the limits were chosen not to. And nothing here can overfit: no label is
    looked at.
    """
    plain = replace(plan, scale=1.0, offset=0.0)
    mixed, own = logit(stacked(plain, fast, accurate)), logit(accurate)
    if len(mixed) < 2 or not mixed.std() or not own.std():
        return plain
    scale = float(own.std() / mixed.std())
    return replace(plain, scale=round(scale, 4), offset=round(float(own.mean() - scale * mixed.mean()), 4))


def restated(
    label: str, stated: Sequence[Scores], languages: Sequence[str], scores: Floats, thresholds: Thresholds
) -> Said:
    """What the accurate model would say with these scores of ``label`` in the place of its own."""
    verdicts = [
        judge({**said.scores, label: round(score, DECIMALS)}, language, thresholds)
        for said, language, score in zip(stated, languages, scores.tolist(), strict=True)
    ]
    return Said(
        np.array([verdict.toxic for verdict in verdicts], dtype=bool),
        np.array([verdict.band in NUDGED for verdict in verdicts], dtype=bool),
    )
