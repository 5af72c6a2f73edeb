"""JSON Schemas of every event, generated from the classes. ``make contracts`` runs this as a program.

``python -m mahlan.events.jsonschema FOLDER`` writes; with ``--check`` it only compares and fails on a difference.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

import msgspec
import orjson

from mahlan.events.comment import CommentSubmitted
from mahlan.events.topics import TOPICS, Topic

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(topic: Topic) -> Any:
    """The JSON Schema (2020-12) of the events of one topic, self-contained."""
    assert topic.event is not None
    (root,), parts = msgspec.json.schema_components([topic.event], ref_template="#/$defs/{name}")
    body: dict[str, Any] = dict(parts.pop(root["$ref"].rpartition("/")[2]))
    if topic.event is CommentSubmitted:
        # Said in __post_init__, which msgspec cannot see.
        present = {"type": "string"}
        body["anyOf"] = [{"required": [name], "properties": {name: present}} for name in ("author_key", "author_id")]
    head = {"$schema": DIALECT, "$id": f"https://mahlan.example/schemas/{topic.name}.json"}
    defs = {"$defs": parts} if parts else {}
    return _clean({**head, **body, "title": topic.event.__name__, **defs})


def _clean(node: Any) -> Any:
    # Descriptions come from docstrings: without their indentation.
    if isinstance(node, dict):
        return {
            key: inspect.cleandoc(value) if key == "description" and isinstance(value, str) else _clean(value)
            for key, value in node.items()
        }
    return [_clean(item) for item in node] if isinstance(node, list) else node


def documents() -> dict[str, bytes]:
    """File name to content, for every topic that carries an event."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return {f"{t.name}.schema.json": orjson.dumps(schema(t), option=options) for t in TOPICS if t.event}


def differing(folder: Path) -> list[str]:
    """Names of the schema files in ``folder`` that are missing, stale or not generated from a class."""
    wanted = documents()
    found = {path.name: path.read_bytes() for path in folder.glob("*.schema.json")}
    return sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))


def main(arguments: list[str]) -> int:
    """Write or check the folder named by the last argument; return the exit status."""
    folder = Path(arguments[-1])
    if "--check" in arguments:
        stale = differing(folder)
        for name in stale:
            sys.stderr.write(f"{name} differs from the event classes: run `make contracts`\n")
        return 1 if stale else 0
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in documents().items():
        (folder / name).write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["schemas"]))
