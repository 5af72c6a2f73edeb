"""One scoring core, several doors: the command and the stream say the same of the same text."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson

from mahlan.campaign_files import load_campaigns
from mahlan.demo.generator import invent
from mahlan.demo.publisher import Source
from mahlan.events import codec
from mahlan.events.comment import CommentScored
from mahlan.normaliser.record import normalised
from mahlan.runtime.broker import Record
from mahlan.runtime.metrics import build_metrics
from mahlan.runtime.settings import Settings
from mahlan.scorer.app import load_model
from mahlan.scorer.worker import Scorer

COUNT = 300


def stored(outgoing, offset: int) -> Record:
    return Record(outgoing.topic, 0, offset, outgoing.key, outgoing.value, outgoing.headers, 1)


async def through_the_stream(models) -> list[CommentScored]:
    """Every text as the normaliser and the scorer process it, without a broker between."""
    settings = Settings(models_dir=str(models))
    scorer = Scorer(load_model(settings), load_campaigns(settings), build_metrics())
    submitted = [record for _, record in Source("run", "salt", invent(COUNT, 1)).records()]
    read = [normalised(stored(record, n), "salt", datetime.now(UTC)).outgoing for n, record in enumerate(submitted)]
    written = await scorer.transform([stored(record, n) for n, record in enumerate(read)])
    scorer.close()
    return [codec.decode(CommentScored, record.value, record.headers).event for record in written]


async def test_the_command_and_the_stream_agree(mahlan, models):
    stdin = b"".join(orjson.dumps({"id": n, "text": c.text}) + b"\n" for n, c in enumerate(invent(COUNT, 1)))
    lines = [orjson.loads(line) for line in mahlan("score", stdin=stdin).stdout.splitlines()]
    events = await through_the_stream(models)
    assert len(lines) == len(events) == COUNT
    for line, event in zip(lines, events, strict=True):
        assert line["language"] == event.language
        assert line["scores"] == event.scores
        verdict = event.verdict
        assert line["verdict"] == {"toxic": verdict.toxic, "label": verdict.label, "band": verdict.band}
        assert line["spans"] == list(event.spans)
    assert any(line["spans"] for line in lines)
    assert any(line["verdict"]["toxic"] for line in lines)
