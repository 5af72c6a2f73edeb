"""The rows of a campaign: families and their levels, "not enough yet", how long until, and arms within languages."""

from __future__ import annotations

import json

import msgspec
import pytest

from mahlan.core.experiment.effects import Pace, effects
from mahlan.core.experiment.observation import HOLDOUT, MEASURES
from mahlan.core.experiment.plan import Plan
from mahlan.core.experiment.sequences import factor
from mahlan.core.experiment.start import LEAST_AUTHORS, LEAST_EVENTS, LEAST_EXPECTED
from mahlan.core.experiment.totals import Sums, Totals

PLAN = Plan(holdout=0.1, languages=("arz", "en"), arms=("plain", "norm", "creator"), authors=10_000)
ALONE = Plan(holdout=0.1, languages=("arz",), arms=("plain",), authors=10_000)


def group(n, toxic, *, offences=0.5, volume=4.0):
    """``n`` authors, a share of whom posted what hurts; half of them offended again, all posted."""
    yes, again = round(n * toxic), round(n * offences)
    return Totals(
        n=n,
        toxic_posted=Sums(total=yes, squares=yes, with_before=5 * yes, positive=yes),
        cancelled=Sums(total=n - yes, squares=n - yes, with_before=5 * (n - yes), positive=n - yes),
        later_offences=Sums(total=again, squares=again, with_before=5 * again, positive=again),
        volume=Sums(total=volume * n, squares=2 * volume**2 * n, with_before=5 * volume * n, positive=n),
        before=5 * n,
        before_squares=30 * n,
    )


def first(groups, plan=ALONE, **more):
    return effects(groups, plan, **more)[0]


def test_a_clear_effect_is_told_with_its_interval():
    row = first({("arz", "plain"): group(9000, 0.7), ("arz", HOLDOUT): group(1000, 0.95)})
    assert (row.measure, row.language, row.arm, row.against, row.role) == (
        "toxic_posted",
        None,
        "all",
        HOLDOUT,
        "primary",
    )
    assert row.state == "lower"
    assert row.difference == pytest.approx(-0.25)
    assert row.low < -0.25 < row.high < 0
    assert (row.treated.mean, row.control.mean) == pytest.approx((0.7, 0.95))
    assert (row.level, row.authors_needed, row.days_needed) == (0.95, None, None)


def test_the_interval_is_as_wide_as_the_sequence_says():
    row = first({("arz", "plain"): group(900, 0.7), ("arz", HOLDOUT): group(100, 0.9)})
    share, held = 631 / 902, 91 / 102
    error = (share * (1 - share) / 900 + held * (1 - held) / 100) ** 0.5
    assert (row.high - row.low) / 2 == pytest.approx(factor(0.1, 0.05) * error)


def test_harm_is_told_too():
    groups = {("arz", "plain"): group(9000, 0.95), ("arz", HOLDOUT): group(1000, 0.7)}
    assert first(groups).state == "higher"


def test_no_effect_is_undecided_until_the_plan_and_then_nothing_is_waited_for():
    half = {("arz", "plain"): group(4500, 0.9), ("arz", HOLDOUT): group(500, 0.9)}
    row = first(half, pace=Pace(authors_per_day=250))
    assert (row.state, row.authors_needed, row.days_needed) == ("undecided", 10_000, 20.0)
    whole = {("arz", "plain"): group(9000, 0.9), ("arz", HOLDOUT): group(1000, 0.9)}
    row = first(whole, pace=Pace(authors_per_day=250))
    assert (row.state, row.authors_needed, row.days_needed) == ("undecided", None, None)


def test_not_enough_shows_no_number_to_peek_at_and_says_how_long():
    groups = {("arz", "plain"): group(450, 0.5), ("arz", HOLDOUT): group(50, 1.0)}
    row = first(groups, pace=Pace(authors_per_day=100))
    assert row.state == "not_enough"
    assert (row.difference, row.low, row.high, row.treated.mean, row.control.mean) == (None,) * 5
    assert (row.treated.authors, row.control.authors) == (450, 50)
    assert (row.authors_needed, row.days_needed) == (1000, 5.0)


def test_too_few_of_the_rarer_answer_are_not_enough_either():
    """Of 10,000 authors 50 answered so: of the thousand held out five are expected, and ten are needed."""
    groups = {("arz", "plain"): group(9000, 1 - 50 / 9000), ("arz", HOLDOUT): group(1000, 1.0)}
    row = first(groups, pace=Pace(authors_per_day=1000))
    assert (row.state, row.authors_needed, row.days_needed) == ("not_enough", 20_000, 10.0)
    assert LEAST_EXPECTED == 10


