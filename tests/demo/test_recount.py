"""The recount by itself: a story small enough to count by hand, and every way in which a board may be wrong is seen."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from mahlan.core.campaign import Campaign
from mahlan.demo.recount.comparison import ERROR, compare, count_numbers, recount
from mahlan.demo.staging import stage_campaign
from mahlan.events.topics import BRAKES, DECIDED, OUTCOMES
from mahlan.runtime.broker import Record
from mahlan.runtime.settings import Settings

#: 14:00 in Cairo, some days before the board is read.
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
AS_OF = NOON + timedelta(days=5)
TAG, OTHER_TAG = "فكرقبلماتنشر", "practicethepause"


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    return stage_campaign(Settings(), tmp_path_factory.mktemp("campaigns"), "week-1", 1000)


class Story:
    """Records as the dispatcher and a platform write them, all in one partition."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def put(self, topic: str, event: dict[str, Any]) -> None:
        self.records.append(Record(topic, 0, len(self.records), b"k", orjson.dumps(event)))

    def decided(self, comment: str, author: str, kind: str = "none", *, hours: float = 0.0, **more: Any) -> None:
        revision = more.get("revision", 0)
        harmless = {"reason": "not_toxic", "band": "none", "score": 0.1, "label": None}
        hurts = {"reason": "over_band", "band": "high", "score": 0.95, "label": "insult"}
        event = {
            "decision_id": f"{comment}.{revision}",
            "campaign": "week-1",
            "comment_id": comment,
            "author_key": author,
            "revision": 0,
            "state": "draft",
            "surface": "comment",
            "language": "arz",
            "kind": kind,
            "model": "fast@1",
            "occurred_at": (NOON + timedelta(hours=hours)).isoformat(),
            "hashtags": [],
            "wording": {"arm": "plain", "creator": None} if kind == "nudge" else None,
            **(hurts if kind in {"nudge", "holdout"} else harmless),
        }
        self.put(DECIDED.name, event | more)

    def told(self, comment: str, outcome: str, *, hours: float = 0.1) -> None:
        at = (NOON + timedelta(hours=hours)).isoformat()
        self.put(OUTCOMES.name, {"decision_id": f"{comment}.0", "outcome": outcome, "occurred_at": at})

    def end(self) -> None:
        """Somebody writes something much later: nobody waits for what happened before."""
        self.decided("end", "nobody", hours=24 * 4.5)


@pytest.fixture
def story() -> Story:
    """One asked and revised, one asked and gone, one held out, one who joins twice."""
    story = Story()
    story.decided("a-1", "a", "nudge")
    for outcome in ("shown", "revised", "revised"):
        story.told("a-1", outcome)
    story.decided("a-1", "a", hours=0.2, revision=1, state="posted")
    story.decided("a-2", "a", hours=5, state="posted", reason="capped", band="high", kind="suppress", score=0.9)
    story.decided("b-1", "b", "nudge", hours=1, wording={"arm": "creator", "creator": {"id": "demo-1"}}, language="fr")
    story.told("b-1", "cancelled", hours=1.2)
    story.told("b-1", "disputed", hours=1.3)
    story.decided("c-1", "c", "holdout", hours=2)
    story.decided("c-1", "c", hours=2.1, revision=1, state="posted", band="high", reason="already_nudged", score=0.95)
    story.decided("d-2", "d", hours=30, hashtags=[TAG, OTHER_TAG], state="posted")
    story.decided("d-1", "d", hours=3, hashtags=[TAG], state="posted")
    story.end()
    return story


def counted(story: Story, campaign: Campaign) -> dict[str, Any]:
    return recount(story.records, campaign, AS_OF, 24)


def test_the_challenge_by_hand(story, campaign):
    found = counted(story, campaign)["challenge"]
    assert (found["posts"], found["joiners"], found["authors"]) == (2, 1, 1)
    assert found["by_day"] == {
        "2026-11-20": {"posts": 1, "joiners": 1, "authors": 1},  # the first by the time it tells, not by when it came
        "2026-11-21": {"posts": 1, "joiners": 0, "authors": 1},
    }
    assert found["by_hashtag"]["#Practicethepause"] == {"posts": 1, "joiners": 0, "authors": 1}
    assert found["by_hour"] == {}, "all of it is more than 72 hours ago"
    assert found["growth"] == {"today": 0, "yesterday": 0, "week": 1, "week_before": 0}


def test_nudges_by_hand(story, campaign):
    found = counted(story, campaign)["nudges"]
    assert found["comments"] == 7
    assert found["decisions"] == {"none": 5, "nudge": 2, "holdout": 1, "suppress": 1}
    ended = {"revised": 1, "cancelled": 1, "sent_unchanged": 0, "open": 0, "unknown": 0}
    assert found["outcomes"] == {"shown": 2, "disputed": 1, **ended}
    assert found["revisions"] == {"less": 1, "same": 0, "more": 0, "trick": 0}
    assert found["by_creator"] == {
        "demo-1": {"nudges": 1, "revised": 0, "cancelled": 1, "sent_unchanged": 0, "disputed": 1}
    }
    assert found["by_language"]["other"]["nudges"] == 1


def test_a_revision_in_disguise_is_a_trick(campaign):
    story = Story()
    story.decided("a-1", "a", "nudge")
    story.decided("a-1", "a", hours=0.1, revision=1, state="posted", disguises=3)
    assert counted(story, campaign)["nudges"]["revisions"] == {"less": 0, "same": 0, "more": 0, "trick": 1}


