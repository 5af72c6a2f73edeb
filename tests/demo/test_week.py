"""The simulated week: the same for the same seed, and its authors do what is planted."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from mahlan.core.campaign_file import parse_campaign
from mahlan.demo.actors import Cast, Telling
from mahlan.demo.generator import words
from mahlan.demo.staging import stage_campaign
from mahlan.demo.week import WEEK, Act, habits, plan_week
from mahlan.errors import CampaignError
from mahlan.events import codec
from mahlan.events.comment import CommentSubmitted
from mahlan.events.nudge import NudgeOutcome
from mahlan.events.topics import OUTCOMES
from mahlan.runtime.settings import Settings

BEGINS = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ARMS = ("plain", "highlight", "norm", "creator")


@pytest.fixture(scope="module")
def acts() -> list[Act]:
    return plan_week(3000, 1, BEGINS)


def test_the_same_seed_is_the_same_week(acts):
    assert plan_week(3000, 1, BEGINS) == acts
    assert plan_week(3000, 2, BEGINS) != acts


def test_everything_happens_within_the_week_and_is_sent_in_its_order(acts):
    assert len({act.comment.number for act in acts}) == len(acts) == 3000
    assert all(0 <= act.at <= act.sent for act in acts)
    assert max(act.at for act in acts) < WEEK.total_seconds()
    assert [act.sent for act in acts] == sorted(act.sent for act in acts)


def test_an_author_is_in_order_and_some_come_hours_late(acts):
    written: dict[str, list[float]] = {}
    for act in acts:
        written.setdefault(act.comment.author, []).append(act.at)
    assert all(times == sorted(times) for times in written.values())
    late = {act.comment.author for act in acts if act.sent > act.at}
    least, most = habits()["offline_hours"]
    assert 0.01 < len(late) / len(written) < 0.09
    assert all(least * 3600 <= act.sent - act.at <= most * 3600 for act in acts if act.comment.author in late)


def test_evenings_are_busier_than_nights_whenever_the_week_begins():
    for begins in (BEGINS, BEGINS + timedelta(hours=7)):
        hours = Counter((begins + timedelta(seconds=act.at, hours=2)).hour for act in plan_week(3000, 1, begins))
        assert hours[20] > 4 * hours[4]


def test_shares_add_up():
    tables = [habits()["kinds"], habits()["hashtags"], habits()["revised"], *(habits()["asked"][arm] for arm in ARMS)]
    assert [round(sum(table.values()), 9) for table in tables] == [1.0] * len(tables)
    assert set(habits()["kinds"]) == set(words()["shares"]["kinds"])


def test_somebody_who_wants_to_be_seen_writes_of_nothing_else(acts):
    eager = Counter(act.comment.kind for act in acts if act.comment.author.startswith("eager-"))
    assert eager == {"challenge": habits()["eager"]["authors"] * habits()["eager"]["comments"]}


def cast() -> Cast:
    return Cast("run", "a-salt", 1, BEGINS)


def decided(act: Act, kind: str = "nudge", arm: str = "plain") -> dict[str, Any]:
    comment = act.comment
    return {
        "decision_id": f"{comment.number:032x}",
        "comment_id": f"run-{comment.number}",
        "revision": comment.revision,
        "author_key": "0" * 32,
        "kind": kind,
        "wording": {"arm": arm},
    }


def insults(acts: list[Act]) -> list[Act]:
    return [act for act in acts if act.comment.kind == "insult"]


def test_what_an_asked_author_does_is_what_is_planted(acts):
    does, endings = cast(), Counter[str]()
    drafts = [act for act in insults(acts) if act.comment.language not in habits()["wrong"]]
    for act in drafts:
        name, _ = does.write(act)
        assert name == f"run-{act.comment.number}.0"
        told = [item for item in does.react(decided(act), act.sent) if isinstance(item, Telling)]
        outcomes = {orjson.loads(item.record.value)["outcome"] for item in told}
        endings.update(outcomes & {"revised", "cancelled", "disputed"} or outcomes & {"sent_unchanged"} or {"silent"})
    for name, share in habits()["asked"]["plain"].items():
        assert endings[name] / len(drafts) == pytest.approx(share, abs=0.05), name


def test_outcomes_are_events_that_count_for_their_author(acts):
    does, told = cast(), []
    for act in insults(acts):
        does.write(act)
        told += [item for item in does.react(decided(act), act.sent) if isinstance(item, Telling)]
    for item in told:
        event, _ = codec.decode(NudgeOutcome, item.record.value, item.record.headers)
        assert item.record.topic == OUTCOMES.name
        assert event.occurred_at <= BEGINS + timedelta(seconds=item.sent) + timedelta(seconds=1)
    twice = Counter(item.record.value for item in told)
    assert any(count == 2 for count in twice.values())


def test_a_draft_is_posted_as_it_was_where_nobody_asked(acts):
    does = cast()
    for act in acts[:400]:
        does.write(act)
        for kind in ("none", "holdout"):
            posted = list(does.react(decided(act, kind), act.sent))
            if act.comment.state == "draft" and posted:
                (again,) = posted
                assert (again.comment.revision, again.comment.state) == (1, "posted")
                assert again.comment.text == act.comment.text
                assert act.sent <= again.sent
            else:
                assert posted == []


def test_a_decision_is_acted_upon_once_and_only_by_those_who_wrote(acts):
    does, draft = cast(), next(act for act in insults(acts) if act.comment.state == "draft")
    assert list(does.react(decided(draft), draft.sent)) == []
    does.write(draft)
    first = list(does.react(decided(draft, "holdout"), draft.sent))
    assert len(first) == 1
    assert list(does.react(decided(draft, "holdout"), draft.sent)) == []
    assert does.undecided == {}


def test_comments_are_events_of_their_time(acts):
    does = cast()
    for act in acts[:200]:
        name, record = does.write(act)
        event, envelope = codec.decode(CommentSubmitted, record.value, record.headers)
        assert envelope.id == name
        assert event.occurred_at == BEGINS + timedelta(seconds=act.at)


def test_the_staged_campaign_is_the_one_in_force_with_what_a_minute_needs(tmp_path):
    staged = stage_campaign(Settings(), tmp_path, "week-1", 4000)
    assert parse_campaign((tmp_path / "week-1.toml").read_text("utf-8"), "week-1.toml") == staged
    original = parse_campaign((tmp_path / "fakkar-eg.toml").read_text("utf-8"), "fakkar-eg.toml")
    assert (staged.id, staged.wording, staged.hashtags) == ("week-1", original.wording, original.hashtags)
    assert {tag for tag in habits()["hashtags"] if tag} <= set(original.hashtags.all)
    assert (staged.nudge.cooldown_minutes, staged.experiment.follow_up_days, staged.holdout.share) == (0, 1, 0.5)
    assert staged.holdout.salt != original.holdout.salt
    assert all(creator.may_speak(BEGINS.date()) for creator in staged.creators)
    assert {path.name for path in tmp_path.iterdir()} >= {"fakkar-eg.toml", "school-term.toml", "english-default.toml"}


def test_a_campaign_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CampaignError, match="no campaign 'nowhere'"):
        stage_campaign(Settings(campaign="nowhere"), tmp_path, "week-1", 4000)
