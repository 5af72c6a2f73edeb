"""The events page: each event's fields from its JSON Schema, and one good example. Called by ``docs/generate.py``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from mahlan.events.jsonschema import schema
from mahlan.events.topics import BY_EVENT, Topic

Table = Callable[[Sequence[str], Iterable[Sequence[str]]], str]
Schema = dict[str, Any]

#: Pairs of limits as a reader says them: the lower, the upper, and of what.
LIMITS = (("minimum", "maximum", ""), ("minLength", "maxLength", " characters"), ("minItems", "maxItems", " items"))


def describe_events(examples: Path, table: Table) -> str:
    """One section an event, in the order of the topics."""
    topics = sorted(set(BY_EVENT.values()), key=list(BY_EVENT.values()).index, reverse=True)
    return "\n".join(_section(topic, examples, table) for topic in topics)


def _section(topic: Topic, examples: Path, table: Table) -> str:
    body = schema(topic)
    parts = [f"## {body['title']}\n\n`{topic.type}` on `{topic.name}`. {_prose(body)}\n", _fields(body, table)]
    for name, part in sorted(body.get("$defs", {}).items()):
        parts.append(f"### {name} in {body['title']}\n\n{_prose(part)}\n")
        parts.append(_fields(part, table))
    fullest = max((examples / topic.name / "good").glob("*.json"), key=lambda path: (path.stat().st_size, path.name))
    event = json.dumps(json.loads(fullest.read_text("utf-8")), ensure_ascii=False, indent=2)
    parts.append(f"An example:\n\n```json\n{event}\n```\n")
    return "\n".join(parts)


def _prose(body: Schema) -> str:
    return str(body["description"]).replace("``", "`")


def _fields(body: Schema, table: Table) -> str:
    required = set(body.get("required", ()))
    rows = [
        (f"`{name}`", _type(field), "required" if name in required else _default(field), _meaning(field))
        for name, field in body["properties"].items()
    ]
    return table(("field", "type", "default", "meaning"), rows)


def _default(field: Schema) -> str:
    default = field.get("default", "")
    return f"`{json.dumps(default)}`" if default != "" else "each field's own" if "$ref" in field else ""


def _type(field: Schema) -> str:
    if "$ref" in field:
        return str(field["$ref"]).rpartition("/")[2]
    if "anyOf" in field:
        return " or ".join(_type(choice) for choice in field["anyOf"])
    if "enum" in field:
        return " | ".join(f"`{value}`" for value in field["enum"])
    limits = [_range(field.get(low), field.get(high)) + unit for low, high, unit in LIMITS if {low, high} & set(field)]
    limits += [f"`{field[key]}`" for key in ("pattern",) if key in field]
    return ", ".join([_kind(field), *limits])


def _range(low: float | None, high: float | None) -> str:
    """``8–128``, ``4`` where both are the same, ``at least 8`` where the other is missing."""
    if low == high:
        return f"{low:,g}"
    if low is None or high is None:
        return f"at most {high:,g}" if low is None else f"at least {low:,g}"
    return f"{low:,.15g}–{high:,.15g}"


def _kind(field: Schema) -> str:
    match field.get("type"):
        case "array":
            return f"list of {_type(field['items'])}"
        case "object":
            return f"object of {_type(field['additionalProperties'])}"
        case kind:
            return str(field.get("format", kind))


def _meaning(field: Schema) -> str:
    inner = [_meaning(choice) for choice in field.get("anyOf", ())]
    return str(field.get("description") or next(filter(None, inner), ""))
