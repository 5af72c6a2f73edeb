"""A cascade as ``models/registry.toml`` describes it: two models and when to ask the second. Read by ``registry.py``.

Nothing is loaded here; ``cascade.py`` serves what a plan says, ``python -m training.band`` chooses its numbers.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from mahlan.core.verdict import DEFAULT, fallbacks
from mahlan.errors import ModelError
from mahlan.scoring.keys import Tables, in_words, nearest, unknown_keys
from mahlan.scoring.manifest import Manifest

Name = Annotated[str, Meta(pattern=r"^[a-z0-9._-]+@[A-Za-z0-9._-]+$")]
Language = Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{2,35}$")]
Score = Annotated[float, Meta(ge=0.0, le=1.0)]
Uncertain = tuple[Score, Score]
"""From and to, both within."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A label of the fast model that says that its words do not suffice, and the score from which it is heeded.

    A comment that hides words from filters, or is full of slips, is in doubt below the band whatever the label says.
    """

    label: str
    least: Score


@dataclass(frozen=True, slots=True)
class Plan:
    """``fast`` scores every comment; where its score of ``label`` lies in the band, ``accurate`` decides.

    Below it, too, where the fast model is in ``doubt`` and may have missed something, and above it by ``doubt_above``,
    where it may have taken a rebuke for the thing rebuked. ``band`` is one for all languages or one by language,
    ``default`` among them. With ``weight_fast`` the log odds of both are averaged inside the band, and ``scale`` and
    ``offset`` make a probability of the average again. Outside it, in doubt, the fast one has no say.
    """

    fast: Name
    accurate: Name
    band: Uncertain | dict[Language, Uncertain]
    label: str = "toxic"
    doubt: Doubt | None = None
    doubt_above: Doubt | None = None
    weight_fast: Annotated[float, Meta(ge=0.0, lt=1.0)] = 0.0
    scale: Annotated[float, Meta(gt=0.0)] = 1.0
    offset: float = 0.0

    @property
    def parts(self) -> tuple[str, str]:
        """Both names, the fast one first."""
        return self.fast, self.accurate

    @property
    def bands(self) -> Mapping[str, Uncertain]:
        """Bands by language."""
        return self.band if isinstance(self.band, dict) else {DEFAULT: self.band}

    @property
    def doubting(self) -> Mapping[str, Doubt]:
        """``doubt`` and ``doubt_above``, those there are, by key."""
        both = {"doubt": self.doubt, "doubt_above": self.doubt_above}
        return {key: doubt for key, doubt in both.items() if doubt}

    def band_of(self, language: str) -> Uncertain:
        """The band of ``language`` or of its nearest fallback."""
        bands = self.bands
        return next(bands[name] for name in fallbacks(language) if name in bands)

    def is_open(self, language: str, scores: Mapping[str, float], hidden: int = 0) -> bool:
        """Whether the accurate model decides where the fast one gave these scores.

        ``hidden``: at how many places the comment hid words, as ``model.hidden_in`` counts.
        """
        low, high = self.band_of(language)
        said = scores[self.label]
        if said < low:
            return self.doubt is not None and (hidden > 0 or scores[self.doubt.label] >= self.doubt.least)
        over = self.doubt_above
        return said <= high or (over is not None and scores[over.label] >= over.least)

    def averages(self, language: str, scores: Mapping[str, float]) -> bool:
        """Whether the fast model, which gave these scores to an open comment, has a say in what is decided."""
        low, high = self.band_of(language)
        return self.weight_fast > 0.0 and low <= scores[self.label] <= high


TABLES: Tables = {(Plan, "doubt"): Doubt, (Plan, "doubt_above"): Doubt}


def read_plans(raw: object) -> dict[str, Plan]:
    """The registry's ``cascade`` table. Raises ``ModelError``, with the key first."""
    if not isinstance(raw, dict):
        raise ModelError('cascade: must be tables, one a cascade: [cascade."both@1"]')
    plans = {name: _read_plan(f"cascade.{name}", name, table) for name, table in raw.items()}
    for name, plan in plans.items():
        for problem in _problems(plan, plans):
            raise ModelError(f"cascade.{name}.{problem}")
    return plans