def test_authors_by_hand(story, campaign):
    found = counted(story, campaign)
    sides = {name: row for name, row in found["effect"].items() if name.endswith("None/all/holdout")}
    assert {row["treated"]["authors"] for row in sides.values()} == {2}
    assert {row["control"]["authors"] for row in sides.values()} == {1}
    assert (found["sample_ratio"]["treated"], found["sample_ratio"]["holdout"]) == (2, 1)


def test_an_author_is_not_counted_while_something_of_theirs_may_still_come(story, campaign):
    story.records.pop()
    found = counted(story, campaign)
    assert {row["treated"]["authors"] for row in found["effect"].values()} == {0}
    assert found["nudges"]["outcomes"]["unknown"] == 0


def test_a_nudge_of_which_nobody_tells_is_open_and_then_unknown(campaign):
    story = Story()
    story.decided("a-1", "a", "nudge")
    assert counted(story, campaign)["nudges"]["outcomes"]["open"] == 1
    story.end()
    outcomes = counted(story, campaign)["nudges"]["outcomes"]
    assert (outcomes["open"], outcomes["unknown"]) == (0, 1)


def test_the_budget_and_its_brake(campaign):
    story = Story()
    for number in range(4):
        story.decided(f"a-{number}", f"a-{number}", "nudge", hours=119)
        story.told(f"a-{number}", "disputed" if number == 0 else "sent_unchanged", hours=119.5)
    brake = {
        "campaign": "week-1",
        "language": "arz",
        "level": "raised",
        "code": "burning_1h",
        "set_at": "2026-11-25T00:00:00Z",
    }
    story.put(BRAKES.name, brake)
    row = counted(story, campaign)["budget"]["arz"]
    assert (row["shown"], row["disputed"], row["rate"], row["burn_hour"]) == (4, 1, 0.25, 12.5)
    assert (row["brake"], row["since"], row["code"]) == ("raised", "2026-11-25T00:00:00Z", "burning_1h")


def test_others_are_passed_over_and_a_record_read_twice_counts_once(story, campaign):
    before = counted(story, campaign)
    story.decided("x-1", "x", "nudge", campaign="another")
    story.told("x-1", "shown")
    story.decided("a-1", "a", "nudge")
    assert counted(story, campaign) == before


def as_board(found: dict[str, Any]) -> dict[str, Any]:
    """A board that says what was counted, in the shape in which boards say it."""
    keys = {"by_day": "day", "by_hour": "hour", "by_language": "language", "by_hashtag": "hashtag", "by_label": "label"}
    keys |= {"by_surface": "surface", "by_arm": "arm", "by_creator": "creator"}
    board = copy.deepcopy(found)
    for part in ("challenge", "nudges"):
        for table in keys.keys() & board[part].keys():
            board[part][table] = [{keys[table]: name, **row} for name, row in board[part][table].items()]
    board["challenge"]["authors"] = {"estimate": board["challenge"]["authors"], "low": 0, "high": 9}
    board["effect"] = list(board["effect"].values())
    board["budget"] = [{"language": name, **row} for name, row in board["budget"].items()]
    return {**board, "as_of": AS_OF.isoformat(), "data_age_seconds": 1.0, "campaign": "week-1"}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where the numbers of a board are."""
    if isinstance(value, dict):
        return [place for key, each in value.items() for place in places(each, (*path, key))]
    if isinstance(value, list):
        return [place for number, each in enumerate(value) for place in places(each, (*path, number))]
    return [path] if isinstance(value, int | float) and not isinstance(value, bool) else []


def test_a_board_that_says_the_same_differs_nowhere(story, campaign):
    found = counted(story, campaign)
    assert compare(as_board(found), found) == []
    assert count_numbers(found) > 500


def test_no_number_of_a_board_can_be_wrong_unseen(story, campaign):
    """Each number in turn is one too high; only the age of the data and the bounds of the estimate are no counts."""
    found = counted(story, campaign)
    board = as_board(found)
    free = {("data_age_seconds",), ("challenge", "authors", "low"), ("challenge", "authors", "high")}
    for place in places(board):
        wrong = copy.deepcopy(board)
        inner: Any = wrong
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] += 1
        assert (compare(wrong, found) != []) == (place not in free), place


def test_no_record_can_be_missing_unseen(story, campaign):
    """Without any one of them something else comes out, but for those that others repeat: shown, and told twice."""
    found, repeated = counted(story, campaign), (1, 2, 3)
    for number in range(len(story.records)):
        fewer = Story()
        fewer.records = [record for record in story.records if record.offset != number]
        told = compare(as_board(counted(fewer, campaign)), found)
        assert (told != []) == (number not in repeated), story.records[number]


def test_a_sketch_may_be_off_by_its_error_and_no_more():
    counted = {"challenge": {"authors": 10_000}}
    for off, says in ((0.0, 0), (0.9 * ERROR, 0), (1.1 * ERROR, 1)):
        board = {"challenge": {"authors": {"estimate": round(10_000 * (1 + off))}}}
        assert len(compare(board, counted)) == says
    board = {"challenge": {"authors": {"estimate": 11}}}
    assert compare(board, {"challenge": {"authors": 10}}) != []
