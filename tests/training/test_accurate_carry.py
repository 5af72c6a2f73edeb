"""Training elsewhere, from a run that goes on from an earlier one. Skipped where torch is not installed."""

# ruff: noqa: E402  what needs torch is imported after asking for it

from __future__ import annotations

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install -e '.[accurate]'")
pytest.importorskip("transformers", reason="transformers is not installed: pip install -e '.[accurate]'")

from tests.training.test_accurate_training import fresh, train, write_base, write_config, write_data
from training.accurate import carry
from training.accurate.config import read_config
from training.accurate.network import load_network, save_network


def test_a_parcel_of_a_run_that_goes_on_brings_the_head_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, earlier = tmp_path / "runs" / "accurate-1", tmp_path / "earlier"
    write_base(tmp_path / "base")
    write_data(tmp_path / "data")
    nothing_learnt = write_config(tmp_path / "config.toml", rate="0.0", head_rate="0.0")
    train(tmp_path, tmp_path / "accurate" / "1", monkeypatch, "--until", "tokens")
    save_network(fresh(tmp_path), earlier)
    (run / "base" / "base.json").write_text(json.dumps(str(earlier)), encoding="utf-8")
    carry.pack_run(run, tmp_path / "parcel")
    carry.fit(read_config(nothing_learnt), tmp_path / "parcel", tmp_path / "work", 0.0, 1)
    before, after = (load_network(folder).head for folder in (earlier, tmp_path / "work" / "fit"))
    assert torch.equal(before.weight, after.weight)
