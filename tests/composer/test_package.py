"""The module as it is shipped: its size, its package, and what its source never does."""

from __future__ import annotations

import gzip
import json
import re
import tomllib

from tests.composer.fake_gateway import ROOT, STATIC

FOLDER = STATIC / "composer"
SOURCE = (FOLDER / "mahlan-composer.js").read_text("utf-8")
TYPES = (FOLDER / "mahlan-composer.d.ts").read_text("utf-8")
PACKAGE = json.loads((FOLDER / "package.json").read_text("utf-8"))


def test_it_is_small():
    assert len(gzip.compress(SOURCE.encode(), 9, mtime=0)) < 12_000


def test_it_depends_on_nothing():
    assert not {name for name in PACKAGE if "ependencies" in name}
    assert re.findall(r"^import\b|\bimport\((?!\"\./mahlan-composer\.js\"\))", SOURCE, re.MULTILINE) == []


def test_the_package_holds_what_it_names():
    assert all((FOLDER / name).is_file() for name in PACKAGE["files"])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert PACKAGE["version"] == project["version"]
    assert PACKAGE["license"] == project["license"]


def test_text_cannot_become_markup_or_code():
    assert (
        re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|\.style\b", SOURCE)
        == []
    )


def test_it_stores_nothing_in_the_browser():
    assert re.findall(r"localStorage|sessionStorage|indexedDB|\.cookie", SOURCE) == []


def test_types_and_docs_name_every_event_part_and_attribute():
    page = (ROOT / "docs" / "composer.md").read_text("utf-8")
    events = set(re.findall(r'"(mahlan-(?:check|nudge|post|outcome|error))"', SOURCE))
    assert events == set(re.findall(r'"(mahlan-\w+)": CustomEvent', TYPES))
    parts = {part for found in re.findall(r'part: "([a-z ]+)"', SOURCE) for part in found.split()}
    attributes = set(re.findall(r'(?:get|has)Attribute\("([a-z-]+)"\)', SOURCE)) - {"dir", "value"}
    properties = set(re.findall(r"var\((--mahlan-[a-z-]+)", SOURCE))
    missing = {name for name in events | parts | attributes | properties if f"`{name}`" not in page}
    assert missing == set()
