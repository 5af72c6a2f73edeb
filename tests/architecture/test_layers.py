"""Which module may import what. DESIGN.md says why."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "services" / "mahlan"

#: Modules that reach outside the process or differ from run to run: nothing of core may name them.
IMPURE = {
    *("io", "os", "pathlib", "socket", "logging", "time", "random", "secrets", "uuid", "subprocess", "threading"),
    *("asyncio", "tempfile", "shutil", "urllib", "http", "sqlite3", "signal", "sys", "platform", "getpass"),
    *("aiokafka", "aiohttp", "structlog", "prometheus_client", "onnxruntime", "faust", "mode"),
}
#: Calls that read the clock through a module that is otherwise pure.
CLOCK = {"now", "utcnow", "today"}


def modules(folder: str = "") -> list[Path]:
    return sorted((PACKAGE / folder).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Every module a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def importers(*packages: str) -> set[str]:
    """The files, relative to the package, that import any of the packages."""
    return {
        str(path.relative_to(PACKAGE))
        for path in modules()
        if any(name.split(".")[0] in packages for name in imported(path))
    }


def test_imports_point_one_way() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "services")}
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_layers_hold_something() -> None:
    for layer in ("events", "core", "runtime", "normaliser", "scorer", "dispatcher", "cli", "local"):
        assert modules(layer), layer


@pytest.mark.parametrize("path", modules("core"), ids=lambda path: path.name)
def test_core_is_pure(path: Path) -> None:
    assert not {name.split(".")[0] for name in imported(path)} & IMPURE
    tree = ast.parse(path.read_text("utf-8"))
    called = {node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and hasattr(node.func, "attr")}
    named = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not called & CLOCK
    assert not named & {"open", "print", "input"}


def test_one_module_imports_onnxruntime() -> None:
    assert importers("onnxruntime") == {"scoring/onnx.py"}


def test_faust_stays_in_the_services_that_need_it() -> None:
    assert {name.split("/")[0] for name in importers("faust", "mode")} <= {"normaliser", "insights", "streams"}


def test_services_reach_kafka_through_the_runtime() -> None:
    allowed = {"runtime", "streams"}  # the transport of streams extends Faust's, which is aiokafka
    assert {name.split("/")[0] for name in importers("aiokafka")} <= allowed


def test_the_quick_commands_import_nothing_slow() -> None:
    slow = "{'faust', 'aiokafka', 'aiohttp', 'structlog', 'rich', 'testcontainers', 'jgo', 'onnxruntime'}"
    code = f"import sys, mahlan.cli.main; print(sorted({slow} & set(sys.modules)))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "services")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
