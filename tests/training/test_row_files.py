"""Commands that make the product's tables: where there are no rows they say so, and leave the tables as they are."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from training import dialect, disguises, language_id
from training.arabizi import tables
from training.rows import row_files

ROW = {"text": "يا صديقي", "lang": "arz", "toxic": 0, "source": "mlma_ar"}


@pytest.mark.parametrize("main", [dialect.main, tables.main, language_id.main])
def test_a_folder_that_is_not_there_is_an_error_and_no_table_is_written(
    main: Callable[[list[str]], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language_id, "TABLE", tmp_path)
    out = [] if main is language_id.main else ["--out", str(tmp_path)]
    with pytest.raises(SystemExit, match=r"no_such/train: no .*jsonl"):
        main(["--data", str(tmp_path / "no_such"), *out])
    assert not list(tmp_path.iterdir())


def test_nothing_to_look_at_is_said_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["disguises", "--data", str(tmp_path)])
    with pytest.raises(SystemExit, match=r"dev: no .*jsonl"):
        disguises.main()


def test_files_are_read_as_published_and_packed_and_only_the_sources_asked_for(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "mlma_ar.jsonl").write_text(json.dumps(ROW) + "\n", "utf-8")
    with gzip.open(tmp_path / "train" / "other.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.write(json.dumps(ROW | {"source": "other"}) + "\n")
    assert [row["source"] for row in language_id.rows(tmp_path, "train")] == ["mlma_ar", "other"]
    assert [file.name for file in row_files(tmp_path, "train", {"mlma_ar"})] == ["mlma_ar.jsonl"]
    with pytest.raises(SystemExit, match="no rows of olid there"):
        row_files(tmp_path, "train", {"olid"})
