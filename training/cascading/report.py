"""What was chosen for a cascade and what it brings, as JSON and as text. Called by ``training/band.py``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isnan
from typing import Any

import numpy as np

from mahlan.core.verdict import DEFAULT
from mahlan.scoring.plan import Plan
from training.cascading.bands import TOXIC_SHARE, Quality, Said, mix_weights, quality
from training.cascading.choice import Candidate, cascade_says, inside
from training.cascading.dev import Dev
from training.judging import markdown
from training.toml import toml_key, toml_text

AIM = 8.0
"""Times the accurate model's throughput that a cascade is for."""
BY_LANGUAGE = (
    "language as served", "rows", "escalated", "macro-F1 alone", "as a cascade", "precision alone", "as a cascade",
)  # fmt: skip


def facts(name: str, plan: Plan, dev: Dev, found: Sequence[Candidate], halves: Said) -> dict[str, Any]:
    """All but the throughput, for JSON."""
    held, says = inside(plan, dev), cascade_says(plan, dev)
    sides = {"fast": dev.fast.said, "accurate": dev.accurate.said, "cascade": says, "other half": halves}
    return {
        "cascade": name,
        "fast": plan.fast,
        "accurate": plan.accurate,
        "rows": len(dev.rows),
        "bands": {language: list(band) for language, band in plan.bands.items()},
        "stacking": {"weight_fast": plan.weight_fast, "scale": plan.scale, "offset": plan.offset},
        "escalated": {"dev": _round(held.mean()), "mix": _round(mix_weights(dev.truth)[held].sum())},
        "quality": {side: _quality(quality(dev.truth, said)) for side, said in sides.items()},
        "languages": list(_languages(dev, held, says)),
        "tried": [_tried(one) for one in found],
        "registry": registry_lines(name, plan),
    }


def registry_lines(name: str, plan: Plan) -> str:
    """The table to paste into registry.toml, below its other keys."""
    bands = {language: f"[{low:g}, {high:g}]" for language, (low, high) in plan.bands.items()}
    by_language = ", ".join(f"{toml_key(language)} = {band}" for language, band in bands.items())
    lines = [
        f"[cascade.{toml_text(name)}]",
        f"fast = {toml_text(plan.fast)}",
        f"accurate = {toml_text(plan.accurate)}",
        f"band = {bands[DEFAULT] if len(bands) == 1 else f'{{ {by_language} }}'}",
    ]
    if plan.weight_fast:
        lines += [f"weight_fast = {plan.weight_fast:g}", f"scale = {plan.scale:g}", f"offset = {plan.offset:g}"]
    return "\n".join(lines) + "\n"


def as_text(told: dict[str, Any]) -> str:
    """The facts for a person."""
    escalated, speed = told["escalated"], told["throughput"]
    tried = [[f"{one['weight_fast']:g}", f"{one['low']:g} to {one['high']:g}", f"{one['mix']:.2%}"]
             for one in told["tried"]]  # fmt: skip
    rates = f"{speed['accurate']:,} a second alone, {speed['cascade']:,} as a cascade: {speed['times']:.1f} times"
    parts = [
        f"{told['fast']}, then {told['accurate']}, on {told['rows']:,} rows of dev",
        markdown(["", "macro-F1", "precision of nudges"], _sides(told["quality"])),
        f"escalated: {escalated['dev']:.1%} of dev, {escalated['mix']:.1%} of a mix that is {TOXIC_SHARE:.0%} toxic",
        markdown(["weight of the fast model inside the band", "narrowest band", "of the mix inside"], tried),
        markdown(BY_LANGUAGE, [_language(line) for line in told["languages"]]),
        f"throughput on {speed['comments']:,} comments of that mix, one thread: {rates} (aim {AIM:g})",
        f"for registry.toml, below its other keys:\n\n{told['registry']}",
    ]
    return "\n\n".join(parts)


def _sides(told: dict[str, Any]) -> Iterator[list[str]]:
    names = {
        "fast": "the fast model alone", "accurate": "the accurate model alone", "cascade": "the cascade",
        "other half": "its band chosen on the other half of the rows",
    }  # fmt: skip
    for side, name in names.items():
        yield [name, _number(told[side]["macro_f1"], 4), _number(told[side]["precision"], 4)]


def _languages(dev: Dev, held: Any, says: Said) -> Iterator[dict[str, Any]]:
    for language in sorted(set(dev.languages.tolist())):
        rows = dev.languages == language
        truth = dev.truth[rows]
        if not 0 < truth.sum() < len(truth):
            continue
        yield {
            "language": language,
            "rows": len(truth),
            "escalated": _round(mix_weights(truth)[held[rows]].sum()),
            "accurate": _quality(quality(truth, dev.accurate.said.of(rows))),
            "cascade": _quality(quality(truth, says.of(rows))),
        }


def _tried(one: Candidate) -> dict[str, float]:
    band = one.band
    return {"weight_fast": one.plan.weight_fast, "low": band.low, "high": band.high, "mix": _round(band.of_mix)}


def _language(line: dict[str, Any]) -> list[str]:
    alone, now = line["accurate"], line["cascade"]
    return [
        line["language"], f"{line['rows']:,}", f"{line['escalated']:.1%}",
        *(_number(side[key]) for key in ("macro_f1", "precision") for side in (alone, now)),
    ]  # fmt: skip


def _quality(found: Quality) -> dict[str, float | None]:
    precision = None if isnan(found.precision) else _round(found.precision)
    return {"macro_f1": _round(found.macro_f1), "precision": precision}


def _number(value: float | None, places: int = 3) -> str:
    return "–" if value is None else f"{value:.{places}f}"


def _round(value: float | np.floating[Any]) -> float:
    return round(float(value), 4)
