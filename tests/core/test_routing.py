"""Which model decides: by language, and for the canary's share of the authors."""

from __future__ import annotations

import pytest

from mahlan.core.assignment import in_holdout
from mahlan.core.routing import Routes, Trial, champion_of, in_trial, model_for

AUTHORS = [f"author-{number:05}" for number in range(4000)]
CHAMPIONS = {"default": "fast@1", "ar": "arabic@3", "en": "english@2"}


def share_of(routes: Routes, model: str, language: str = "en") -> float:
    return sum(model_for(author, language, routes) == model for author in AUTHORS) / len(AUTHORS)


@pytest.mark.parametrize(
    ("language", "model"),
    [("en", "english@2"), ("en-GB", "english@2"), ("arz-Latn", "arabic@3"), ("arz", "arabic@3"), ("ar", "arabic@3"),
     ("mixed", "fast@1"), ("und", "fast@1"), ("fr", "fast@1")],
)  # fmt: skip
def test_a_language_has_its_own_champion_or_its_fallbacks(language, model):
    assert champion_of(language, CHAMPIONS) == model
    assert model_for("anyone", language, Routes(CHAMPIONS)) == model


def test_the_canary_decides_for_its_share_of_the_authors():
    routes = Routes(CHAMPIONS, Trial("fast@2", 0.2))
    assert share_of(routes, "fast@2") == pytest.approx(0.2, abs=0.02)
    assert share_of(routes, "english@2") == pytest.approx(0.8, abs=0.02)


@pytest.mark.parametrize(("share", "found"), [(0.0, 0.0), (1.0, 1.0)])
def test_nobody_and_everybody(share, found):
    assert share_of(Routes(CHAMPIONS, Trial("fast@2", share)), "fast@2") == found


def test_growing_the_share_keeps_those_who_are_in():
    small, large = (Trial("fast@2", share) for share in (0.05, 0.3))
    inside = {author for author in AUTHORS if in_trial(author, small)}
    assert inside
    assert all(in_trial(author, large) for author in inside)


def test_another_canary_and_another_salt_pick_others():
    first = {author for author in AUTHORS if in_trial(author, Trial("fast@2", 0.1))}
    for other in (Trial("fast@3", 0.1), Trial("fast@2", 0.1, salt="again")):
        both = first & {author for author in AUTHORS if in_trial(author, other)}
        assert len(both) < 0.25 * len(first)


def test_the_holdout_is_not_the_canary():
    inside = [author for author in AUTHORS if in_trial(author, Trial("fast@2", 0.5))]
    held = sum(in_holdout(author, "fakkar-eg", "fast@2", 0.5) for author in inside)
    assert held / len(inside) == pytest.approx(0.5, abs=0.05)


def test_a_canary_keeps_to_its_languages():
    routes = Routes(CHAMPIONS, Trial("fast@2", 1.0, languages=("ar",)))
    assert model_for("anyone", "arz-Latn", routes) == "fast@2"
    assert model_for("anyone", "en", routes) == "english@2"
    assert model_for("anyone", "mixed", routes) == "fast@1"
