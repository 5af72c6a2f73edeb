"""Models to swap while comments flow, one change after the other, and who must have said what of each comment.

Called by ``test_swapping.py``. All are the shipped fast model, so that a swap costs what a model of its size costs.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from pathlib import Path

import orjson
import pytest

from mahlan.events.comment import CommentNormalised, CommentScored
from mahlan.scoring.cascade import Cascade, Served
from mahlan.scoring.changes import Place, promote, rollback
from mahlan.scoring.model import Scores
from mahlan.scoring.served import find_served, load_served
from mahlan.scoring.spans import with_spans

SHIPPED = Path(__file__).resolve().parents[2] / "models" / "fast" / "1"
REGISTRY = """champion = "fast@1"
shadow = ["fast@2"]

[cascade."both@1"]
fast = "fast@1"
accurate = "sharp@1"
band = [0.04, 0.985]

[cascade."torn@1"]
fast = "fast@1"
accurate = "fast@4"
band = [0.04, 0.985]
"""
"""The bands hold about half of the demo's comments; hurtful ones lie inside and outside."""
CHANGES = (
    "both@1", "fast@3", "fast@2", "both@1", "torn@1", "fast@1", "both@1", "fast@2", "fast@4", "fast@1",
)  # fmt: skip
"""From a model to a cascade and back three times; in between three that must be refused while either serves."""
REFUSED = frozenset({"fast@3", "fast@4", "torn@1"})
IN_BAND = ("fast@1", "sharp@1", "fast@2", "sharp@1", "fast@1", "sharp@1", "fast@2", "fast@1")
"""Who decides, one after the other, on comments inside the band."""

Key = tuple[str, int]
"""Comment and revision."""


def put_models(models: Path) -> Path:
    """fast@1 and fast@2 are good; fast@3 says something else than its golden file, fast@4 was cut short.

    sharp@1 reads the same words with a curve of its own and marks them by leaving words out: every score is another,
    and what the fast model calls harmless it may call a nudge.
    """
    for version in ("1", "2", "3", "4"):
        _put(models, "fast", version)
    golden = models / "fast" / "3" / "golden.jsonl"
    cases = [orjson.loads(line) for line in golden.read_bytes().splitlines()]
    golden.write_bytes(b"\n".join(orjson.dumps(case | {"toxic": not case["toxic"]}) for case in cases))
    _edit(models / "fast" / "3", r'^"golden.jsonl" =.*\n', "")  # or its sum would be what is wrong with it
    graph = models / "fast" / "4" / "model.onnx"
    graph.write_bytes(graph.read_bytes()[:-1000])
    _sharpen(_put(models, "sharp", "1"))
    (models / "registry.toml").write_text(REGISTRY)
    return models


def change(place: Place, name: str, number: int, at: datetime) -> str:
    """The name of the champion from now on, as the registry has it."""
    return promote(place, name, reason=f"swap {number}", at=at).model


def take_back(place: Place, name: str, at: datetime) -> str:
    """As ``change``, of a model that was refused."""
    return rollback(place, reason=f"{name} was refused", at=at).model


def check_attribution(
    models: Path,
    cascade: Cascade,
    comments: Mapping[Key, CommentNormalised],
    events: Sequence[CommentScored],
    alike: float = 0.0,
) -> dict[str, int]:
    """Each event has scores, to within ``alike``, verdict and words of the model it names.

    Returns how many had words, by that name: of the cascade's accurate model also where the fast one saw nothing, as
    ``NAME alone``.
    """
    accurate, marked = cascade.accurate.name, Counter[str]()
    for name, own in _by_model(events).items():
        items = [comments[event.comment_id, event.revision] for event in own]
        serving = cascade if name == accurate else load_served(find_served(models, name))
        for event, found in zip(own, _said(serving, items), strict=True):
            assert event.scores == pytest.approx(found.scores, abs=alike), name
            assert event.verdict.score == pytest.approx(found.verdict.score, abs=alike), name
            assert replace(event.verdict, score=0.0) == replace(found.verdict, score=0.0), name
            assert [tuple(span) for span in event.spans] == list(found.spans), name
            assert found.model in {"", name}, "a comment outside the band is not the accurate model's"
            marked[name] += bool(found.spans)
            alone = found.first is not None and not found.first.verdict.toxic
            marked[f"{accurate} alone"] += bool(found.spans) and alone
    return dict(marked)


def deciders(cascade: Cascade, comments: Mapping[Key, CommentNormalised], events: Sequence[CommentScored]) -> list[str]:
    """Who decided on comments that the cascade asks its accurate model about, one after the other, without repeats."""
    items = [comments[event.comment_id, event.revision] for event in events]
    found = [one for one in cascade.score(items) if isinstance(one, Scores)]
    asked = [event.model for event, one in zip(events, found, strict=True) if one.model != cascade.fast.name]
    return [name for name, _ in groupby(asked)]


def _put(models: Path, name: str, version: str) -> Path:
    """The shipped fast model under another name."""
    folder = models / name / version
    shutil.copytree(SHIPPED, folder)
    _edit(folder, r'^name = "fast"\nversion = "1"', f'name = "{name}"\nversion = "{version}"')
    return folder


def _sharpen(folder: Path) -> None:
    """Another curve, words by leaving out, no golden file: its answers are no longer the shipped model's."""
    _edit(folder, r"^\[calibration\.[^\n]*\n(?:[a-z]+ = [^\n]*\n)+\n", "")
    _edit(folder, r'^("golden.jsonl"|explain|attributions) =.*\n', "")
    _edit(folder, r"^\[files\]", "[calibration.default.toxic]\nlogits = [-4, 0]\nprobabilities = [0, 1]\n\n[files]")
    (folder / "golden.jsonl").unlink()


def _edit(folder: Path, pattern: str, new: str) -> None:
    manifest = folder / "manifest.toml"
    text, times = re.subn(pattern, new, manifest.read_text("utf-8"), flags=re.MULTILINE)
    assert times, pattern
    manifest.write_text(text, "utf-8")


def _by_model(events: Sequence[CommentScored]) -> dict[str, list[CommentScored]]:
    found: dict[str, list[CommentScored]] = {}
    for event in events:
        found.setdefault(event.model, []).append(event)
    return found


def _said(model: Served, items: Sequence[CommentNormalised]) -> list[Scores]:
    told = with_spans(model, items, model.score(items))
    assert all(isinstance(one, Scores) for one in told)
    return [one for one in told if isinstance(one, Scores)]
