"""Are as many authors held out as were meant to be? If not, the arms do not compare, whatever their means say.

Called by insights (``sample_ratio``) and the simulator. The test is the Dirichlet-multinomial one of Lindon and Malek,
"Anytime-valid inference for multinomial count data", NeurIPS 2022, arXiv 2011.03567: the Bayes factor of shares drawn
around the planned ones against the planned ones themselves. Under the plan it is a martingale that begins at 1, so by
Ville's inequality the chance that it *ever* reaches 1 / alpha is at most alpha, however often it is looked at.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

ALPHA = 0.001
"""How often, at most, the alarm is raised in an experiment whose ratio is right."""

STRENGTHS = (30.0, 300.0, 3000.0, 30000.0)
"""How close to the plan a mismatch is sought: weights of the prior, in authors. The mean of several such martingales is
one too; small weights find gross mismatches soon, large ones find small mismatches in the end."""

MOST = 1e12
"""Beyond this the e-value is no longer told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRatio:
    """Authors entered, against the plan."""

    treated: int
    holdout: int
    #: The holdout's planned share.
    expected_share: float
    #: 1: nothing speaks against the plan; 1,000: an alarm.
    e_value: float
    alarm: bool


def sample_ratio(treated: int, holdout: int, expected_share: float) -> SampleRatio:
    """The check on authors who entered; ``expected_share`` is the holdout's, between 0 and 1 and neither."""
    found = e_value((treated, holdout), (1 - expected_share, expected_share))
    return SampleRatio(
        treated=treated, holdout=holdout, expected_share=expected_share, e_value=found, alarm=found >= 1 / ALPHA
    )


def e_value(counts: Sequence[int], shares: Sequence[float]) -> float:
    """How much better other shares explain these counts than the planned ``shares`` (each above 0, of sum 1)."""
    return math.exp(min(log_e_value(counts, shares), math.log(MOST)))


def log_e_value(counts: Sequence[int], shares: Sequence[float]) -> float:
    """Its natural logarithm, which needs no upper bound."""
    logs = [_log_bayes_factor(counts, shares, strength) for strength in STRENGTHS]
    largest = max(logs)
    return largest + math.log(sum(math.exp(one - largest) for one in logs) / len(logs))


def _log_bayes_factor(counts: Sequence[int], shares: Sequence[float], strength: float) -> float:
    """Log of Gamma(k)/Gamma(k + n) * product of Gamma(k s + c)/Gamma(k s) / s**c, for each share s and its count c."""
    log = math.lgamma(strength) - math.lgamma(strength + sum(counts))
    for count, share in zip(counts, shares, strict=True):
        log += math.lgamma(strength * share + count) - math.lgamma(strength * share) - count * math.log(share)
    return log
