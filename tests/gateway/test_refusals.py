"""Who is refused before the framework sees it is told the same, in the same shape, and counted the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from yarl import URL

from mahlan.gateway.queue_wait import QueueWait
from tests.gateway.stage import Answer, Stage
from tests.gateway.test_limits import Held, post

PAGE = "https://site.example"
PROBLEM, JSON = "application/problem+json", "application/json"
#: Every kind of route: its method, its path, its pattern, and the content type of what it tells when it is full.
ROUTES = (
    ("POST", "/v1/checks", "/v1/checks", PROBLEM),
    ("POST", "/v1/checks/", "/v1/checks", PROBLEM),
    ("POST", "/v1/nudges/n-1/outcomes", "/v1/nudges/{nudge_id}/outcomes", PROBLEM),
    ("DELETE", "/v1/authors/a/data", "/v1/authors/{author_key}/data", PROBLEM),
    ("POST", "/v1alpha1/comments:analyze", "/v1alpha1/comments:analyze", JSON),
    ("POST", "/v1alpha1/comments%3Asuggestscore", "/v1alpha1/comments:suggestscore", JSON),
    ("POST", "/v1/moderations", "/v1/moderations", JSON),
    ("GET", "/", "/", PROBLEM),
    ("GET", "/composer/a/b.js", "/composer/{name}", PROBLEM),
    ("GET", "/kanarya", "", PROBLEM),
    ("PUT", "/v1/checks", "", PROBLEM),
)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    return Held(monkeypatch)


@asynccontextmanager
async def occupied(stage: Stage, held: Held) -> AsyncIterator[None]:
    """A check that is not answered before the end."""
    held.go.clear()
    held.entered.clear()
    one = asyncio.create_task(stage.check("occupying", author_key="author-0"))
    await asyncio.to_thread(held.entered.wait, 30)
    try:
        yield
    finally:
        held.go.set()
        assert (await one).status == 200


async def ask(stage: Stage, method: str, path: str, origin: str = PAGE) -> Answer:
    """As a page does, and without a key."""
    headers = {"origin": origin}
    async with stage.session.request(method, URL(stage.url + path, encoded=True), headers=headers) as answer:
        return Answer(answer.status, answer.headers, await answer.read())


async def test_a_refusal_has_the_shape_and_the_name_of_its_route(tmp_path: Path, held: Held) -> None:
    stage = Stage(tmp_path, {"gateway_concurrency": 1})
    stage.add_key("check", origins=(PAGE,))
    async with stage.running():
        before = [await ask(stage, method, path) for method, path, _, _ in ROUTES]
        labelled = [
            _counted(stage, method, pattern, answer.status)
            for (method, _, pattern, _), answer in zip(ROUTES, before, strict=True)
        ]
        assert all(labelled), list(zip(ROUTES, labelled, strict=True))
        async with occupied(stage, held):
            for (method, path, pattern, media_type), instead in zip(ROUTES, before, strict=True):
                earlier = _counted(stage, method, pattern, 503)
                answer = await ask(stage, method, path)
                assert (answer.status, answer.headers["content-type"]) == (503, media_type), path
                assert _counted(stage, method, pattern, 503) == earlier + 1, path
                assert (answer.headers["retry-after"], answer.headers["cache-control"]) == ("1", "no-store")
                assert answer.headers["x-content-type-options"] == "nosniff"
                # What a page may read of it is what it may read of the framework's answer.
                for name in ("access-control-allow-origin", "access-control-expose-headers", "vary"):
                    assert answer.headers.getall(name, []) == instead.headers.getall(name, []), (path, name)
                assert b"kanarya" not in answer.body
        assert stage.counted("mahlan_gateway_shed_total", reason="concurrency") == len(ROUTES)


def _counted(stage: Stage, method: str, pattern: str, status: int) -> float:
    route = f"{method} {pattern}" if pattern else "none"
    return stage.counted("mahlan_gateway_requests_total", route=route, status=str(status))


async def test_each_format_tells_it_in_its_own_words(tmp_path: Path, held: Held) -> None:
    async with Stage(tmp_path, {"gateway_concurrency": 1}).running() as stage, occupied(stage, held):
        problem = await ask(stage, "POST", "/v1/checks")
        assert problem.json == {
            "type": "urn:mahlan:problem:overloaded",
            "title": "Too much at once",
            "status": 503,
            "detail": "too many requests at the same time; try again",
        }
        google = (await ask(stage, "POST", "/v1alpha1/comments:analyze")).json["error"]
        assert (google["code"], google["status"]) == (503, "UNAVAILABLE")
        openai = (await ask(stage, "POST", "/v1/moderations")).json["error"]
        assert (openai["type"], openai["code"]) == ("server_error", "overloaded")


async def test_others_pages_may_not_read_it_and_a_preflight_is_never_refused(tmp_path: Path, held: Held) -> None:
    stage = Stage(tmp_path, {"gateway_concurrency": 1})
    stage.add_key("check", origins=(PAGE,))
    async with stage.running(), occupied(stage, held):
        answer = await ask(stage, "POST", "/v1/checks", "https://elsewhere.example")
        assert answer.status == 503
        assert "access-control-allow-origin" not in answer.headers
        asked = {"origin": PAGE, "access-control-request-method": "POST"}
        before = await stage.ask("OPTIONS", "/v1/checks", key=None, headers=asked)
        assert (before.status, before.headers["access-control-allow-origin"]) == (204, PAGE)


async def test_streams_have_places_of_their_own(tmp_path: Path, held: Held) -> None:
    async with Stage(tmp_path, {"gateway_concurrency": 1, "gateway_streams": 1}).running() as stage:
        headers = {"Authorization": f"Bearer {stage.key}"}
        async with occupied(stage, held), stage.session.get(f"{stage.url}/v1/nudges/stream", headers=headers) as one:
            assert one.status == 200
            another = await stage.ask("GET", "/v1/nudges/stream")
            assert (another.status, another.code) == (503, "overloaded")
            assert stage.counted("mahlan_gateway_shed_total", reason="streams") == 1
            route = "GET /v1/nudges/stream"
            assert stage.counted("mahlan_gateway_requests_total", route=route, status="503") == 1


async def test_a_full_queue_refuses_before_a_body_is_read_and_only_what_is_scored(tmp_path: Path, held: Held) -> None:
    async with Stage(tmp_path, {"gateway_queue": 1}).running() as stage:
        async with occupied(stage, held):
            waits = asyncio.create_task(stage.check("waits", author_key="author-2"))
            await stage.until(lambda: stage.counted("mahlan_gateway_queue") == 1)
            refusal = await post(stage, b"no body at all")
            assert (refusal.status, refusal.code) == (503, "overloaded")
            for path in ("/v1/moderations", "/v1alpha1/comments:analyze", "/v1alpha1/comments:suggestscore"):
                assert (await stage.ask("POST", path, json={})).status == 503
            assert stage.counted("mahlan_gateway_shed_total", reason="queue") == 4
            assert (await stage.report("c-9")).status == 202
        assert (await waits).status == 200


async def test_a_text_that_would_wait_too_long_is_refused_at_once(tmp_path: Path, held: Held) -> None:
    async with Stage(tmp_path, {"gateway_timeout": 0.5, "gateway_patience": 0.5}).running() as stage:
        assert (await stage.check("slow")).status == 504
        waits = asyncio.create_task(stage.check("waits", author_key="author-2"))
        await stage.until(lambda: stage.counted("mahlan_gateway_queue") == 1)
        await stage.until(lambda: stage.parts().pool.crowded() == "wait")
        refusal = await stage.check("refused", author_key="author-3")
        assert (refusal.status, refusal.code, refusal.headers["retry-after"]) == (503, "overloaded", "1")
        assert stage.counted("mahlan_gateway_shed_total", reason="wait") == 1
        held.go.set()
        await waits
        # The one slow batch does not shut the door on those who come when nobody waits.
        await stage.until(lambda: stage.counted("mahlan_batch_records_count") >= 1)
        assert (await stage.check("then", author_key="author-4")).status == 200


def test_the_wait_is_that_of_the_batches_ahead_as_they_went_lately() -> None:
    queue = QueueWait(most=32)
    assert queue.seconds(0, 0.0) == queue.seconds(1000, 0.0) == 0.0
    queue.begin(10.0)
    assert queue.seconds(0, 11.0) == 0.0
    assert queue.seconds(1, 11.0) == pytest.approx(1.0)
    queue.end(12.0)
    assert queue.seconds(0, 12.0) == 0.0
    assert queue.seconds(32, 12.0) == pytest.approx(2.0)
    assert queue.seconds(33, 12.0) == pytest.approx(4.0)
    queue.begin(12.0)
    assert queue.seconds(33, 12.5) == pytest.approx(1.5 + 4.0)
    queue.end(12.5)
    assert queue.seconds(32, 12.5) == pytest.approx(2.0 - 0.2 * 1.5)
    queue.begin(13.0)
    assert queue.seconds(32, 23.0) == pytest.approx(10.0)
