"""Which statements are made of an experiment, each with its share of the allowed error. Called by ``effects``.

Primary: the primary measure, everybody asked against everybody held out. Secondary: the other measures. Exploratory:
each measure by language and by arm, and the primary measure of arms against each other. Each such table is a family.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from mahlan.core.experiment.comparison import Pair
from mahlan.core.experiment.observation import HOLDOUT, MEASURES, Measure
from mahlan.core.experiment.plan import PRIMARY, Plan
from mahlan.core.experiment.start import LEAST_STRATUM
from mahlan.core.experiment.totals import Totals, merge_all

ALL = "all"
"""Stands for every arm but the holdout."""

OTHER = "other"
"""Stands for the languages that the plan does not name."""

Role = Literal["primary", "secondary", "exploratory"]
Groups = Mapping[tuple[str, str], Totals]
"""Totals by (language, arm)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Does ``arm`` differ from ``against`` in ``measure``, among authors of ``language`` (None: of all)?"""

    measure: Measure
    language: str | None = None
    arm: str = ALL
    against: str = HOLDOUT
    role: Role
    #: Allowed chance of a wrong answer, over all looks.
    alpha: float
    #: Authors of both arms at which the interval is to be narrowest.
    planned: float
    #: Of them, the share of the smaller arm, as planned.
    smaller: float
    #: What is compared, within each stratum.
    strata: tuple[Pair, ...]


def questions(groups: Groups, plan: Plan) -> Iterator[Question]:
    """Every question, the primary one first. Tables of one row only, which would repeat the first, are left out."""
    yield from _overall(groups, plan)
    if len(plan.languages) > 1:
        yield from _by_language(groups, plan)
    if len(plan.arms) > 1:
        yield from _by_arm(groups, plan)
        yield from _between_arms(groups, plan)


def _overall(groups: Groups, plan: Plan) -> Iterator[Question]:
    strata = (_asked_and_held_out(groups),)
    others = [measure for measure in MEASURES if measure != PRIMARY]
    for measure in (PRIMARY, *others):
        yield Question(
            measure=measure,
            role="primary" if measure == PRIMARY else "secondary",
            alpha=plan.alpha if measure == PRIMARY else plan.alpha / len(others),
            planned=plan.authors,
            smaller=plan.holdout,
            strata=strata,
        )


def _by_language(groups: Groups, plan: Plan) -> Iterator[Question]:
    rows = {
        **{language: _only(groups, language) for language in plan.languages},
        OTHER: {key: totals for key, totals in groups.items() if key[0] not in plan.languages},
    }
    family = len(rows)  # fixed in advance, also while nobody writes in another language
    if not rows[OTHER]:
        del rows[OTHER]
    for measure in MEASURES:
        for language, chosen in rows.items():
            yield Question(
                measure=measure,
                language=language,
                role="exploratory",
                alpha=plan.alpha / family,
                planned=plan.authors_of_language(),
                smaller=plan.holdout,
                strata=(_asked_and_held_out(chosen),),
            )


def _by_arm(groups: Groups, plan: Plan) -> Iterator[Question]:
    for measure in MEASURES:
        for arm in plan.arms:
            yield Question(
                measure=measure,
                arm=arm,
                role="exploratory",
                alpha=plan.alpha / len(plan.arms),
                planned=plan.authors_of_arm(),
                smaller=plan.holdout / (plan.holdout + plan.share_of_arm()),
                strata=_within_languages(groups, arm, HOLDOUT),
            )


def _between_arms(groups: Groups, plan: Plan) -> Iterator[Question]:
    pairs = list(combinations(plan.arms, 2))
    for against, arm in pairs:
        yield Question(
            measure=PRIMARY,
            arm=arm,
            against=against,
            role="exploratory",
            alpha=plan.alpha / len(pairs),
            planned=plan.authors_of_two_arms(),
            smaller=0.5,
            strata=_within_languages(groups, arm, against),
        )


def _asked_and_held_out(groups: Groups) -> Pair:
    """One stratum: whether somebody is held out does not hang on the language."""
    return Pair(
        merge_all(totals for (_, arm), totals in groups.items() if arm != HOLDOUT),
        merge_all(totals for (_, arm), totals in groups.items() if arm == HOLDOUT),
    )


def _within_languages(groups: Groups, arm: str, against: str) -> tuple[Pair, ...]:
    """A stratum for each language in which both arms have authors enough.

    A campaign need not have every arm in every language, so authors of one arm may write in other languages than those
    of another: compared across languages, the languages would be compared too.
    """
    nobody = Totals()
    pairs = (
        Pair(groups.get((language, arm), nobody), groups.get((language, against), nobody))
        for language in dict.fromkeys(language for language, _ in groups)
    )
    return tuple(pair for pair in pairs if min(totals.n for totals in pair) >= LEAST_STRATUM)


def _only(groups: Groups, language: str) -> Groups:
    return {key: totals for key, totals in groups.items() if key[0] == language}
