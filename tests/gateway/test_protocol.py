"""Who sends no request, or never ends one, is cut: nobody may hold memory or a connection without a key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from mahlan.gateway import protocol
from tests.gateway.stage import PATIENCE, Stage

LINE = b"POST /v1/checks HTTP/1.1\r\nHost: here\r\n"
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def connected(stage: Stage) -> AsyncIterator[Connection]:
    reader, writer = await asyncio.open_connection("127.0.0.1", stage.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def send_on(writer: asyncio.StreamWriter, piece: bytes, most: int, every: float = 0.0) -> int:
    """Send until the connection is cut; the bytes that it took."""
    sent = 0
    try:
        async with asyncio.timeout(PATIENCE):
            while sent < most:
                writer.write(piece)
                await writer.drain()
                sent += len(piece)
                await asyncio.sleep(every)
    except ConnectionError:
        return sent
    return sent


async def ended(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the connection ends."""
    told = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            while piece := await reader.read(65_536):
                told += piece
    except ConnectionError:
        pass
    return bytes(told)


@pytest.mark.parametrize("begun", [LINE, LINE + b"X-Long: ", b"GET /", b"\r\n"])
async def test_a_head_without_an_end_is_cut(stage: Stage, begun: bytes) -> None:
    async with connected(stage) as (_, writer):
        writer.write(begun)
        piece = b"\r\n" * 2048 if begun == b"\r\n" else b"a: b\r\n" * 1000 if begun == LINE else b"a" * 4096
        assert await send_on(writer, piece, 50_000_000) < 20_000_000
    assert (await stage.check()).status == 200


async def test_a_head_as_large_as_it_may_be_is_read(stage: Stage) -> None:
    assert (await stage.check(headers={f"x-{n}": "a" * 4000 for n in range(10)})).status == 200


@pytest.mark.parametrize("sent", [b"", b"POST", LINE, b"\r\n"])
async def test_a_head_that_does_not_come_is_cut(stage: Stage, monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    monkeypatch.setattr(protocol, "SECONDS", 0.2)
    async with connected(stage) as (reader, writer):
        writer.write(sent)
        assert await ended(reader) == b""


async def test_a_head_that_comes_drop_by_drop_is_cut(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "SECONDS", 0.2)
    async with connected(stage) as (_, writer):
        writer.write(LINE)
        assert await send_on(writer, b"a: b\r\n", 6_000, every=0.01) < 6_000


@pytest.mark.parametrize("rest", [b"10000\r\n" + b"a" * 65_536 + b"\r\n", b"0\r\na: " + b"a" * 65_536])
async def test_a_refused_request_is_not_read_for_ever(stage: Stage, rest: bytes) -> None:
    async with connected(stage) as (reader, writer):
        writer.write(LINE + b"Transfer-Encoding: chunked\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 401 ")
        writer.write(rest)
        piece = rest if rest[:1] == b"1" else b"a" * 65_536
        assert await send_on(writer, piece, 100_000_000) < 50_000_000


async def test_who_goes_on_sending_after_the_answer_is_cut(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "SECONDS", 0.2)
    async with connected(stage) as (reader, writer):
        writer.write(LINE + b"Content-Length: 1000000\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 401 ")
        assert await send_on(writer, b"a", 1000, every=0.01) < 1000


async def test_a_slow_answer_and_a_connection_used_again_are_not_cut(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "SECONDS", 0.3)
    key = f"Authorization: Bearer {stage.key}\r\n".encode()
    body = b'{"comment_id": "c-1", "text": "hello", "author_key": "author-1"}'
    head = LINE + key + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    async with connected(stage) as (reader, writer), asyncio.timeout(PATIENCE):
        for _ in range(2):
            writer.write(head + body[:10])
            await asyncio.sleep(0.6)  # the body has the request's own limit
            writer.write(body[10:])
            assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
            await reader.readuntil(b"null}")
            await asyncio.sleep(0.6)  # and a rest in between the server's
        writer.write((head + body) * 3)
        for _ in range(3):
            await reader.readuntil(b"HTTP/1.1 200 ")
