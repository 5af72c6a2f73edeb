"""The gateway's process: it starts without Kafka, says what is wrong with its settings, and ends in time."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.gateway.process import Process
from tests.gateway.stage import HURTFUL

BODY = {"comment_id": "c-1", "text": HURTFUL, "author_key": "author-1"}


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path)
    yield process
    process.kill()


async def test_it_answers_without_kafka_and_ends_in_time_with_an_open_stream(process: Process) -> None:
    await process.until_ready()
    async with aiohttp.ClientSession(headers=process.headers) as session:
        async with session.post(f"{process.url}/v1/checks", json=BODY) as answer:
            assert (answer.status, (await answer.json())["recorded"]) == (200, True)
        async with session.get(f"{process.url}/v1/nudges/stream") as stream:
            assert await stream.content.readline() == b"retry: 2000\r\n"
            assert await asyncio.to_thread(process.end) == 0
            assert b"event: nudge" not in await stream.content.read()
    events = [line["event"] for line in process.events()]
    assert events[0] == "starting"
    assert events[-1] == "stopped"
    assert "drain_timeout" not in events
    told = [line["logger"] for line in process.events() if line["event"] == "library"]
    assert not [name for name in told if name.startswith(("uvicorn", "litestar"))], "nothing had to be cut off"


async def test_what_it_could_not_send_is_there_for_the_next_start(process: Process) -> None:
    await process.until_ready()
    session = aiohttp.ClientSession(headers=process.headers)
    async with session, session.post(f"{process.url}/v1/checks", json=BODY) as answer:
        assert answer.status == 200
    process.restart()
    await process.until_ready()
    assert 'mahlan_spool_records{service="gateway"} 1.0' in await process.metrics()
    ready = [line for line in process.events() if line["event"] == "spool"]
    assert [line["records"] for line in ready] == [0, 1]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (
            {"MAHLAN_GATEWAY_AUTH": "off", "MAHLAN_GATEWAY_HOST": "0.0.0.0"},
            "MAHLAN_GATEWAY_AUTH=off serves this machine",
        ),
        ({"MAHLAN_GATEWAY_PEPPER": "short"}, "MAHLAN_GATEWAY_PEPPER must have 16 characters"),
        ({"MAHLAN_GATEWAY_KEYS_FILE": "/nowhere/keys.toml"}, "MAHLAN_GATEWAY_KEYS_FILE cannot be read"),
        ({"MAHLAN_GATEWAY_SPOOL": "/proc/nowhere/spool"}, "MAHLAN_GATEWAY_SPOOL: the file cannot be used"),
        ({"MAHLAN_GATEWAY_HOST": "192.0.2.1"}, "MAHLAN_GATEWAY_PORT: cannot listen on 192.0.2.1"),
        ({"MAHLAN_GATEWAY_MAX_BODY": "999999999"}, "MAHLAN_GATEWAY_MAX_BODY"),
        ({"MAHLAN_CAMPAIGN": "nowhere"}, "MAHLAN_CAMPAIGN: no campaign 'nowhere'"),
    ],
)
def test_a_setting_that_cannot_work_is_one_line_and_status_2(
    tmp_path: Path, options: dict[str, str], says: str
) -> None:
    process = Process(tmp_path, options=options)
    assert process.ended() == 2
    last = process.lines[-1]
    assert last.startswith("mahlan: ")
    assert says in last


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = Process(tmp_path, options={"MAHLAN_GATEWAY_PORT": str(taken.getsockname()[1])})
        assert process.ended() == 2
    assert "choose another" in process.lines[-1]
