"""The verdict: each language by its own limits, or its fallback's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahlan.core.verdict import Limits, fallbacks, judge

LIMITS = {
    "default": {"toxic": Limits(0.5, 0.8, 0.95), "threat": Limits(0.4, 0.6, 0.9)},
    "ar": {"toxic": Limits(0.3, 0.6, 0.9)},
    "arz-Latn": {"toxic": Limits(0.2, 0.5, 0.8)},
}


@pytest.mark.parametrize(
    ("language", "chain"),
    [
        ("arz-Latn", ("arz-Latn", "arz", "ar", "default")),
        ("arz", ("arz", "ar", "default")),
        ("ar-EG", ("ar-EG", "ar", "default")),
        ("en", ("en", "default")),
        ("mixed", ("mixed", "default")),
        ("und", ("und", "default")),
        ("default", ("default",)),
    ],
)
def test_a_language_falls_back_to_its_family_and_then_to_default(language: str, chain: tuple[str, ...]) -> None:
    assert fallbacks(language) == chain


@pytest.mark.parametrize(
    ("language", "score", "band"),
    [
        ("en", 0.49, "none"), ("en", 0.5, "low"), ("en", 0.8, "medium"), ("en", 0.95, "high"),
        ("arz", 0.3, "low"), ("arz", 0.29, "none"), ("arz-Latn", 0.5, "medium"), ("mixed", 0.3, "none"),
    ],
)  # fmt: skip
def test_the_band_is_the_languages(language: str, score: float, band: str) -> None:
    verdict = judge({"toxic": score}, language, LIMITS)
    assert verdict.band == band
    assert verdict.toxic == (band != "none")
    assert verdict.score == score


def test_the_label_furthest_over_its_threshold_names_the_verdict() -> None:
    assert judge({"toxic": 0.7, "threat": 0.7}, "en", LIMITS).label == "threat"
    assert judge({"toxic": 0.96, "threat": 0.7}, "en", LIMITS).label == "toxic"


def test_a_near_miss_has_no_label_but_its_score() -> None:
    verdict = judge({"toxic": 0.1, "threat": 0.39}, "en", LIMITS)
    assert (verdict.toxic, verdict.label, verdict.band, verdict.score) == (False, None, "none", 0.39)


def test_a_label_without_limits_takes_no_part() -> None:
    assert judge({"sarcasm": 1.0}, "en", LIMITS).toxic is False


@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from(["ar", "arz", "arz-Latn", "en", "mixed", "und", "fr"]))
def test_more_toxic_is_never_a_lower_band(one: float, other: float, language: str) -> None:
    order = ("none", "low", "medium", "high")
    low, high = sorted([one, other])
    bands = [order.index(judge({"toxic": score}, language, LIMITS).band) for score in (low, high)]
    assert bands == sorted(bands)
