"""Nudges and what became of them: each once, in whichever order decisions and outcomes are read."""

from __future__ import annotations

import itertools

import pytest

from mahlan.core.insights.author import MOST_COMMENTS, MOST_EARLY, Author, decode_author, encode_author
from mahlan.core.insights.joining import HARMLESS, offends
from mahlan.core.policy import RULES
from tests.core.insights.stories import TERMS, counted, decision, millis, outcome, told, totalled, wording


def outcomes(tally):
    return counted(tally, prefix="outcome/")


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (["shown"], {"shown": 1}),
        (["shown", "revised"], {"shown": 1, "revised": 1}),
        (["cancelled"], {"shown": 1, "cancelled": 1}),  # whoever cancelled has seen it
        (["shown", "disputed", "sent_unchanged"], {"shown": 1, "disputed": 1, "sent_unchanged": 1}),
        (["shown", "shown", "disputed", "disputed"], {"shown": 1, "disputed": 1}),
        (["shown", "cancelled", "revised"], {"shown": 1, "revised": 1}),  # the later one counts
    ],
)
def test_what_became_of_a_nudge(names, wanted):
    events = [outcome("c-1", name, hours=0.1 + number / 100) for number, name in enumerate(names)]
    _, tally = told(decision("c-1", "nudge"), *events)
    assert outcomes(tally) == wanted
    assert counted(tally)["asked"] == 1


def test_an_ending_that_was_earlier_changes_nothing_however_late_it_is_told():
    _, tally = told(decision("c-1", "nudge"), outcome("c-1", "revised", hours=2), outcome("c-1", "cancelled", hours=1))
    assert outcomes(tally) == {"shown": 1, "revised": 1}


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_the_order_of_decision_and_outcomes_changes_no_sum(order):
    events = [
        decision("c-1", "nudge"),
        outcome("c-1", "shown", hours=0.01),
        outcome("c-1", "disputed", hours=0.02),
        outcome("c-1", "sent_unchanged", hours=0.03),
    ]
    author, tally = told(*(events[number] for number in order))
    names = {name: count for (_, name), count in totalled(tally).items()}
    assert {name: names[name] for name in ("outcome/shown", "outcome/disputed", "outcome/sent_unchanged")} == {
        "outcome/shown": 1,
        "outcome/disputed": 1,
        "outcome/sent_unchanged": 1,
    }
    assert (names["arz/shown"], names["arz/disputed"], names["arz/disputers"]) == (1, 1, 1)
    assert author.early == []
    assert decode_author(encode_author(author)) == author


def test_it_is_counted_by_language_arm_creator_label_and_surface():
    creator = {"id": "creator-1", "language": "en", "text": "Please."}
    made = decision("c-1", "nudge", wording=wording(arm="creator", creator=_creator(creator)), surface="reply")
    _, tally = told(made, outcome("c-1", "revised", hours=0.1))
    for name in ("language/arz", "arm/creator", "creator/creator-1"):
        assert counted(tally, prefix=f"{name}/") | {"comments": 1} == {"nudges": 1, "revised": 1, "comments": 1}
    assert counted(tally, prefix="label/") == {"insult/nudges": 1}
    assert counted(tally, prefix="surface/") == {"reply/nudges": 1, "reply/comments": 1}
    assert counted(tally, "day/2026-11-20") == {"comments": 1, "nudges": 1, "entered": 1}


def _creator(given):
    from mahlan.events.ruling import CreatorMessage

    return CreatorMessage(**given)


