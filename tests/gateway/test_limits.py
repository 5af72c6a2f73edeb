"""Too large, too deep, too slow, too many: each has its own answer, and the gateway goes on."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from mahlan.gateway import pool
from tests.gateway.stage import FRIENDLY, Answer, Stage

JSON = {"content-type": "application/json"}


async def post(stage: Stage, data: Any, **options: Any) -> Answer:
    return await stage.ask("POST", "/v1/checks", data=data, **{"headers": JSON, **options})


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "malformed"),
        (b"kanarya", "malformed"),
        (b'{"text": "kanarya', "malformed"),
        (b"\xff\xfe", "malformed"),
        (b'{"comment_id": "c", "text": "\xff"}', "malformed"),
        (b'{"comment_id": "c", "text": "\\ud800", "author_key": "author-1"}', "malformed"),
        (b"[" * 200_000, "invalid_field"),
        (b'{"context":' * 20_000, "malformed"),
        (b'{"x":' + b"[" * 200_000, "malformed"),
        (b"[]", "invalid_field"),
        (b"null", "invalid_field"),
        (b"{}", "invalid_field"),
    ],
)
async def test_what_is_no_body_is_told_without_quoting_it(stage: Stage, body: bytes, code: str) -> None:
    answer = await post(stage, body)
    assert (answer.status, answer.code) == (400, code)
    assert b"kanarya" not in answer.body


async def test_a_body_that_is_too_large_is_refused_however_it_comes(tmp_path: Path) -> None:
    async with Stage(tmp_path, {"gateway_max_body": 10_000}).running() as stage:
        large = b'{"comment_id": "c-1", "author_key": "author-1", "text": "' + b"a" * 10_000 + b'"}'

        async def pieces() -> Any:
            for start in range(0, len(large), 1000):
                yield large[start : start + 1000]

        for data in (large, pieces(), b" " * 39_000, b" " * 5_000_000):
            try:
                answer = await post(stage, data)
            except aiohttp.ClientError:
                assert isinstance(data, bytes)
                assert len(data) == 5_000_000  # nobody waits for all of that
            else:
                assert (answer.status, answer.code) == (413, "too_large")
        assert (await stage.check(text="a" * 9_000)).status == 200


async def test_a_packed_body_is_refused(stage: Stage) -> None:
    for packing in ("gzip", "deflate, gzip", "br"):
        answer = await post(stage, b"{}", headers={**JSON, "content-encoding": packing})
        assert (answer.status, answer.json["field"]) == (415, "Content-Encoding")
    assert (await post(stage, b"{}", headers={**JSON, "content-encoding": "identity"})).status == 400


async def test_another_kind_of_body_is_refused(stage: Stage) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = await post(stage, b"{}", headers={"content-type": kind})
        assert (answer.status, answer.json["field"]) == (415, "Content-Type")


async def test_there_is_nothing_else(stage: Stage) -> None:
    for path in ("/v1", "/v1/check", "/schema", "/docs", "/v1/checks/kanarya", "/composer/../app.py", "/metrics"):
        answer = await stage.ask("GET", path)
        assert (answer.status, answer.code) in {(404, "not_found"), (405, "method_not_allowed")}, path
        assert b"kanarya" not in answer.body
    wrong = await stage.ask("PUT", "/v1/checks")
    assert (wrong.status, wrong.code) == (405, "method_not_allowed")
    assert "POST" in wrong.headers["allow"]
    assert (await stage.ask("OPTIONS", "/v1/checks")).headers["allow"] == "OPTIONS, POST"
    assert (await stage.ask("PROPFIND", "/kanarya")).status in {404, 405}
    assert "kanarya" not in str(list(stage.metrics.registry.collect())).lower()


@pytest.mark.parametrize(
    "name",
    ["%00", "%ff", "a/" * 3000, "a" * 300, "..%2fapp.py", "%2e%2e/%2e%2e/app.py", "/etc/passwd", "..\\app.py", ".", ""],
)
async def test_a_file_that_cannot_be_is_not_there(stage: Stage, name: str) -> None:
    for folder in ("composer", "playground"):
        async with stage.session.get(URL(f"{stage.url}/{folder}/{name}", encoded=True)) as answer:
            assert answer.status == 404
            assert answer.headers["content-type"] == "application/problem+json"


async def test_every_answer_has_its_headers(stage: Stage) -> None:
    for answer in (await stage.check(), await stage.ask("GET", "/nowhere"), await stage.check(key=None)):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "server" not in answer.headers


class Held:
    """The pool's thread, standing still until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go, self.entered = threading.Event(), threading.Event()
        work = pool._read_all

        def waiting(*arguments: Any) -> Any:
            self.entered.set()
            self.go.wait(30)
            return work(*arguments)

        monkeypatch.setattr(pool, "_read_all", waiting)


