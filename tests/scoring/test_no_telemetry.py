"""onnxruntime is imported in one module, and scoring neither writes to the home folder nor needs the hub client."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scoring.folders import Export

ROOT = Path(__file__).resolve().parents[2]
SCORE = """
import sys
blocked = {"huggingface_hub", "hf_xet", "requests", "httpx", "tqdm", "yaml", "fsspec"}
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
from pathlib import Path
from mahlan.core.normalise import normalise
from mahlan.scoring.model import Model
assert "onnxruntime" not in sys.modules, "onnxruntime is only imported when a model is loaded"
result, = Model.load(Path(sys.argv[1])).score([normalise("rude")])
print(result.scores["toxic"])
"""
IMPORT = re.compile(r"^\s*(import|from)\s+onnxruntime\b", re.MULTILINE)


def test_one_module_imports_onnxruntime() -> None:
    found = [path.name for path in (ROOT / "services").rglob("*.py") if IMPORT.search(path.read_text("utf-8"))]
    assert found == ["onnx.py"]


@pytest.mark.parametrize("said", [{}, {"ORT_DISABLE_TELEMETRY": "0"}])
def test_scoring_leaves_no_file_and_needs_no_hub(tmp_path: Path, said: dict[str, str]) -> None:
    folder = Export().write(tmp_path / "words" / "1")
    home = tmp_path / "home"
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ORT_"))}
    done = subprocess.run(
        [sys.executable, "-c", SCORE, str(folder)],
        env={**kept, "HOME": str(home), "PYTHONPATH": str(ROOT / "services"), **said},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) > 0.9
    assert list(home.rglob("*")) == []