def test_a_count_needs_authors_with_any_in_each_arm():
    groups = {("arz", "plain"): group(9000, 0.9, offences=0.1), ("arz", HOLDOUT): group(1000, 0.9, offences=0.02)}
    later = effects(groups, ALONE, Pace(authors_per_day=1000))[2]
    assert (later.measure, later.state, later.authors_needed) == ("later_offences", "not_enough", 25_000)
    assert LEAST_EVENTS == 50


def test_an_arm_that_may_have_none_is_no_obstacle():
    """Nobody held out cancels because of a question."""
    groups = {("arz", "plain"): group(9000, 0.9), ("arz", HOLDOUT): group(1000, 1.0)}
    cancelled = effects(groups, ALONE)[1]
    assert (cancelled.measure, cancelled.state) == ("cancelled", "higher")


def test_before_the_first_author_is_closed_it_is_known_how_long_it_takes():
    row = first({}, pace=Pace(authors_per_day=500, days_until_first=6.5))
    assert (row.state, row.authors_needed) == ("not_enough", LEAST_AUTHORS * 10)
    assert row.days_needed == pytest.approx(6.5 + 2)
    assert first({}).days_needed is None


def test_when_nothing_ever_happens_nobody_can_tell_how_long():
    groups = {("arz", "plain"): group(9000, 1.0), ("arz", HOLDOUT): group(1000, 1.0)}
    row = first(groups, pace=Pace(authors_per_day=500))
    assert (row.state, row.authors_needed, row.days_needed) == ("not_enough", None, None)


def everything():
    return {
        (language, arm): group(2000, toxic)
        for language in ("arz", "en", "und")
        for arm, toxic in (("plain", 0.8), ("norm", 0.8), ("creator", 0.6), (HOLDOUT, 0.95))
    }


def test_every_family_shares_its_alpha():
    rows = effects(everything(), PLAN)
    levels = {(row.role, row.language is None, row.against == HOLDOUT, row.arm == "all"): row.level for row in rows}
    assert levels == {
        ("primary", True, True, True): pytest.approx(0.95),
        ("secondary", True, True, True): pytest.approx(1 - 0.05 / 3),
        ("exploratory", False, True, True): pytest.approx(1 - 0.05 / 3),  # two languages and the others
        ("exploratory", True, True, False): pytest.approx(1 - 0.05 / 3),  # three arms
        ("exploratory", True, False, False): pytest.approx(1 - 0.05 / 3),  # three pairs of arms
    }
    assert [row.role for row in rows].count("primary") == 1
    assert [row.measure for row in rows[:4]] == list(MEASURES)


def test_languages_that_the_campaign_does_not_name_are_one_row():
    rows = [row for row in effects(everything(), PLAN) if row.measure == "toxic_posted" and row.language]
    assert [(row.language, row.treated.authors) for row in rows] == [("arz", 6000), ("en", 6000), ("other", 6000)]


def test_arms_are_compared_with_the_holdout_and_with_each_other():
    rows = {(row.arm, row.against): row for row in effects(everything(), PLAN) if row.measure == "toxic_posted"}
    assert rows["creator", HOLDOUT].difference == pytest.approx(-0.35)
    assert rows["creator", "plain"].state == "lower"
    assert rows["norm", "plain"].state == "undecided"
    assert {pair for pair in rows if pair[1] != HOLDOUT} == {
        ("norm", "plain"), ("creator", "plain"), ("creator", "norm")
    }  # fmt: skip


def test_an_arm_of_one_language_is_compared_in_that_language():
    groups = {
        ("arz", "creator"): group(2000, 0.9),
        ("arz", "plain"): group(2000, 0.9),
        ("arz", HOLDOUT): group(500, 0.9),
        ("en", "plain"): group(4000, 0.2),
        ("en", HOLDOUT): group(500, 0.2),
    }
    rows = {(row.arm, row.against): row for row in effects(groups, PLAN) if row.measure == "toxic_posted"}
    for against in (HOLDOUT, "plain"):
        assert rows["creator", against].difference == pytest.approx(0.0)
    assert rows["creator", HOLDOUT].control.authors == 500


def test_what_would_only_repeat_the_first_rows_is_left_out():
    assert len(effects({}, ALONE)) == len(MEASURES)


def test_rows_are_plain_json():
    text = json.dumps(msgspec.to_builtins(effects(everything(), PLAN)), allow_nan=False)
    assert json.loads(text)[0]["treated"] == {"authors": 18_000, "mean": pytest.approx(0.7333, abs=1e-3)}


def test_a_language_nobody_has_written_yet_is_not_promised_for_a_day():
    groups = {key: totals for key, totals in everything().items() if key[0] == "arz"}
    rows = effects(groups, PLAN, Pace(authors_per_day=100))
    assert {row.language for row in rows} == {None, "arz", "en"}
    waiting = next(row for row in rows if row.language == "en")
    assert (waiting.state, waiting.days_needed) == ("not_enough", None)
    assert waiting.level == pytest.approx(1 - 0.05 / 3)
