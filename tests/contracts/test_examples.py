"""Every published version has good and bad examples; decoder and JSON Schema agree on each of them."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from mahlan.errors import RecordError
from mahlan.events.codec import decode_json
from mahlan.events.jsonschema import differing
from mahlan.events.topics import TOPICS, Topic
from tests.contracts.examples import BAD, FOLDER, GOOD, ROOT, Example

# RFC 3339, section 5.6, written down a second time on purpose: jsonschema checks no format by itself.
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")

WITH_EVENT = [topic for topic in TOPICS if topic.event]


def is_moment(value: object) -> bool:
    if not isinstance(value, str):
        return True
    return RFC_3339.fullmatch(value) is not None and datetime.fromisoformat(value).tzinfo is not None


def validator(topic: Topic) -> Any:
    schema = json.loads((ROOT / "schemas" / f"{topic.name}.schema.json").read_text("utf-8"))
    checker = FormatChecker(formats=())
    checker.checks("date-time", raises=ValueError)(is_moment)
    return Draft202012Validator(schema, format_checker=checker)


def test_schemas_are_what_the_classes_generate():
    assert differing(ROOT / "schemas") == []


def test_a_changed_schema_is_noticed(tmp_path):
    (tmp_path / "comments.submitted.v1.schema.json").write_text("{}")
    (tmp_path / "comments.invented.v9.schema.json").write_text("{}")
    found = differing(tmp_path)
    assert "comments.submitted.v1.schema.json" in found
    assert "comments.invented.v9.schema.json" in found


@pytest.mark.parametrize("topic", WITH_EVENT, ids=lambda topic: topic.name)
def test_every_version_has_good_and_bad_examples(topic):
    assert [example for example in GOOD if example.topic == topic]
    assert len([example for example in BAD if example.topic == topic]) >= 6


def test_no_example_stands_in_a_folder_without_a_topic():
    assert {path.name for path in FOLDER.iterdir() if path.is_dir()} == {topic.name for topic in WITH_EVENT}


@pytest.mark.parametrize("topic", WITH_EVENT, ids=lambda topic: topic.name)
def test_the_schema_itself_is_valid(topic):
    Draft202012Validator.check_schema(validator(topic).schema)


@pytest.mark.parametrize("example", GOOD, ids=lambda example: example.name)
def test_good_examples_are_accepted_by_decoder_and_schema(example: Example):
    event = decode_json(example.topic.event, example.data)
    assert type(event) is example.topic.event
    assert [error.message for error in validator(example.topic).iter_errors(example.event)] == []


@pytest.mark.parametrize("example", BAD, ids=lambda example: example.name)
def test_bad_examples_are_refused_for_the_field_they_name(example: Example):
    with pytest.raises(RecordError) as caught:
        decode_json(example.topic.event, example.data)
    assert caught.value.field == example.field
    assert not validator(example.topic).is_valid(example.event)


def _readings() -> list[tuple[str, dict[str, Any], int, bool]]:
    normalised = [example for example in GOOD if example.topic.name == "comments.normalised.v1"]
    return [
        (f"{example.name}-{reading['kind']}", reading, example.event["length"], example.event.get("truncated", False))
        for example in normalised
        for reading in example.event["readings"]
    ]


@pytest.mark.parametrize(("name", "reading", "length", "truncated"), _readings(), ids=lambda value: str(value)[:60])
def test_offset_maps_of_good_examples_add_up(name, reading, length, truncated):
    offsets = reading["offsets"]
    assert sum(offsets[0::2]) == len(reading["text"]), name
    assert sum(offsets[1::2]) == (20_000 if truncated else length), name
