"""The manifest's [reference]: made from scores, written, read back, and its mistakes named."""

from __future__ import annotations

from pathlib import Path

import pytest

from mahlan.core.drift import LEAST
from mahlan.errors import ModelError
from mahlan.scoring.manifest import read_manifest
from mahlan.scoring.reference import make_reference, mixed, reference_toml
from tests.scoring.folders import Export

GOOD = 'label = "toxic"\nedges = [0.5]\nlanguages = { en = 1.0 }\n[reference.scores]\nall = [0.75, 0.25]\n'


def written(tmp_path: Path, text: str) -> Path:
    return Export().write(tmp_path / "words" / "1", extra=f"[reference]\n{text}")


def test_what_is_made_is_read_back(tmp_path: Path) -> None:
    found = [("arz-Latn", n / LEAST) for n in range(LEAST)] + [("en", 0.9)] * (LEAST - 1)
    made = make_reference("toxic", found, limit=0.3)
    assert set(made.scores) == {"all", "arz-Latn"}, "too few English comments for a row of their own"
    assert made.languages["arz-Latn"] + made.languages["other"] == pytest.approx(1.0)
    folder = Export().write(tmp_path / "words" / "1", extra=reference_toml(made))
    assert read_manifest(folder).reference == made


def test_a_manifest_without_one_is_fine(tmp_path: Path) -> None:
    assert read_manifest(Export().write(tmp_path / "words" / "1")).reference is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"toxic"', '"rude"', r"reference\.label: 'rude' is not a label of this model; there are toxic"),
        ("[0.5]", "[0.5, 0.4]", r"reference\.edges: must rise"),
        ("[0.5]", "[0.2, 0.5]", r"reference\.scores\.all: 2 edges make 3 shares"),
        ("[0.75, 0.25]", "[0.75, 0.75]", r"reference\.scores\.all: the shares add up to 1\.500"),
        ("en = 1.0", "en = 0.4", r"reference\.languages: the shares add up to 0\.400"),
        ("edges", "egdes", r"reference\.egdes: no such key \(did you mean 'edges'\?\)"),
        ('label = "toxic"\n', "", r"reference\.label is missing"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    folder = written(tmp_path, GOOD)
    assert read_manifest(folder).reference is not None
    folder = written(tmp_path, GOOD.replace(old, new))
    with pytest.raises(ModelError, match=message):
        read_manifest(folder)


def test_languages_a_reference_does_not_name_are_counted_together() -> None:
    assert mixed({"en": 3, "fr": 1, "de": 1}, ("en", "arz")) == {"en": 3, "arz": 0, "other": 2}
