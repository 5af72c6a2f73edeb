"""Posts of the challenge and who joins it: once each, by the time an event tells."""

from __future__ import annotations

import itertools

import pytest

from mahlan.core.insights.author import decode_author, encode_author
from tests.core.insights.stories import counted, decision, told, totalled

ONE, TWO = "practicethepause", "فكرقبلماتنشر"


def post(comment: str, *, hours: float = 0.0, tags: tuple[str, ...] = (ONE,), **changes):
    return decision(comment, "none", hours=hours, hashtags=tags, **changes)


def test_a_post_counts_once_by_campaign_day_hour_language_and_hashtag():
    author, tally = told(post("c-1", language="en"))
    assert counted(tally, prefix="challenge/") == {
        "posts": 1,
        "joiners": 1,
        "language/en/posts": 1,
        "language/en/joiners": 1,
        f"tag/{ONE}/posts": 1,
        f"tag/{ONE}/joiners": 1,
    }
    assert counted(tally, "day/2026-11-20") == {"comments": 1, "posts": 1, "joiners": 1}
    assert counted(tally, "hour/2026-11-20T12") == {"posts": 1, "joiners": 1}
    assert {(where, name) for _, where, name in tally.seen} == {
        ("all", ""),
        ("all", "language/en"),
        ("all", f"tag/{ONE}"),
        ("day/2026-11-20", ""),
    }
    assert decode_author(encode_author(author)) == author


def test_a_comment_without_a_hashtag_of_the_challenge_is_no_post():
    _, tally = told(decision("c-1"), post("c-2", tags=("football",)))
    assert counted(tally, prefix="challenge/") == {}
    assert not tally.seen


def test_an_authors_hundredth_post_joins_nobody():
    _, tally = told(*(post(f"c-{number}", hours=number / 100) for number in range(100)))
    assert counted(tally, prefix="challenge/")["posts"] == 100
    assert counted(tally, prefix="challenge/")["joiners"] == 1


def test_revisions_and_repeats_of_a_post_count_no_second_time():
    _, tally = told(post("c-1"), post("c-1"), post("c-1", revision=1), post("c-1", revision=1, state="posted"))
    assert counted(tally, prefix="challenge/")["posts"] == 1
    assert counted(tally)["comments"] == 1
    assert counted(tally)["decision/none"] == 2


def test_a_revision_that_adds_a_hashtag_counts_for_that_one_alone():
    _, tally = told(post("c-1"), post("c-1", revision=1, tags=(ONE, TWO), hours=1))
    found = counted(tally, prefix="challenge/")
    assert (found["posts"], found[f"tag/{ONE}/posts"], found[f"tag/{TWO}/posts"]) == (1, 1, 1)
    assert (found["joiners"], found[f"tag/{ONE}/joiners"], found[f"tag/{TWO}/joiners"]) == (1, 1, 1)
    assert counted(tally, "hour/2026-11-20T13") == {}


def test_days_are_those_of_the_campaigns_time_zone():
    _, tally = told(post("c-1", hours=9.99), post("c-2", hours=10.01))  # midnight in Cairo is 22:00 UTC
    assert counted(tally, "day/2026-11-20")["posts"] == 1
    assert counted(tally, "day/2026-11-21")["posts"] == 1


def test_a_late_post_that_was_the_first_takes_the_joining_with_it():
    _, tally = told(post("c-1", hours=30, language="en"), post("c-2", hours=0, language="arz", tags=(TWO,)))
    found = counted(tally, prefix="challenge/")
    assert {name: count for name, count in found.items() if name.endswith("joiners")} == {
        "joiners": 1,
        "language/arz/joiners": 1,
        f"tag/{TWO}/joiners": 1,
    }
    assert counted(tally, "day/2026-11-20")["joiners"] == 1
    assert "joiners" not in counted(tally, "day/2026-11-21")
    assert "joiners" not in counted(tally, "hour/2026-11-21T18")


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_the_order_in_which_posts_come_changes_no_sum(order):
    posts = [
        post("c-1", hours=30, language="en"),
        post("c-2", hours=3, tags=(TWO,)),
        post("c-3", hours=3, tags=(ONE, TWO), language="other"),
        post("c-4", hours=50),
    ]
    _, tally = told(*(posts[number] for number in order))
    _, straight = told(*posts)
    assert totalled(tally) == totalled(straight)
    assert tally.seen == straight.seen


def test_a_language_that_the_campaign_does_not_speak_has_no_counter_of_its_own():
    _, tally = told(post("c-1", language="x-made-up-by-somebody"))
    assert counted(tally, prefix="challenge/language/") == {"other/posts": 1, "other/joiners": 1}
