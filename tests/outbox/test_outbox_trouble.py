"""An outbox that meets what it cannot keep: records no topic takes, damage, bad places, text that was sent."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from mahlan.errors import OversizeError, SettingsError, SpoolError
from mahlan.runtime.broker import Outgoing, TopicSpec
from mahlan.runtime.spool import Spool
from tests.dispatcher.delivering import until
from tests.outbox.spooling import PARTITIONS, TOPIC, numbered


async def test_a_record_that_no_topic_takes_is_refused_and_its_neighbours_with_it(stage):
    async with stage.opened() as outbox:
        with pytest.raises(OversizeError) as caught:
            await outbox.add([*numbered(0), *numbered(1, value=bytes(5_000_000))])
        assert caught.value.index == 1
        with pytest.raises(ValueError, match="ce_id"):
            await outbox.add([Outgoing(TOPIC, b"k", b"v")])
        await outbox.add([])
        assert outbox.depth == 0


async def test_a_record_its_topic_does_not_take_is_counted_as_lost_and_holds_nothing_up(stage):
    await stage.broker.create_topics([TopicSpec("narrow.v1", PARTITIONS, config={"max.message.bytes": "1000"})])
    with capture_logs() as lines:
        async with stage.running() as outbox:
            await outbox.add(numbered(0))
            await outbox.add(numbered(7, topic="narrow.v1", value=b"canary7391" * 200))
            await outbox.add(numbered(1))
            await until(lambda: outbox.depth == 0)
    await stage.check(2)
    assert stage.counted("mahlan_spool_lost_total", reason="too_large") == 1
    (line,) = [line for line in lines if line["event"] == "spool_lost"]
    assert (line["topic"], line["reason"]) == ("narrow.v1", "too_large")
    assert "canary" not in repr(lines)


async def test_a_damaged_file_is_told_and_the_outbox_goes_on(stage):
    async with stage.opened() as outbox:
        await outbox.add(numbered(*range(100, 130)))
    stage.path.write_bytes(b"\xa5" * 10_000)
    with capture_logs() as lines:
        async with stage.running() as outbox:
            await outbox.add(numbered(0, 1))
            await until(lambda: outbox.depth == 0)
    await stage.check(2)
    assert stage.counted("mahlan_spool_lost_total", reason="damaged") == 1
    assert [line["bytes"] for line in lines if line["event"] == "spool_lost"] == [10_000]


async def test_no_file_holds_the_text_of_what_was_sent(stage):
    def holding() -> list[str]:
        files = stage.path.parent.iterdir()
        return sorted(file.name for file in files if b"canary7391" in file.read_bytes())

    async with stage.running(sweep=0.05) as outbox:
        stage.broker.away = True
        for n in range(20):
            await outbox.add(numbered(n, value=b"canary7391" * 300))
        assert holding()
        stage.broker.away = False
        await until(lambda: outbox.depth == 0)
        await until(lambda: not holding())
        # And what waits is no reason to keep what does not: the topic of these is not there yet.
        await outbox.add(numbered(20, value=b"canary7391"))
        await until(lambda: outbox.depth == 0)
        await outbox.add(numbered(21, topic="late.v1"))
        await until(lambda: not holding())
        assert outbox.depth == 1
    await stage.check(21)


async def test_a_sweep_that_fails_is_told_tried_again_and_holds_nothing_up(stage, monkeypatch):
    swept = Spool.sweep
    failures = [SpoolError("the spool cannot be written"), SpoolError("the spool cannot be written")]

    def failing(spool):
        if failures:
            raise failures.pop()
        swept(spool)

    monkeypatch.setattr(Spool, "sweep", failing)
    with capture_logs() as lines:
        async with stage.running(sweep=0.05) as outbox:
            for n in range(5):
                await outbox.add(numbered(n))
            await until(lambda: outbox.depth == 0)
            await until(lambda: not outbox._spool.soiled)
    await stage.check(5)
    assert [line["event"] for line in lines if line["log_level"] == "warning"] == ["spool_unswept"] * 2


async def test_a_place_that_cannot_be_used_is_told_at_the_start(stage):
    stage.path.mkdir(parents=True)
    outbox = stage.build()
    with pytest.raises(SettingsError, match="MAHLAN_GATEWAY_SPOOL"):
        await outbox.open()
