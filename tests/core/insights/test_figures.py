"""From sums to the numbers of a board: rows, days, hours, growth, and the evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from mahlan.core.budget import Counts
from mahlan.core.campaign import Campaign, Experiment, Hashtags, Holdout
from mahlan.core.experiment.observation import HOLDOUT, Observation
from mahlan.core.experiment.totals import total
from mahlan.core.insights.evidence import budget_buckets, effect_rows, ratio_row
from mahlan.core.insights.figures import HOURS_SHOWN, Sums, challenge_figures, nudge_figures, shown_days
from mahlan.core.insights.terms import DAY_MS, Patience, Terms, terms_of
from tests.core.insights.stories import NOON, TERMS, decision, outcome, told
from tests.core.policy_cases import campaign


@dataclass(frozen=True)
class Counted:
    estimate: int
    low: int = 0
    high: int = 0


def count(parts) -> Counted:
    """Stands for the sketches: each part is one author."""
    return Counted(len(parts), len(parts), len(parts))


def sums(*events) -> Sums:
    _, tally = told(*events)
    found = Sums()
    for (_, window), counts in tally.counts.items():
        found.windows[window] = counts
    for _, window, name in tally.seen:
        found.sketches[window, name] = [b""]
    return found


def post(comment: str, days: float, **changes):
    return decision(comment, hours=24 * days, hashtags=("practicethepause",), **changes)


def test_days_are_all_from_the_first_to_today_and_empty_ones_are_told():
    found = sums(post("c-1", -3), post("c-2", -1))
    assert shown_days(found, TERMS, NOON) == ["2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20"]
    rows = challenge_figures(found, TERMS, NOON, count)["by_day"]
    assert [(row["posts"], row["joiners"], row["authors"]) for row in rows] == [
        (1, 1, 1),
        (0, 0, 0),
        (1, 0, 1),
        (0, 0, 0),
    ]
    assert shown_days(Sums(), TERMS, NOON) == []


def test_hours_are_the_last_seventy_two_in_utc():
    rows = challenge_figures(sums(post("c-1", 0), post("c-2", -2.5), post("c-3", -4)), TERMS, NOON, count)["by_hour"]
    assert len(rows) == HOURS_SHOWN
    assert rows[-1] == {"hour": "2026-11-20T12:00:00Z", "posts": 1, "joiners": 0}
    assert rows[0]["hour"] == "2026-11-17T13:00:00Z"
    assert sum(row["posts"] for row in rows) == 2


def test_hashtags_are_told_as_the_campaign_spells_them_used_or_not():
    rows = challenge_figures(sums(post("c-1", 0)), TERMS, NOON, count)["by_hashtag"]
    assert rows == [
        {"hashtag": "#Practicethepause", "posts": 1, "joiners": 1, "authors": 1},
        {"hashtag": "#فكر_قبل_ما_تنشر", "posts": 0, "joiners": 0, "authors": 0},
    ]


def test_growth_is_of_joiners_by_the_campaigns_days():
    days = {0: 3, -1: 2, -6: 1, -7: 5, -13: 4, -14: 9}
    posts = [
        post(f"c-{day}-{number}", day, author_key=f"author-{day}-{number}")
        for day, times in days.items()
        for number in range(times)
    ]
    tallies = [told(one)[1] for one in posts]
    found = Sums()
    for tally in tallies:
        for (_, window), counts in tally.counts.items():
            kept = found.windows.setdefault(window, {})
            for name, number in counts.items():
                kept[name] = kept.get(name, 0) + number
    growth = challenge_figures(found, TERMS, NOON, count)["growth"]
    assert growth == {"today": 3, "yesterday": 2, "week": 6, "week_before": 9}


def test_nudges_are_told_by_what_they_are_counted_by():
    events = [decision("c-1", "nudge"), outcome("c-1", "revised", hours=0.1), decision("c-2", language="en")]
    told_ = nudge_figures(sums(*events, decision("c-1", revision=1, hours=0.2)), TERMS, NOON)
    assert told_["comments"] == 2
    assert told_["decisions"] == {"none": 2, "nudge": 1, "holdout": 0, "suppress": 0}
    assert told_["reasons"] == {"not_toxic": 2, "over_band": 1}
    assert told_["outcomes"] == {
        "shown": 1,
        "revised": 1,
        "cancelled": 0,
        "sent_unchanged": 0,
        "disputed": 0,
        "unknown": 0,
        "open": 0,
    }
    assert told_["revisions"] == {"less": 1, "same": 0, "more": 0, "trick": 0}
    ended = {"revised": 1, "cancelled": 0, "sent_unchanged": 0, "disputed": 0}
    assert told_["by_language"] == [
        {"language": "arz", "comments": 1, "nudges": 1, **ended},
        {"language": "en", "comments": 1, "nudges": 0, **ended, "revised": 0},
    ]
    assert told_["by_arm"] == [{"arm": "plain", "nudges": 1, **ended}]
    assert told_["by_label"] == [{"label": "insult", "nudges": 1}]
    assert told_["by_surface"] == [{"surface": "comment", "comments": 2, "nudges": 1}]
    assert told_["by_creator"] == []
    assert told_["by_day"] == [{"day": "2026-11-20", "comments": 2, "nudges": 1, "holdouts": 0}]


def test_a_nudge_without_an_ending_is_open():
    assert nudge_figures(sums(decision("c-1", "nudge")), TERMS, NOON)["outcomes"]["open"] == 1


def observation(arm: str, toxic: int) -> Observation:
    return Observation(
        campaign="c", arm=arm, language="arz", toxic_posted=toxic, cancelled=0, later_offences=0, volume=3, before=1.0
    )


def experiment(**changes) -> Campaign:
    return campaign(holdout=Holdout(share=0.1, salt="a-salt-for-tests"), **changes)


def test_effects_are_told_with_how_long_until_there_is_enough():
    found = sums(decision("c-1", "nudge", hours=-24 * 8), decision("c-2", "nudge", hours=-30, author_key="author-2"))
    found.totals["arz", "plain"] = total([observation("plain", 1)])
    rows = effect_rows(found, experiment(), terms_of(experiment()), NOON, Patience())
    assert rows[0]["measure"] == "toxic_posted"
    assert (rows[0]["state"], rows[0]["difference"], rows[0]["treated"]["authors"]) == ("not_enough", None, 1)
    assert rows[0]["days_needed"] is not None


def test_the_first_answer_waits_for_the_outcomes_of_the_last_day_too():
    found = sums(decision("c-1", "nudge", hours=-48))
    day = effect_rows(found, experiment(), terms_of(experiment()), NOON, Patience())[0]["days_needed"]
    week = effect_rows(found, experiment(), terms_of(experiment()), NOON, Patience(outcome_ms=7 * DAY_MS))[0]
    assert week["days_needed"] - day == pytest.approx(6)


def test_effects_are_found_where_there_is_one():
    found = Sums()
    found.totals["arz", "plain"] = total([observation("plain", number % 10 < 3) for number in range(9000)])
    found.totals["arz", HOLDOUT] = total([observation(HOLDOUT, number % 10 < 9) for number in range(1000)])
    first = effect_rows(found, experiment(), terms_of(experiment()), NOON, Patience())[0]
    assert (first["state"], round(first["difference"], 1)) == ("lower", -0.6)


def test_the_sample_ratio_is_of_those_who_entered():
    found = Sums(windows={"all": {"entered/treated": 900, "entered/holdout": 100}})
    row = ratio_row(found, experiment())
    assert (row["treated"], row["holdout"], row["expected_share"], row["alarm"]) == (900, 100, 0.1, False)
    found = Sums(windows={"all": {"entered/treated": 900, "entered/holdout": 300}})
    assert ratio_row(found, experiment())["alarm"]
    nobody = ratio_row(found, campaign(holdout=Holdout(share=0.0, salt="a-salt-for-tests")))
    assert (nobody["e_value"], nobody["alarm"]) == (None, False)


def test_the_budgets_counters_are_by_language_and_five_minutes():
    found = sums(decision("c-1", "nudge"), outcome("c-1", "disputed"), decision("c-2", "nudge", author_key="author-2"))
    number = int(NOON.timestamp() // 300)
    assert budget_buckets(found) == {"arz": {number: Counts(shown=1, disputed=1, disputers=1)}}


def test_terms_are_those_of_the_file():
    found = terms_of(
        campaign(
            languages=("arz", "en"),
            hashtags=Hashtags(current=("#One_Two",), earlier=("#before",), variants={"#One_Two": ("#OneToo",)}),
            experiment=Experiment(follow_up_days=3),
            timezone="Africa/Cairo",
        )
    )
    assert found.tags == {"onetwo": "onetwo", "onetoo": "onetwo", "before": "before"}
    assert found.spelled == {"onetwo": "#One_Two", "before": "#before"}
    assert found.follow_up_ms == timedelta(days=3).total_seconds() * 1000
    assert [found.language(name) for name in ("arz", "mixed", "fr")] == ["arz", "mixed", "other"]
    assert isinstance(found, Terms)


@pytest.mark.parametrize(("band", "wanted"), [("low", False), ("medium", True), ("high", True)])
def test_terms_know_the_campaigns_band(band, wanted):
    assert terms_of(campaign()).reaches(band, "arz") is wanted
