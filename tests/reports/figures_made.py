"""Figures of an invented campaign, as insights would serve them: from simulated authors and core's own statistics.

``python -m tests.reports.figures_made`` writes examples/insights.json.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from mahlan.core.experiment.effects import Pace, effects
from mahlan.core.experiment.observation import HOLDOUT
from mahlan.core.experiment.plan import Plan
from mahlan.core.experiment.ratio import sample_ratio
from mahlan.simulation.behaviour import Behaviour, kinds_of
from mahlan.simulation.looks import Setup, draw, pairs_at_looks

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "insights.json"
LANGUAGES = {"arz": 5000, "ar": 2200, "arz-Latn": 1600, "en": 1200}
ARMS = {"plain": -0.05, "highlight": -0.08, "norm": -0.03, "creator": -0.16}
PLAN = Plan(holdout=0.1, languages=tuple(LANGUAGES), arms=tuple(ARMS), authors=20_000)


def made(scale: float = 1.0, *, held_out: float = 0.1, seed: int = 6) -> dict[str, Any]:
    """The JSON of insights with ``scale`` times ten thousand authors."""
    groups = {}
    for at, (language, authors) in enumerate(LANGUAGES.items()):
        for number, (arm, effect) in enumerate(ARMS.items()):
            setup = Setup(authors=round(authors * scale / 4), looks=1, held_out=held_out, planned_share=held_out)
            rng = np.random.default_rng([seed, at, number])
            pair = next(iter(pairs_at_looks(draw(kinds_of(Behaviour(effect_toxic_posted=effect)), setup, rng), 1)))
            groups[language, arm] = pair.treated
            groups[language, HOLDOUT] = pair.control if number == 0 else _sum(groups[language, HOLDOUT], pair.control)
    treated = sum(totals.n for (_, arm), totals in groups.items() if arm != HOLDOUT)
    holdout = sum(totals.n for (_, arm), totals in groups.items() if arm == HOLDOUT)
    return {
        "campaign": "fakkar-eg",
        "as_of": datetime(2026, 11, 29, 12, tzinfo=UTC).isoformat().replace("+00:00", "Z"),
        "data_age_seconds": 3.2,
        "complete": True,
        "partitions": {"answered": 4, "all": 4},
        "nudges": {
            "outcomes": _outcomes(treated),
            "revisions": {"less": round(treated * 0.12), "same": round(treated * 0.02), "more": 9, "trick": 31},
        },
        "effect": msgspec.to_builtins(effects(groups, PLAN, Pace(authors_per_day=410.0))),
        "sample_ratio": msgspec.to_builtins(sample_ratio(treated, holdout, 0.1)),
        "budget": [
            {"language": "arz", "shown": 6100, "disputed": 61, "rate": 0.01, "allowed": 0.02, "brake": "released"},
            {"language": "arz-Latn", "shown": 1900, "disputed": 59, "rate": 0.031, "allowed": 0.02, "brake": "raised"},
        ],
    }


def _outcomes(treated: int) -> dict[str, int]:
    shares = {"revised": 0.16, "cancelled": 0.05, "sent_unchanged": 0.7, "disputed": 0.014, "open": 0.05}
    counted = {name: round(treated * share) for name, share in shares.items()}
    return {"shown": treated, **counted, "unknown": round(treated * 0.04)}


def _sum(one: Any, other: Any) -> Any:
    from mahlan.core.experiment.totals import merge

    return merge(one, other)


if __name__ == "__main__":
    EXAMPLE.write_text(json.dumps(made(), indent=2) + "\n", "utf-8")
