"""No gateway at the address, or a bad way to it: nothing hangs, nothing is told, no comment is held up."""

from __future__ import annotations

import asyncio
import socket
import threading
import traceback

import httpx2
import pytest

from mahlan.client import AnswerError, AsyncMahlan, ClientError, Mahlan, UnavailableError
from tests.client.far_sides import breaking, dripping, never, saying
from tests.gateway.stage import HURTFUL

KEY = "mhl_12345678_the-secret-part-of-a-key"
AUTHOR = {"author_id": "somebody-42"}
PATIENCE = 30.0


@pytest.mark.parametrize("script", [never, dripping], ids=["silent", "dripping"])
async def test_a_slow_server_holds_no_comment_up(opened, far_side, script):
    async with far_side(script) as side, asyncio.timeout(PATIENCE):
        client = opened(side.url, KEY, timeout=3600, deadline=3600)
        answer = await client.try_check("c-1", HURTFUL, budget=0.2, **AUTHOR)
    assert (answer.decision, answer.reason, answer.recorded) == ("none", "unavailable", False)
    assert len(side.seen) == 1


async def test_a_slow_server_is_given_up_after_the_timeout(opened, far_side):
    async with far_side(never) as side, asyncio.timeout(PATIENCE):
        with pytest.raises(UnavailableError, match="in time"):
            await opened(side.url, KEY, timeout=0.1, deadline=3600, tries=2).check("c-1", HURTFUL, **AUTHOR)
    assert len(side.seen) == 2


def test_a_name_that_cannot_be_resolved_holds_no_comment_up():
    """Resolving has no time-out in the operating system's resolver: the budget must not rest on one."""
    stuck = threading.Event()

    class Resolving(httpx2.BaseTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            stuck.wait()
            raise httpx2.ConnectError("at last")

    try:
        with Mahlan("http://gateway.invalid", KEY, http=httpx2.Client(transport=Resolving())) as mahlan:
            assert mahlan.try_check("c-1", HURTFUL, budget=0.1, **AUTHOR).reason == "unavailable"
    finally:
        stuck.set()


@pytest.mark.parametrize("budget", [0.0, -1.0])
async def test_without_a_budget_nothing_is_waited_for(opened, far_side, budget):
    async with far_side(never) as side, asyncio.timeout(PATIENCE):
        assert (await opened(side.url, KEY).try_check("c-1", HURTFUL, budget=budget, **AUTHOR)).reason == "unavailable"


STRANGERS = [
    (saying("200 OK", b"<html>log in to the hotel's network</html>"), AnswerError),
    (saying("200 OK", b"\xff\xfe"), AnswerError),
    (saying("200 OK", b"{}"), AnswerError),
    (saying("404 Not Found", b"kanarya"), AnswerError),
    (saying("400 Bad Request", b'{"type": "x"}', "Content-Type: application/problem+json"), AnswerError),
    (saying("400 Bad Request", b"kanarya", "Content-Type: application/problem+json"), AnswerError),
    (saying("302 Found", b"", "Location: http://127.0.0.1:1/v1/checks"), AnswerError),
    (saying("502 Bad Gateway", b"<html>"), UnavailableError),
    (saying("503 Service Unavailable", b"", "Retry-After: soon"), UnavailableError),
    (breaking, UnavailableError),
]


@pytest.mark.parametrize(("script", "error"), STRANGERS)
async def test_what_no_gateway_says(opened, far_side, script, error, caplog):
    async with far_side(script) as side, asyncio.timeout(PATIENCE):
        client = opened(side.url, KEY, tries=2)
        with pytest.raises(error) as told:
            await client.check("c-1", HURTFUL, **AUTHOR)
        tries = len(side.seen)
        assert (await client.try_check("c-1", HURTFUL, budget=20, **AUTHOR)).reason == "unavailable"
    assert tries == (2 if error is UnavailableError else 1)
    said = "".join(traceback.format_exception(told.value)) + repr(client) + caplog.text
    assert not [word for word in (KEY, HURTFUL, "somebody-42", "kanarya", "hotel") if word in said]
    assert told.value.__context__ is None


async def test_an_answer_without_end_is_cut(opened, far_side):
    async def pouring(writer: asyncio.StreamWriter, _: int) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 100_000)
            await writer.drain()

    async with far_side(pouring) as side, asyncio.timeout(PATIENCE):
        with pytest.raises(UnavailableError, match="too large"):
            await opened(side.url, KEY, timeout=3600, tries=1).check("c-1", HURTFUL, **AUTHOR)


async def test_a_try_after_a_lost_answer_is_the_same_request(opened, far_side):
    async with far_side(breaking) as side, asyncio.timeout(PATIENCE):
        with pytest.raises(UnavailableError):
            await opened(side.url, KEY).publish("c-1", HURTFUL, **AUTHOR)
    assert len(side.seen) == 3
    assert len({request.partition(b"\r\n\r\n")[2] for request in side.seen}) == 1
    assert b'"occurred_at":null' not in side.seen[0]


async def test_the_key_goes_to_the_gateway_and_is_shown_nowhere(opened, far_side):
    async with far_side(never) as side, asyncio.timeout(PATIENCE):
        client = opened(side.url, KEY)
        await client.try_check("c-1", HURTFUL, budget=0.2, **AUTHOR)
    assert f"bearer {KEY}".encode() in side.seen[0].replace(b"Bearer", b"bearer")
    inner = getattr(client, "inner", client)
    assert repr(client) == f"{type(inner).__name__}({side.url!r})"
    assert KEY not in repr(vars(inner))


@pytest.mark.parametrize("kind", [Mahlan, AsyncMahlan])
@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("gateway.example", KEY),
        ("ftp://gateway.example", KEY),
        ("https://me:hunter2@gateway.example", KEY),
        ("https://gateway.example?key=hunter2", KEY),
        ("https://gateway.example", "hunter2\n"),
        ("https://gateway.example", "hunter2\u0660"),
        ("https://gateway.example", ""),
    ],
)
def test_an_address_or_key_that_cannot_be_one(kind, url, key):
    with pytest.raises(ValueError, match=r"^(url|key) ") as told:
        kind(url, key)
    assert "hunter2" not in str(told.value)


def test_an_ipv6_address_is_one():
    assert repr(Mahlan("http://[::1]:8080/mahlan/")) == "Mahlan('http://[::1]:8080/mahlan/')"


async def test_a_connection_that_is_refused_in_every_way_is_a_client_error(opened):
    with socket.create_server(("127.0.0.1", 0), backlog=1) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(ClientError):
            await opened(url, KEY, timeout=0.1, tries=1).check("c-1", HURTFUL, **AUTHOR)
