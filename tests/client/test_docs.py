"""What README and docs/client.md show runs, against a gateway."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mahlan.events.comment import CommentSubmitted
from mahlan.events.nudge import NudgeOutcome

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
HERE = "http://127.0.0.1:8080"


def program(page: str, url: str) -> str:
    """The page's examples, one after the other, for the gateway of the test."""
    blocks = BLOCK.findall((ROOT / page).read_text("utf-8"))
    assert blocks
    text = "\n".join(blocks)
    assert HERE in text
    # The page's budget is for a machine that does nothing else.
    return text.replace(HERE, url).replace("budget=0.3", "budget=30")


async def test_the_example_of_the_readme_shows_a_nudge(stage, capsys):
    text = program("README.md", stage.url).replace(f'"{stage.url}"', f'"{stage.url}", key')
    await asyncio.to_thread(exec, text, {"key": stage.key})
    [said] = capsys.readouterr().out.splitlines()
    assert said.isascii()
    assert said != "post it"


async def test_the_examples_of_the_page_do_what_they_say(stage, capsys):
    stage.clock.now = datetime.now(UTC)
    await asyncio.to_thread(exec, program("docs/client.md", stage.url), {"key": stage.key})
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("Momken")
    assert said[3].startswith("none Milliseconds(")
    assert len(said) == 4
    assert {event.comment_id for event in await stage.until_sent(CommentSubmitted, 4)} == {
        *("c-1002", "c-2000", "c-2001", "c-2002")
    }
    assert (await stage.until_sent(NudgeOutcome, 1))[0].outcome == "shown"


@pytest.mark.parametrize("name", ["TIMEOUT", "TRIES", "DEADLINE", "BUDGET"])
def test_the_defaults_on_the_page_are_those_of_the_code(name):
    from mahlan.client import opening

    page = (ROOT / "docs" / "client.md").read_text("utf-8")
    value = getattr(opening, name)
    lines = {
        "TIMEOUT": f"| `timeout` | {value:g} |",
        "TRIES": f"| `tries`, `deadline` | {value},",
        "DEADLINE": f"`deadline` | 3, {value:g} |",
        "BUDGET": f"({value:g} by default)",
    }
    assert lines[name] in page