def test_disputes_are_counted_where_the_nudge_was_shown_and_one_author_is_evidence_once():
    _, tally = told(
        decision("c-1", "nudge"),
        outcome("c-1", "shown", hours=0.01),
        outcome("c-1", "disputed", hours=5),
        decision("c-2", "nudge", hours=6),
        outcome("c-2", "disputed", hours=6.01),
    )
    first = millis(0.01) // 300_000  # windows of five minutes since 1970
    second = first + 72
    assert counted(tally, f"five/{first}") == {"arz/shown": 1, "arz/disputed": 1, "arz/disputers": 1}
    assert counted(tally, f"five/{second}") == {"arz/shown": 1, "arz/disputed": 1}


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"kind": "none"}, "less"),
        ({"kind": "suppress", "band": "medium"}, "less"),
        ({"kind": "suppress", "score": 0.80}, "less"),
        ({"kind": "suppress", "score": 0.93}, "same"),
        ({"kind": "suppress", "score": 0.80, "model": "fast@2"}, "same"),  # scores of two models do not compare
        ({"kind": "suppress", "score": 1.0}, "more"),
        ({"kind": "none", "disguises": 1}, "trick"),  # id*ot: the model sees nothing, and everybody reads it
        ({"kind": "suppress", "disguises": 2}, "trick"),
    ],
)
def test_a_revision_is_compared_with_what_was_asked_about(changes, wanted):
    revision = decision("c-1", revision=1, hours=0.1, **changes)
    _, tally = told(decision("c-1", "nudge"), revision, decision("c-1", revision=2, hours=0.2))
    assert counted(tally, prefix="revision/") == {wanted: 1}


def test_a_revision_that_nobody_asked_for_is_not_compared():
    _, tally = told(decision("c-1", "holdout"), decision("c-1", revision=1))
    assert counted(tally, prefix="revision/") == {}


def test_outcomes_of_weeks_may_be_read_before_their_decisions():
    """As when insights was away, or counts from the beginning: there are fewer outcomes, so they are read sooner."""
    names = [f"c-{number}" for number in range(60)]
    outcomes = [outcome(name, what, hours=0.1) for name in names for what in ("shown", "disputed", "revised")]
    author, tally = told(*outcomes, *(decision(name, "nudge") for name in names))
    assert counted(tally, prefix="outcome/") == {"shown": 60, "disputed": 60, "revised": 60}
    assert (author.early, tally.unmatched) == ([], 0)


def test_outcomes_without_a_nudge_wait_a_bounded_number_of_them():
    events = [outcome(f"c-{number}", "shown") for number in range(MOST_EARLY + 3)]
    author, tally = told(*events, *events)
    assert len(author.early) == MOST_EARLY
    assert tally.unmatched >= 3


def test_an_authors_comments_are_remembered_up_to_a_number_and_open_nudges_end_when_they_are_forgotten():
    author, tally = told(decision("c-0", "nudge"), *(decision(f"c-{number}") for number in range(1, 200)))
    assert len(author.parts["fakkar-eg"].comments) == MOST_COMMENTS
    assert counted(tally)["comments"] == 200
    # It is the comment that the author entered the experiment with: it stays until that is over.
    assert outcomes(tally) == {}
    author, tally = told(
        decision("c-0", "nudge"),
        decision("c-1", "nudge", hours=1),
        *(decision(f"c-{number}", hours=1) for number in range(2, 200)),
    )
    assert outcomes(tally) == {"unknown": 1}


def test_every_rule_of_the_policy_is_known_as_harmless_or_not():
    others = {"under_band", "campaign_inactive", "not_addressed", "already_nudged", "capped", "cooling_down"}
    others |= {"quiet_hours", "paused", "holdout", "over_band"}
    assert {rule.reason for rule in RULES} - HARMLESS == others
    assert not HARMLESS & others


@pytest.mark.parametrize(
    ("reason", "band", "wanted"),
    [
        ("over_band", "high", True),
        ("capped", "medium", True),
        ("under_band", "low", False),
        ("under_band", "medium", True),  # a brake asks for a band more; the words are what they are
        ("self_harm", "high", False),
        ("quoting", "high", False),
        ("not_toxic", "none", False),
    ],
)
def test_what_offends_is_what_the_campaign_would_ask_about(reason, band, wanted):
    assert offends(decision(kind="suppress", reason=reason, band=band), TERMS) is wanted


def test_other_campaigns_of_an_author_are_apart():
    other = decision("c-1", "nudge", campaign="other")
    author, tally = told(decision("c-1", "nudge"), other)
    assert set(author.parts) == {"fakkar-eg", "other"}
    assert tally.counts["fakkar-eg", "all"]["comments"] == 1
    assert told(outcome("c-1", "shown"), author=author)[1].counts["fakkar-eg", "all"] == {
        "outcome/shown": 1,
    }
    assert isinstance(author, Author)


def test_disguises_that_were_there_before_are_no_trick():
    _, tally = told(decision("c-1", "nudge", disguises=2), decision("c-1", revision=1, disguises=2))
    assert counted(tally, prefix="revision/") == {"less": 1}
