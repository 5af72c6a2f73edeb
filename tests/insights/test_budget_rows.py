"""Which languages the board's budget has a row for."""

from __future__ import annotations

from datetime import timedelta

from mahlan.core.budget import Counts, bucket_of
from mahlan.events.brake import BrakeSet
from mahlan.insights.budget import budget_rows
from tests.core.insights.stories import NOON
from tests.core.policy_cases import campaign

NOW = bucket_of(NOON)
DAYS = timedelta(days=1) // timedelta(minutes=5)


def brake(language: str, level: str) -> BrakeSet:
    return BrakeSet(
        campaign="c", language=language, level=level, set_by="insights", code="burning_1h", reason="-", set_at=NOON
    )  # type: ignore[arg-type]


def languages(counters, brakes=None) -> list[str]:
    told = budget_rows(campaign(languages=("arz", "en")), counters, NOON, brakes)
    return [row["language"] for row in told]


def test_each_language_of_the_campaign_has_a_row():
    assert languages({}) == ["arz", "en"]


def test_another_has_one_while_it_was_shown_in_of_late():
    shown = Counts(shown=1)
    assert languages({"mixed": {NOW: shown}}) == ["arz", "en", "mixed"]
    assert languages({"mixed": {NOW - 2 * DAYS: shown}}) == ["arz", "en", "mixed"]
    assert languages({"mixed": {NOW - 4 * DAYS: shown}}) == ["arz", "en"], "nobody can tell when it is pruned"


def test_another_has_one_while_its_brake_is_on():
    assert languages({}, {"mixed": brake("mixed", "paused")}) == ["arz", "en", "mixed"]
    assert languages({}, {"mixed": brake("mixed", "released")}) == ["arz", "en"]
