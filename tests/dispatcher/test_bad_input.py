"""Records that are no scored comments, and text that has no business after the scorer."""

from __future__ import annotations

import orjson
import pytest

from mahlan.events.dead_letter import read as read_dead_letter
from mahlan.events.topics import DECIDED, HISTORY, SCORED
from tests.core.policy_cases import scored
from tests.dispatcher.harness import Stage

GOOD = orjson.dumps(scored())
BAD = {
    b"": "undecodable",
    b"{": "undecodable",
    b"[]": "invalid_field",
    b"\xff\xfe": "undecodable",
    b"[" * 100_000: "invalid_field",
    GOOD[:-1] + b',"x":' + b"[" * 100_000: "undecodable",
    GOOD.replace(b'"draft"', b'"sent"'): "invalid_field",
    GOOD.replace(b'"revision":0', b'"revision":-1'): "invalid_field",
    GOOD.replace(b"0.95", b"1.95"): "invalid_field",
    GOOD.replace(b'"author_key"', b'"author"'): "invalid_field",
}


@pytest.fixture
async def stage():
    return await Stage().open()


async def test_what_cannot_be_decoded_becomes_a_dead_letter_and_the_rest_goes_on(stage):
    await stage.publish(scored("before"), *BAD, scored("after"), partition=0)
    async with stage.running(await stage.worker()):
        await stage.until_idle()
    assert [decision.comment_id for decision in await stage.decisions()] == ["before", "after"]
    letters = await stage.dead_letters()
    told = {letter.value: read_dead_letter(letter.headers) for letter in letters}
    assert {value: letter.reason for value, letter in told.items()} == BAD
    assert all((letter.service, letter.topic) == ("dispatcher", SCORED.name) for letter in told.values())
    assert sum(stage.counted("mahlan_events_dead_total", reason=reason) for reason in set(BAD.values())) == len(BAD)


CANARY = "قناريcanary7f3a"


async def test_no_comment_text_is_written_anywhere(stage, capsys):
    leaky = orjson.dumps({**orjson.loads(GOOD), "text": CANARY, "verdict": {"toxic": CANARY}})
    extra = orjson.dumps({**orjson.loads(GOOD), "text": CANARY, "readings": [{"text": CANARY}]})
    await stage.publish(leaky, extra)
    async with stage.running(await stage.worker()):
        await stage.until_idle()
    for record in [*await stage.read(DECIDED.name), *await stage.read(HISTORY.name)]:
        assert CANARY.encode() not in record.value + repr(record.headers).encode()
    (letter,) = await stage.dead_letters()
    assert letter.value == leaky  # the bytes as they came
    assert CANARY not in repr(read_dead_letter(letter.headers))
    captured = capsys.readouterr()
    assert CANARY not in captured.out + captured.err
    assert len(await stage.decisions()) == 1
