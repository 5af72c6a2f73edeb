"""What is committed runs anywhere: no paths of one machine, no addresses of package registries, no large strays."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: Written so that this file does not match itself.
PLACES = re.compile(r"(?:/wor[k]/(?:main|shared|steering)|/hom[e]/\w+/|/Use[r]s/\w+/|/roo[t]/\.)")
REGISTRIES = re.compile(
    r"(?:pyp[i]\.org|pythonhosted[.]org|registry\.np[m]js|repo[1]?\.maven[.]|proxy\.golang[.]|[-]-index-url|--extra-index)"
)
TEXT = {".py", ".toml", ".txt", ".md", ".yaml", ".yml", ".json", ".jsonl", ".sh", ".cfg", ".lock", ".tpl", ""}
LARGEST = 40 * 1024 * 1024


def tracked() -> list[Path]:
    """The files git knows, or none outside a checkout."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    return [ROOT / name for name in done.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    files = [path for path in tracked() if path.suffix in TEXT]
    if not files:
        pytest.skip("not a git checkout")
    return {str(path.relative_to(ROOT)): path.read_text("utf-8", "replace") for path in files}


def found(texts: dict[str, str], pattern: re.Pattern[str]) -> list[str]:
    return [f"{name}: {match[0]}" for name, text in texts.items() if (match := pattern.search(text))]


def test_no_file_names_one_machine(texts: dict[str, str]) -> None:
    assert found(texts, PLACES) == []


def test_no_graph_says_where_it_was_made() -> None:
    trace = re.compile(rb'File "|stack_trace|/roo[t]/|/hom[e]/')
    assert [path for path in tracked() if path.suffix == ".onnx" and trace.search(path.read_bytes())] == []


def test_no_file_names_a_registry(texts: dict[str, str]) -> None:
    assert found({name: text for name, text in texts.items() if name != "tests/architecture/test_tracked_files.py"},
                 REGISTRIES) == []  # fmt: skip


def test_the_patterns_would_find_something() -> None:
    assert PLACES.search("see /ho" + "me/someone/notes")
    assert REGISTRIES.search("pip install -i https://py" + "pi.org/simple")


def test_nothing_huge_is_committed() -> None:
    assert [path.name for path in tracked() if path.stat().st_size > LARGEST] == []


def test_every_lock_is_hashed() -> None:
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        text = lock.read_text("utf-8")
        hashed = re.findall(r"^[a-z0-9].*==.*\\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)
        assert len(hashed) == len(re.findall(r"^[a-z0-9].*==", text, re.MULTILINE)) > 0, lock.name


def test_the_locks_agree_on_every_version() -> None:
    versions = {lock.stem: _versions(lock) for lock in sorted((ROOT / "requirements").glob("*.txt"))}
    assert set(versions) == {"build", "demo", "dev", "image"}
    assert versions["image"] <= versions["demo"] <= versions["dev"]
    assert versions["build"] <= versions["dev"]


def _versions(lock: Path) -> set[str]:
    return set(re.findall(r"^([a-z0-9].*?==\S+)", lock.read_text("utf-8"), re.MULTILINE))
