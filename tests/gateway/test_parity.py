"""The gateway says of a text what ``mahlan score`` and ``mahlan check`` say, whatever it is batched with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from mahlan.cli.check import check, described
from mahlan.demo.generator import invent
from mahlan.gateway import protocol
from tests.gateway.doors import Said, by_check, by_command, by_moderation, by_perspective, near
from tests.gateway.stage import Stage

TEXTS = [comment.text for comment in invent(300, 3)]


@pytest.fixture
async def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """On a machine that does much else nobody is refused or cut off for being late: that is not what is asked here."""
    monkeypatch.setattr(protocol, "SECONDS", 600.0)
    async with Stage(tmp_path, {"gateway_timeout": 60.0, "scorer_model": ""}).running() as stage:
        yield stage


async def asked(stage: Stage, number: int, text: str) -> Said:
    answer = await stage.check(f"c-{number}", text, author_key=f"author-{number}", revision=number)
    return by_check(answer.json)


async def test_the_gateway_and_the_command_agree_on_every_text(stage: Stage) -> None:
    at_once = await asyncio.gather(*(asked(stage, number, text) for number, text in enumerate(TEXTS[:200])))
    alone = [await asked(stage, number, text) for number, text in enumerate(TEXTS[200:], 200)]
    told = by_command(TEXTS)
    assert len(told) == len(TEXTS)
    differing = [n for n, (one, other) in enumerate(zip([*at_once, *alone], told, strict=True)) if not near(one, other)]
    assert differing == []
    assert any(one.spans for one in told)
    assert 0 < sum((one.decision or "").startswith("nudge") for one in at_once) < 200
    assert stage.counted("mahlan_batch_records_count") < len(TEXTS), "some must have been scored together"


async def test_the_gateway_decides_as_mahlan_check_does(stage: Stage) -> None:
    texts = TEXTS[:12]
    for number, text in enumerate(texts):
        here = (await stage.check(f"c-{number}", text, author_key=f"author-{number}", explain=True)).json
        there = described(check(text))
        assert (here["decision"], here["reason"], here["language"]) == (
            there["decision"],
            there["reason"],
            there["language"],
        )
        assert here["explain"]["readings"] == there["readings"]
        assert here["spans"] == [list(span) for span in there["spans"]]


async def test_the_doors_that_speak_other_formats_say_the_same(stage: Stage) -> None:
    texts = [f"{'😀 ' * (number % 3)}{text}" for number, text in enumerate(TEXTS[:120])]
    told = by_command(texts)
    assert any(one.spans for one in told)

    async def analyzed(text: str) -> dict[str, Any]:
        body = {"comment": {"text": text}, "requestedAttributes": {"TOXICITY": {}}, "spanAnnotations": True}
        return (await stage.ask("POST", "/v1alpha1/comments:analyze", json=body)).json

    answers = await asyncio.gather(*map(analyzed, texts))
    found = [by_perspective(*each) for each in zip(answers, texts, told, strict=True)]
    assert [n for n, (one, other) in enumerate(zip(found, told, strict=True)) if not near(one, other)] == []
    moderated = (await stage.ask("POST", "/v1/moderations", json={"input": texts})).json["results"]
    found = [by_moderation(*each) for each in zip(moderated, told, strict=True)]
    assert [n for n, (one, other) in enumerate(zip(found, told, strict=True)) if not near(one, other)] == []
