"""Models folders with several versions of a model that knows a few words, and comments for it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import orjson

from mahlan.campaign_files import load_campaigns
from mahlan.core.normalise import normalise
from mahlan.events import codec, topics
from mahlan.events.comment import CommentNormalised, CommentScored
from mahlan.runtime.broker import Outgoing, Record
from mahlan.runtime.metrics import Metrics, build_metrics
from mahlan.runtime.settings import Settings
from mahlan.scorer.worker import Scorer
from mahlan.scoring.lineup import Lineup
from tests.scoring.folders import WORDS, Export

MILD = {
    "[UNK]": (3.0, 0.0, 0.0),
    "kind": (3.0, 0.0, 0.0),
    "odd": (3.0, 0.0, 0.0),
    "rude": (0.0, 3.0, 0.0),
    "vile": (0.0, 0.0, 6.0),
}
#: Calls "odd" offensive too.
STRICT = {**MILD, "odd": (0.0, 5.0, 0.0)}
#: Has no number for "rude".
BROKEN = {**MILD, "rude": (float("nan"), 0.0, 0.0)}


def put_model(
    models: Path,
    name: str,
    rows: dict | None = None,
    extra: str = "",
    golden: dict | None = None,
    known: int = len(WORDS),
) -> Path:
    """Write ``models/NAME/VERSION``; ``golden`` is text to whether it is toxic, ``known`` the rows of its table."""
    folder = Export(rows=rows or MILD, known=known).write(models / name.replace("@", "/"), extra=extra)
    manifest = folder / "manifest.toml"
    word, _, version = name.partition("@")
    text = manifest.read_text().replace('name = "words"', f'name = "{word}"', 1)
    manifest.write_text(text.replace('version = "1"', f'version = "{version}"', 1))
    lines = [json.dumps({"text": text, "scores": {}, "toxic": toxic}) for text, toxic in (golden or {}).items()]
    if lines:
        (folder / "golden.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def put_registry(models: Path, text: str) -> None:
    (models / "registry.toml").write_text(text)


def comment(number: int, text: str, *, author: str = "author-0001", language: str | None = None) -> CommentNormalised:
    read = normalise(text)
    return CommentNormalised(
        comment_id=f"c-{number}",
        revision=0,
        state="posted",
        author_key=author,
        surface="comment",
        occurred_at=datetime(2026, 11, 23, tzinfo=UTC),
        readings=read.readings,
        language=language or read.language,
        script=read.script,
        length=read.length,
        hashtags=read.hashtags,
    )


def as_records(comments: list[CommentNormalised]) -> list[Record]:
    values = [orjson.dumps(one) for one in comments]
    return [Record(topics.NORMALISED.name, 0, n, b"k", value, (), 1) for n, value in enumerate(values)]


def records(*texts: str) -> list[Record]:
    return as_records([comment(number, text) for number, text in enumerate(texts)])


def event(outgoing: Outgoing) -> CommentScored:
    return codec.decode(CommentScored, outgoing.value, outgoing.headers).event


def build_scorer(lineup: Lineup, metrics: Metrics | None = None, share: float = 1.0) -> Scorer:
    return Scorer(lineup, load_campaigns(Settings()), metrics or build_metrics(), shadow_share=share)


async def decided(scorer: Scorer, *texts: str) -> list[tuple[str, bool]]:
    """The model that decided on each text, and whether it called it toxic."""
    events = [event(one) for one in await scorer.transform(records(*texts))]
    return [(found.model, found.verdict.toxic) for found in events]