async def test_more_texts_than_may_wait_are_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held(monkeypatch)
    async with Stage(tmp_path, {"gateway_queue": 5}).running() as stage:
        first = asyncio.create_task(stage.check())
        await asyncio.to_thread(held.entered.wait, 30)
        asked = [asyncio.create_task(stage.check(f"c-{n}", author_key=f"author-{n}")) for n in range(20)]
        await stage.until(lambda: sum(task.done() for task in asked) == 15)
        held.go.set()
        assert (await first).status == 200
        answers = [await task for task in asked]
        refused = [answer for answer in answers if answer.status != 200]
        assert {(answer.status, answer.code, answer.headers["retry-after"]) for answer in refused} == {
            (503, "overloaded", "1")
        }
        assert len(refused) == 15
        assert {answer.json["decision"] for answer in answers if answer.status == 200} == {"nudge"}
        assert stage.counted("mahlan_gateway_shed_total", reason="queue") == len(refused)
        assert (await stage.check("again")).status == 200


async def test_far_too_much_at_once_is_shed_and_does_no_harm(tmp_path: Path) -> None:
    """The real model, and twenty times as many requests as may wait: some are refused, none fails, and it goes on."""
    async with Stage(tmp_path, {"gateway_queue": 20}).running() as stage:
        for _ in range(3):
            asked = [stage.check(f"c-{n}", author_key=f"author-{n}", record=False) for n in range(400)]
            statuses = Counter(answer.status for answer in await asyncio.gather(*asked))
            assert set(statuses) == {200, 503}
            assert statuses[200] >= 20
            assert (await stage.check("then", record=False)).status == 200
        assert stage.counted("mahlan_gateway_queue") == 0


async def test_what_waits_is_one_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held(monkeypatch)
    async with Stage(tmp_path).running() as stage:
        first = asyncio.create_task(stage.check("c-0", author_key="author-0"))
        await asyncio.to_thread(held.entered.wait, 30)
        rest = [asyncio.create_task(stage.check(f"c-{n}", author_key=f"author-{n}")) for n in range(1, 21)]
        await stage.until(lambda: stage.counted("mahlan_gateway_queue") == 20)
        held.go.set()
        assert {(await task).status for task in (first, *rest)} == {200}
        assert stage.counted("mahlan_batch_records_count") == 2
        assert stage.counted("mahlan_batch_records_sum") == 21


async def test_more_requests_than_may_be_open_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held(monkeypatch)
    async with Stage(tmp_path, {"gateway_concurrency": 4}).running() as stage:
        asked = [asyncio.create_task(stage.check(f"c-{n}")) for n in range(10)]
        await stage.until(lambda: sum(task.done() for task in asked) == 6)
        held.go.set()
        answers = [await task for task in asked]
        assert sorted(answer.status for answer in answers) == [200] * 4 + [503] * 6
        assert stage.counted("mahlan_gateway_shed_total", reason="concurrency") == 6
        for status, count in (("200", 4), ("503", 6)):
            assert stage.counted("mahlan_gateway_requests_total", route="POST /v1/checks", status=status) == count


async def test_what_takes_too_long_is_told_and_can_be_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(monkeypatch)
    async with Stage(tmp_path, {"gateway_timeout": 0.3}).running() as stage:
        late = await stage.check()
        assert (late.status, late.code) == (504, "timeout")
        held.go.set()
        await stage.until(lambda: stage.counted("mahlan_batch_records_count") == 1)
        assert (await stage.check()).json["decision"] == "nudge"


async def test_a_client_that_sends_slowly_does_not_hold_a_place_for_ever(tmp_path: Path) -> None:
    async with Stage(tmp_path, {"gateway_timeout": 0.3}).running() as stage:

        async def dribble() -> Any:
            yield b"{"
            await asyncio.sleep(5)
            yield b"}"

        late = await post(stage, dribble())
        assert (late.status, late.code) == (504, "timeout")
        assert (await stage.check(text=FRIENDLY)).status == 200


async def test_a_text_without_a_score_is_told_and_costs_no_other(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    read = pool.read_comment

    def broken(submitted: Any, key: str) -> Any:
        if submitted.text == "kanarya":
            raise ValueError(submitted.text)
        return read(submitted, key)

    monkeypatch.setattr(pool, "read_comment", broken)
    bad, good = await asyncio.gather(stage.check("c-1", "kanarya"), stage.check("c-2", FRIENDLY))
    assert (bad.status, bad.code, good.status) == (500, "internal_error", 200)
    assert "kanarya" not in "".join(capfd.readouterr())
