"""Record golden.jsonl anew for a trained model: ``python -m training.golden --model fast@1``.

Needed after the normaliser changed on purpose: what the model says to the invented cases then changes a little, while
its files do not. Read the difference before committing it. ``fast.py`` records the file it ships.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from mahlan.core.normalise import normalise
from mahlan.errors import ScoreError
from mahlan.scoring.folder import GOLDEN
from mahlan.scoring.model import Model
from mahlan.scoring.registry import find_model
from training.toml import name_file

CASES = Path(__file__).parent / "golden_cases.jsonl"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m training.golden", description=__doc__)
    parser.add_argument("--model", default=None, help="name@version; the registry's champion by default")
    parser.add_argument("--models", type=Path, default=Path("models"), help="where the model folders are")
    options = parser.parse_args()
    folder = find_model(options.models, options.model)
    record(folder)
    print(f"wrote {folder / GOLDEN}")


def record(folder: Path, cases: Path = CASES) -> None:
    """Write what the model in ``folder`` says to each invented case; ``right`` is what a person would say."""
    model = Model.load(folder)
    lines: list[str] = []
    for case in map(json.loads, cases.read_text(encoding="utf-8").splitlines()):
        (found,) = model.score([normalise(case["text"])])
        if isinstance(found, ScoreError):
            raise found
        said = {"toxic": found.verdict.toxic, "band": found.verdict.band}
        lines.append(json.dumps({**case, "right": case["toxic"], **said, "scores": found.scores}, ensure_ascii=False))
    (folder / GOLDEN).write_text("\n".join(lines) + "\n", encoding="utf-8")
    name_golden(folder)


def name_golden(folder: Path) -> None:
    """Put the sha256 of ``golden.jsonl`` into the manifest's ``[files]``, where a signature covers it."""
    name_file(folder, GOLDEN)


if __name__ == "__main__":
    main()
