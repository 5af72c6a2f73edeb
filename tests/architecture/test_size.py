"""Small files, small functions, documented modules: what can be read can be reviewed."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILE_LINES = 250
FUNCTION_LINES = 30
VAGUE = {"utils", "util", "common", "helpers", "helper", "lib", "base", "manager", "misc"}

SOURCES = sorted((ROOT / "services").rglob("*.py"))
OTHERS = [path for part in ("tests", "training", "load_tests") for path in sorted((ROOT / part).rglob("*.py"))]
EVERYTHING = SOURCES + OTHERS


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Every function of a file and its lines, its docstring and decorators apart."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            documented = ast.get_docstring(node) is not None
            doc = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
            yield node.name, (node.end_lineno or 0) - node.lineno + 1 - doc


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", EVERYTHING, ids=name)
def test_files_are_short(path: Path) -> None:
    lines = path.read_text("utf-8").count("\n")
    assert lines <= FILE_LINES


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_functions_are_short(path: Path) -> None:
    assert [found for found in functions(path) if found[1] > FUNCTION_LINES] == []


def test_most_functions_are_very_short() -> None:
    assert statistics.median(lines for path in SOURCES for _, lines in functions(path)) < 10


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_module_says_what_it_is(path: Path) -> None:
    if path.read_text("utf-8").strip():
        assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


def test_modules_are_named_for_what_they_hold() -> None:
    assert [name(path) for path in SOURCES if path.stem in VAGUE or path.parent.name in VAGUE] == []
