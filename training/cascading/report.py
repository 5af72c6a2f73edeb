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
from training.cascading.dev import Dev, Known
from training.judging import markdown
from training.toml import toml_key, toml_text

AIM = 8.0
"""Times the accurate model's throughput that a cascade is for."""
BY_LANGUAGE = (
    "language as served", "rows", "escalated", "macro-F1 alone", "as a cascade", "precision alone", "as a cascade",
)  # fmt: skip


Prices = Sequence[tuple[float, Candidate]]


def facts(
    name: str, plan: Plan, known: Known, found: Sequence[Candidate], halves: tuple[Said, Said], prices: Prices
) -> dict[str, Any]:
    """All but the throughput, for JSON."""
    dev, suite = known.dev, known.suite
    held, says = inside(plan, dev), cascade_says(plan, dev)
    both = ("fast", "accurate", "cascade", "other half")
    on_dev = dict(zip(both, (dev.fast.said, dev.accurate.said, says, halves[0]), strict=True))
    cases = (suite.fast.said, suite.accurate.said, cascade_says(plan, suite), halves[1])
    return {
        "cascade": name,
        "fast": plan.fast,
        "accurate": plan.accurate,
        "rows": len(dev.rows),
        "cases": len(suite.rows),
        "bands": {language: list(band) for language, band in plan.bands.items()},
        "doubt": plan.doubt.least if plan.doubt else None,
        "doubt_above": plan.doubt_above.least if plan.doubt_above else None,
        "stacking": {"weight_fast": plan.weight_fast, "scale": plan.scale, "offset": plan.offset},
        "escalated": {
            "dev": _round(held.mean()),
            "mix": _round(mix_weights(dev.truth)[held].sum()),
            "suite": _round(inside(plan, suite).mean()) if suite.rows else None,
        },
        "quality": {side: _quality(quality(dev.truth, said)) for side, said in on_dev.items()},
        "suite": {side: suite_rates(suite, said) for side, said in zip(both, cases, strict=True)},
        "languages": list(_languages(dev, held, says)),
        "tried": [_tried(one, known) for one in found],
        "prices": [{"suite_loss": price, **_tried(one, known)} for price, one in prices],
        "registry": registry_lines(name, plan),
    }


def suite_rates(suite: Dev, said: Said) -> dict[str, float | None]:
    """Shares of the cases that pass at the nudge, of the hurtful that are found and of the harmless left alone."""
    passed, toxic = suite.passes(said), suite.truth == 1
    sides = {"passed": passed, "found": passed[toxic], "left alone": passed[~toxic]}
    return {side: _round(own.mean()) if len(own) else None for side, own in sides.items()}


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
    for key, doubt in plan.doubting.items():
        lines.append(f"{key} = {{ label = {toml_text(doubt.label)}, least = {doubt.least:g} }}")
    if plan.weight_fast:
        lines += [f"weight_fast = {plan.weight_fast:g}", f"scale = {plan.scale:g}", f"offset = {plan.offset:g}"]
    return "\n".join(lines) + "\n"


def as_text(told: dict[str, Any]) -> str:
    """The facts for a person."""
    escalated, speed = told["escalated"], told["throughput"]
    rates = f"{speed['accurate']:,} a second alone, {speed['cascade']:,} as a cascade: {speed['times']:.1f} times"
    shares = f"{escalated['dev']:.1%} of dev, {escalated['mix']:.1%} of a mix that is {TOXIC_SHARE:.0%} toxic"
    heads = ("macro-F1", "precision of nudges", "suite passed", "found", "left alone")
    band = ("narrowest band", "doubt from", "of the mix escalated", *heads[:3])
    parts = [
        f"{told['fast']}, then {told['accurate']}, on {told['rows']:,} rows of dev and {told['cases']:,} cases",
        markdown(["", *heads], _sides(told)),
        f"escalated: {shares}",
        markdown(["weight of the fast model inside the band", *band], _lines(told["tried"], "weight_fast")),
        "what the suite costs: the loss of it that is allowed, and the band then",
        markdown(["loss of the suite allowed", *band], _lines(told["prices"], "suite_loss")),
        markdown(BY_LANGUAGE, [_language(line) for line in told["languages"]]),
        f"throughput on {speed['comments']:,} comments of that mix, one thread: {rates} (aim {AIM:g})",
        f"for registry.toml, below its other keys:\n\n{told['registry']}",
    ]
    return "\n\n".join(parts)


def _lines(tried: Sequence[dict[str, Any]], key: str) -> Iterator[list[str]]:
    for one in tried:
        numbers = [_number(one[name], 4) for name in ("macro_f1", "precision", "passed")]
        doubt = _number(one["doubt"])
        yield [f"{one[key]:g}", f"{one['low']:g} to {one['high']:g}", doubt, f"{one['mix']:.2%}", *numbers]


def _sides(told: dict[str, Any]) -> Iterator[list[str]]:
    names = {
        "fast": "the fast model alone", "accurate": "the accurate model alone", "cascade": "the cascade",
        "other half": "its band chosen on the other half of rows and phrasings",
    }  # fmt: skip
    for side, name in names.items():
        own = {**told["quality"][side], **told["suite"][side]}
        yield [name, *(_number(own[key], 4) for key in ("macro_f1", "precision", "passed", "found", "left alone"))]


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


def _tried(one: Candidate, known: Known) -> dict[str, float | None]:
    band, (said, cases) = one.band, one.says(known)
    return {
        "weight_fast": one.plan.weight_fast,
        "doubt": one.plan.doubt.least if one.plan.doubt else None,
        "low": band.low,
        "high": band.high,
        "mix": _round(band.of_mix),
        **_quality(quality(known.dev.truth, said)),
        "passed": suite_rates(known.suite, cases)["passed"],
    }


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
