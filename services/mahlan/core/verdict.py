"""From scores to a verdict. Called by the scoring core, and so by the scorer, the gateway and the CLI.

Limits come from the model's manifest, per language and label. A language without limits of its own uses its
fallback's: Arabizi (``arz-Latn``) and the Arabic varieties end at ``ar``, everything ends at ``default``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from mahlan.events.comment import Band, Verdict

DEFAULT = "default"

ARABIC_VARIETIES = frozenset(
    {"acm", "acw", "aeb", "afb", "ajp", "apc", "apd", "arb", "arq", "ars", "ary", "arz", "ayl"}
)
"""ISO 639-3 members of the macrolanguage ``ar`` that comments are likely to come in."""


@dataclass(frozen=True, slots=True)
class Limits:
    """A label's limits: scores in 0..1, ``threshold <= medium <= high``.

    At or over ``threshold`` the comment is toxic by this label and the band is ``low`` until ``medium`` is reached.
    """

    threshold: float
    medium: float
    high: float


Thresholds = Mapping[str, Mapping[str, Limits]]
"""Language (or ``default``) to label to limits."""


@lru_cache(maxsize=256)
def fallbacks(language: str) -> tuple[str, ...]:
    """The languages whose limits apply to ``language``, best first; the last is always ``default``.

    >>> fallbacks("arz-Latn")
    ('arz-Latn', 'arz', 'ar', 'default')
    """
    if language in ("mixed", "und", DEFAULT):
        return (language, DEFAULT) if language != DEFAULT else (DEFAULT,)
    parts = language.split("-")
    chain = ["-".join(parts[:n]) for n in range(len(parts), 0, -1)]
    if parts[0] in ARABIC_VARIETIES:
        chain.append("ar")
    return (*chain, DEFAULT)


def limits_of(label: str, language: str, thresholds: Thresholds) -> Limits | None:
    """The limits of ``label`` in ``language`` or its nearest fallback; None when no verdict may rest on the label."""
    for name in fallbacks(language):
        limits = thresholds.get(name, {}).get(label)
        if limits is not None:
            return limits
    return None


def judge(scores: Mapping[str, float], language: str, thresholds: Thresholds) -> Verdict:
    """The verdict on one comment: its label is the one furthest over its threshold, bands first.

    Where no label reaches its threshold, ``score`` is that of the label nearest to it, so that a near miss can be
    seen. Labels without limits take no part. Pure; the order of ``scores`` settles ties.
    """
    best: tuple[int, float] = (-1, -2.0)
    label, score = "", 0.0
    for name, value in scores.items():
        limits = limits_of(name, language, thresholds)
        if limits is None:
            continue
        rank = (_level(value, limits), value - limits.threshold)
        if rank > best:
            best, label, score = rank, name, value
    level = best[0]
    if level < 1:
        return Verdict(toxic=False, score=score)
    return Verdict(toxic=True, label=label, band=_BANDS[level], score=score)


def fair_verdict(verdict: Verdict, signals: Sequence[str]) -> Verdict:
    """What counts of a verdict: of words that may be a sign of self-harm, nothing. Nobody in danger is called toxic."""
    return Verdict(toxic=False) if "self_harm" in signals else verdict


_BANDS: tuple[Band, ...] = ("none", "low", "medium", "high")


def _level(score: float, limits: Limits) -> int:
    if score >= limits.high:
        return 3
    if score >= limits.medium:
        return 2
    return 1 if score >= limits.threshold else 0
