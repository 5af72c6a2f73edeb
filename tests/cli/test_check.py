"""``mahlan check``: one text through everything, at once, for machines and for people."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

import orjson
import pytest

UNWANTED = {"aiohttp", "aiokafka", "faust", "structlog", "rich", "prometheus_client", "uvloop", "asyncio"}
ARABIC = re.compile("[\u0600-\u06ff]")


def checked(mahlan, *arguments: str) -> dict:
    done = mahlan("check", *arguments)
    assert done.returncode == 0, done.stderr
    return orjson.loads(done.stdout)


@pytest.mark.parametrize(
    ("text", "language"),
    [("you are so stupid", "en"), ("enta ghaby ya 3am", "arz-Latn"), ("انت فاشل يا عم مش فاهم حاجة", "arz")],
)
def test_a_hurtful_text_gets_a_nudge_in_its_own_language(mahlan, text, language):
    row = checked(mahlan, text)
    assert row["language"] == row["nudge"]["language"] == language
    assert (row["decision"], row["reason"]) == ("nudge", "over_band")
    assert row["model"] == "words@1"


def test_the_words_it_rests_on_are_told_in_characters_of_the_text_as_written(mahlan):
    text = "😂 you are sooo STUPID @stupid"
    assert [text[start:end] for start, end in checked(mahlan, text)["spans"]] == ["STUPID"]
    assert checked(mahlan, "what a lovely day")["spans"] == []


def test_a_kind_text_gets_none(mahlan):
    row = checked(mahlan, "what a lovely day")
    assert (row["decision"], row["reason"], row["nudge"]) == ("none", "not_toxic", None)


def test_the_challenge_is_left_alone(mahlan):
    row = checked(mahlan, "you are so stupid #Practicethepause")
    assert (row["decision"], row["reason"]) == ("suppress", "campaign_tag")


def test_nothing_to_check(mahlan):
    for text in ("", "  \n"):
        done = mahlan("check", text)
        assert done.returncode == 2
        assert b"TEXT is empty" in done.stderr


def test_unknown_campaign_and_model_are_one_line_each(mahlan):
    for option in ("--campaign", "--model"):
        done = mahlan("check", option, "nothing-such", "hello")
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1


def test_only_what_is_needed_is_imported(environment):
    code = (
        "import sys; from mahlan.cli.main import run; code = run(['check', 'hello']); "
        "print(*sorted(sys.modules), file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, check=True)
    loaded = {name.partition(".")[0] for name in done.stderr.decode().split()}
    assert "onnxruntime" in loaded
    assert not loaded & UNWANTED


def on_terminal(environment: dict[str, str], *arguments: str) -> str:
    """What a terminal is sent."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "mahlan", *arguments],
        stdout=follower,
        stderr=follower,
        stdin=subprocess.DEVNULL,
        env={**environment, "TERM": "xterm-256color", "COLUMNS": "100"},
    )
    os.close(follower)
    said = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:  # Linux's way to say that the other end is closed
            break
        if not piece:
            break
        said += piece
    os.close(leader)
    assert process.wait(60) == 0
    return said.decode()


def test_on_a_terminal_there_are_colours_and_right_to_left_lines_stand_alone(environment):
    said = on_terminal(environment, "check", "انت فاشل يا عم مش فاهم حاجة")
    assert "\x1b[" in said
    assert re.search("\x1b\\[[0-9;]*4[0-9;]*mفاشل\x1b", said), "the insult is underlined"
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", said)
    assert "nudge (over_band)" in plain
    arabic = [line for line in plain.splitlines() if ARABIC.search(line)]
    assert len(arabic) >= 5  # the reading, the wording, three buttons
    assert not [line for line in arabic if re.search("[A-Za-z]", line)]


def test_json_on_a_terminal_too(environment):
    said = on_terminal(environment, "check", "--json", "hello")
    assert orjson.loads(said)["decision"] == "none"