def _read_plan(key: str, name: str, table: Any) -> Plan:
    try:
        msgspec.convert(name, Name)
    except msgspec.ValidationError:
        raise ModelError(f'{key}: a cascade is called as a model is: [cascade."both@1"]') from None
    for problem in unknown_keys(Plan, table, TABLES, f"{key}.") if isinstance(table, dict) else ():
        raise ModelError(problem)
    try:
        return msgspec.convert(table, Plan)
    except msgspec.ValidationError as error:
        raise ModelError(_explained(key, in_words(str(error), ""))) from None


def _explained(key: str, problem: str) -> str:
    """The same with the whole key, and an example of what to write."""
    if problem.startswith("band") and "missing" not in problem:
        return f"{key}.band: must be two scores like [0.1, 0.8], or {{ default = [0.1, 0.8], en = [0.2, 0.7] }}"
    if problem.startswith("doubt"):
        name = re.split(r"\W", problem)[0]
        return f'{key}.{name}: must be a label of the fast model and a score, {{ label = "implicit", least = 0.2 }}'
    if "matching regex" in problem:
        return f'{key}.{problem.partition(":")[0]}: must be a text like "fast@1"'
    return f"{key}{problem}" if problem.startswith(":") else f"{key}.{problem}"


def _problems(plan: Plan, plans: Collection[str]) -> Iterator[str]:
    """What contradicts itself, in plain words with the key first."""
    for key, part in (("fast", plan.fast), ("accurate", plan.accurate)):
        if part in plans:
            yield f"{key}: {part} is a cascade itself; a part must be one model"
    if plan.fast == plan.accurate:
        yield f"accurate: {plan.accurate} is the fast one too"
    for language, (low, high) in plan.bands.items():
        if low > high:
            yield f"band.{language}: {low:g} to {high:g} is upside down: write [{high:g}, {low:g}]"
    if DEFAULT not in plan.bands:
        yield "band.default is missing: the band of every language that is not named"
    if not plan.weight_fast and (plan.scale != 1.0 or plan.offset != 0.0):
        yield "scale: only with weight_fast; without it the accurate model's own probabilities count"


def disagreements(plan: Plan, fast: Manifest, accurate: Manifest) -> Iterator[str]:
    """Why these two cannot be a cascade, in plain words. The accurate model may have labels that the fast one lacks."""
    for model in (fast, accurate):
        if plan.label not in model.product_labels:
            near = nearest(plan.label, model.product_labels)
            yield f"label: {model.full_name} has no label {plan.label}{near}; the band lies on its score"
        elif plan.label in model.experimental:
            yield f"label: {plan.label} is experimental in {model.full_name}, so it can settle nothing"
    for key, doubt in plan.doubting.items():
        if doubt.label not in fast.product_labels:
            near = nearest(doubt.label, fast.product_labels)
            yield f"{key}.label: {fast.full_name} has no label {doubt.label}{near}; without it, leave {key} out"
    deciding = {label for table in fast.judged.values() for label in table}
    for label in sorted(deciding - accurate.product_labels.keys()):
        yield (
            f"labels: {fast.full_name} decides on {label}, which {accurate.full_name} does not have: comments in the "
            "band would lose it"
        )


def doubts(plan: Plan, fast: Manifest) -> Iterator[str]:
    """What is allowed and probably a mistake, in plain words."""
    for language, table in fast.judged.items():
        limits, (low, high) = table.get(plan.label), plan.band_of(language)
        if limits is not None and not low <= limits.threshold <= high:
            yield (
                f"band: {low:g} to {high:g} leaves out {limits.threshold:g}, where {fast.full_name} turns to toxic in "
                f"{language}: what it is least sure of, it settles"
            )
