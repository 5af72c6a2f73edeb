"""Every code that a board can meet has words, in four languages; and the chart library is what its authors publish."""

from __future__ import annotations

import hashlib
import re
import tomllib
from typing import get_args, get_type_hints

from mahlan.events.brake import BrakeCode
from mahlan.events.comment import Surface
from mahlan.events.ruling import Arm
from mahlan.gateway.board.evidence import BudgetLine, Effect
from mahlan.gateway.board.numbers import Outcomes, Revisions
from tests.composer.fake_gateway import ROOT, STATIC

BOARD = STATIC / "board"
ROW = re.compile(r'^  "?([\w.-]+)"?: \[(.*?)\],$', re.MULTILINE | re.DOTALL)
CELL = re.compile(r'"((?:[^"\\]|\\.)*)"')
ROWS = {
    name: CELL.findall(cells)
    for path in sorted((BOARD / "words").glob("*.js"))
    for name, cells in ROW.findall(path.read_text("utf-8"))
}
ARABIC = re.compile(r"[\u0621-\u064a]")
SOURCES = {path: path.read_text("utf-8") for path in BOARD.rglob("*.js") if path.name != "d3.min.js"}
#: sha256 of dist/d3.min.js in d3 7.9.2 as published.
D3 = "912111098ea99503a6f4967361d2bbdc9dbf58cf9c678c8e27e5b02d1a07f0c1"


def choices(kind: type, field: str) -> set[str]:
    return set(get_args(get_type_hints(kind)[field]))


def test_every_row_has_four_cells_each_in_its_letters() -> None:
    assert len(ROWS) > 150
    for name, cells in ROWS.items():
        assert len(cells) == 4, name
        arz, ar, franco, english = cells
        assert ARABIC.search(arz), name
        assert ARABIC.search(ar), name
        assert franco, name
        assert english, name
        assert not ARABIC.search(franco + english), name


def test_what_is_filled_in_is_the_same_in_all_four() -> None:
    for name, cells in ROWS.items():
        assert len({frozenset(re.findall(r"\{\w+\}", cell)) for cell in cells}) == 1, name


def test_every_code_has_words() -> None:
    measures, states = choices(Effect, "measure"), choices(Effect, "state")
    wanted = {f"measure.{name}" for name in measures} | {f"state.{name}" for name in states}
    wanted |= {f"brake.{name}" for name in choices(BudgetLine, "brake")}
    wanted |= {f"surface.{name}" for name in get_args(Surface)}
    wanted |= {f"arm.{name}" for name in (*get_args(Arm), "all", "holdout")}
    wanted |= {f"code.{name}" for name in get_args(BrakeCode)}
    wanted |= {f"why.{name}" for name in ("unreachable", "timeout", "refused", "unreadable")}
    wanted |= set(Revisions.__struct_fields__) | set(Outcomes.__struct_fields__) - {"shown"}
    assert wanted - set(ROWS) == set()


def test_every_label_and_language_has_a_name() -> None:
    manifests = [tomllib.loads(path.read_text("utf-8")) for path in (ROOT / "models").glob("*/*/manifest.toml")]
    told = [(set(one.get("output", {}).get("labels", ())), set(one.get("experimental", ()))) for one in manifests]
    labels = {label for own, never_decide in told for label in own - never_decide}
    campaigns = [tomllib.loads(path.read_text("utf-8")) for path in (ROOT / "campaigns").glob("*.toml")]
    languages = {language for campaign in campaigns for language in campaign["languages"]}
    assert labels
    wanted = {f"label.{name}" for name in labels} | {f"lang.{name}" for name in {*languages, "mixed", "other", "und"}}
    assert wanted - set(ROWS) == set()


def test_every_word_is_used() -> None:
    said = "\n".join(SOURCES[path] for path in SOURCES if path.parent.name != "words")
    said += (BOARD / "index.html").read_text("utf-8")
    families = {
        "measure",
        "state",
        "note",
        "code",
        "brake",
        "lang",
        "label",
        "surface",
        "arm",
        "why",
        "series",
        "group",
        "axis",
    }
    plain = {name for name in ROWS if name.partition(".")[0] not in families}
    outcomes = set(Outcomes.__struct_fields__) | set(Revisions.__struct_fields__)
    assert {name for name in plain - outcomes if f'"{name}"' not in said and f"{name}:" not in said} == set()


def test_text_cannot_become_markup_or_code() -> None:
    unsafe = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|\.html\("
    assert {path.name: re.findall(unsafe, text) for path, text in SOURCES.items() if re.search(unsafe, text)} == {}


def test_files_are_short() -> None:
    assert {path.name for path, text in SOURCES.items() if text.count("\n") > 250} == set()


def test_the_chart_library_is_what_its_authors_publish() -> None:
    data = (BOARD / "d3.min.js").read_bytes()
    assert data.startswith(b"// https://d3js.org v7.9.2 Copyright")
    assert hashlib.sha256(data).hexdigest() == D3
    assert "Mike Bostock" in (BOARD / "d3.LICENSE").read_text("utf-8")
