"""Normalised records to scored ones: no text comes out, one bad comment harms no other."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace

import orjson
import pytest

from mahlan.campaign_files import load_campaigns
from mahlan.core.normalise import normalise
from mahlan.errors import ScoreError
from mahlan.events import codec, dead_letter, topics
from mahlan.events.comment import CommentNormalised, CommentScored, Verdict
from mahlan.runtime.broker import Record
from mahlan.runtime.metrics import build_metrics
from mahlan.runtime.settings import Settings
from mahlan.scorer.app import load_model
from mahlan.scorer.worker import Scorer
from mahlan.scoring.cascade import parts_of
from mahlan.scoring.model import Scores


@dataclass
class Fragile:
    """A model that fails in the ways a model can."""

    name: str = "fragile@1"
    providers: tuple[str, ...] = ("CPUExecutionProvider",)
    manifest: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(reference=None))

    def score(self, items):
        if any("burst" in item.readings[0].text for item in items):
            raise MemoryError("burst")
        return [self._one(item) for item in items]

    def _one(self, item):
        if "nan" in item.readings[0].text:
            return ScoreError("a score is not a number", "$.readings")
        return Scores({"toxic": 0.25}, Verdict(toxic=False, score=0.25))


def comment(number: int, text: str) -> CommentNormalised:
    read = normalise(text)
    return CommentNormalised(
        comment_id=f"c-{number}",
        revision=0,
        state="posted",
        author_key="author-0001",
        surface="comment",
        occurred_at=datetime(2026, 11, 23, tzinfo=UTC),
        readings=read.readings,
        language=read.language,
        script=read.script,
        length=read.length,
        hashtags=read.hashtags,
    )


def records(*texts: str) -> list[Record]:
    values = [orjson.dumps(comment(number, text)) for number, text in enumerate(texts)]
    return [Record(topics.NORMALISED.name, 0, n, b"k", value, (), 1) for n, value in enumerate(values)]


async def outcome(model, given):
    scorer = Scorer(model, load_campaigns(Settings()), build_metrics())
    outgoing = await scorer.transform(given)
    assert len(outgoing) == len(given)
    return outgoing


def scored(outgoing) -> CommentScored:
    return codec.decode(CommentScored, outgoing.value, outgoing.headers).event


async def test_a_bad_comment_among_good_ones_costs_only_itself() -> None:
    outgoing = await outcome(Fragile(), records("fine", "burst", "nan", "fine too"))
    assert [one.topic for one in outgoing] == [
        "comments.scored.v1",
        "scorer.dlq.v1",
        "scorer.dlq.v1",
        "comments.scored.v1",
    ]
    reasons = [letter.reason for one in outgoing if (letter := dead_letter.read(one.headers))]
    assert reasons == ["internal_error", "unscorable"]


async def test_an_undecodable_record_is_a_dead_letter_in_its_place() -> None:
    bad = Record(topics.NORMALISED.name, 0, 9, b"k", b"{", (), 1)
    outgoing = await outcome(Fragile(), [*records("fine"), bad, *records("fine")])
    assert [one.topic for one in outgoing] == ["comments.scored.v1", "scorer.dlq.v1", "comments.scored.v1"]


async def test_no_text_comes_out_of_the_scorer() -> None:
    text = "canaryword #canarytag @canaryname https://canary.example"
    [outgoing] = await outcome(load_model(Settings()), records(text))
    assert b"canary" not in (outgoing.value or b"")
    assert not any(b"canary" in value for _, value in outgoing.headers)


async def test_the_platform_is_carried_on_where_one_is_named() -> None:
    named = orjson.dumps(replace(comment(0, "fine"), platform="square.example"))
    given = [Record(topics.NORMALISED.name, 0, 0, b"k", named, (), 1), *records("fine")]
    assert [scored(one).platform for one in await outcome(Fragile(), given)] == ["square.example", None]


async def test_the_campaigns_own_hashtag_is_told_and_no_other() -> None:
    [outgoing] = await outcome(Fragile(), records("#فكر_قبل_ما_تنشر #secret_tag"))
    tags = scored(outgoing).campaign_tags
    assert len(tags) == 1
    assert b"secret" not in (outgoing.value or b"")


@pytest.mark.parametrize(
    ("text", "toxic"),
    [
        ("انت غبي ومتخلف", True),
        ("صباح الخير يا جماعة", False),
        ("you are a stupid idiot", True),
        ("thank you, lovely video", False),
        ("nobody wants you here, just disappear", True),
    ],
)
async def test_the_shipped_model_tells_an_insult_from_a_greeting(text: str, toxic: bool) -> None:
    [outgoing] = await outcome(load_model(Settings()), records(text))
    event = scored(outgoing)
    assert event.verdict.toxic is toxic
    assert event.model in {part.name for part in parts_of(load_model(Settings()))}
    assert 0 <= event.scores["toxic"] <= 1
