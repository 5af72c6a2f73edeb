"""What was sent stays in no file of the outbox."""

from __future__ import annotations

from structlog.testing import capture_logs

from mahlan.errors import SpoolError
from mahlan.runtime.spool import Spool
from tests.outbox.spooling import numbered, until


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
