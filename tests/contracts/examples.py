"""The examples under ``schemas/examples``: read here, used by every test of the contract."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from mahlan.events.topics import BY_NAME, Topic

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "schemas" / "examples"


@dataclass(frozen=True, slots=True)
class Example:
    """One file: a good event, or a bad one with the field it must be refused for."""

    name: str
    topic: Topic
    event: Any
    field: str = ""

    @property
    def data(self) -> bytes:
        """The event as it would stand in a record. Written by hand for integers that orjson cannot write."""
        return json.dumps(self.event, ensure_ascii=False).encode()


def _read(kind: str) -> list[Example]:
    found = []
    for path in sorted(FOLDER.glob(f"*/{kind}/*.json")):
        body = json.loads(path.read_text("utf-8"))
        topic = BY_NAME[path.parent.parent.name]
        name = f"{topic.name}-{path.stem}"
        found.append(
            Example(name, topic, body) if kind == "good" else Example(name, topic, body["event"], body["field"])
        )
    return found


GOOD = _read("good")
BAD = _read("bad")


def records() -> list[tuple[type, bytes]]:
    """Class and bytes of each good example, in a fixed order."""
    return [(example.topic.event, orjson.dumps(example.event)) for example in GOOD if example.topic.event]
