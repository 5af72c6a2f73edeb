"""No text in a log: fields outside the allow-list are dropped, a library's message is not shown."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import mahlan
from mahlan.runtime.logs import ALLOWED, allow_listed

CANARY = "qanary7391"

PROGRAM = f"""
import logging
from mahlan.runtime.logs import configure, logger
configure("normaliser", "info")
logger().info("started", topic="comments.submitted.v1", text="{CANARY}", comment="{CANARY}")
logger().debug("hidden", count=1)
logging.getLogger("aiokafka").error("could not send %s", "{CANARY}")
logging.getLogger("faust").info("{CANARY}")
try:
    raise ValueError("{CANARY}")
except ValueError:
    logging.getLogger("faust.agents").exception("agent crashed: {CANARY}")
"""


@pytest.fixture(scope="module")
def lines():
    # A process of its own: logging is set up for the whole of one.
    environment = {**os.environ, "PYTHONPATH": str(Path(mahlan.__file__).parents[1])}
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, env=environment)
    assert done.stdout == ""
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_nothing_a_caller_or_a_library_says_about_a_record_is_shown(lines):
    assert CANARY not in json.dumps(lines)


def test_our_line_has_its_fields_and_names_what_was_dropped(lines):
    ours = lines[0]
    assert (ours["event"], ours["service"], ours["level"]) == ("started", "normaliser", "info")
    assert ours["topic"] == "comments.submitted.v1"
    assert ours["dropped"] == ["comment", "text"]
    assert ours["time"].endswith("Z")


def test_debug_is_off_and_libraries_speak_from_warnings_up(lines):
    assert [line.get("logger") for line in lines] == [None, "aiokafka", "faust.agents"]


def test_a_librarys_line_says_where_and_which_exception(lines):
    assert lines[1]["where"].startswith("<string>:")
    assert lines[2]["error_type"] == "ValueError"


@pytest.mark.parametrize(
    "name", ["text", "value", "message", "comment", "body", "author_id", "author_key", "exception"]
)
def test_names_that_invite_text_are_not_allowed(name):
    assert name not in ALLOWED


def test_a_line_of_allowed_fields_is_left_as_it_is():
    line = {"event": "started", "topic": "t", "count": 3}
    assert allow_listed(None, "info", dict(line)) == line
