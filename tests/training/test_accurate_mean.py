"""The mean of the weights of trainings from one encoder. Skipped where torch is not installed."""

# ruff: noqa: E402  what needs torch is imported after asking for it

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install -e '.[accurate]'")
pytest.importorskip("transformers", reason="transformers is not installed: pip install -e '.[accurate]'")

from tests.training.test_accurate_training import train, write_base, write_config, write_data
from training.accurate import mean
from training.accurate.config import read_config
from training.accurate.export import export
from training.accurate.network import begun_network, load_network, new_network, save_network, with_layers

LABELS = ["toxic", "insult"]


def fitted(base: Path, folder: Path, seed: int, layers: int = 2, labels: Sequence[str] = LABELS) -> Path:
    """As ``fit`` leaves it: its own weights, head, labels and tokenizer."""
    network = with_layers(new_network(base, labels, 0.0), range(layers))
    torch.manual_seed(seed)
    with torch.no_grad():
        for value in network.parameters():
            value.add_(0.1 * torch.randn_like(value))
    save_network(network, folder)
    shutil.copyfile(base / "tokenizer.json", folder / "tokenizer.json")
    return folder


def test_every_weight_is_the_mean_by_share_and_training_goes_on_from_it(tmp_path: Path) -> None:
    base = write_base(tmp_path / "base")
    parts = {fitted(base, tmp_path / f"{seed}", seed): share for seed, share in ((1, 3.0), (2, 1.0), (3, 1.0))}
    mean.mean(list(parts.items()), tmp_path / "mean")
    told = begun_network(tmp_path / "mean", LABELS, 0.0).state_dict()
    each = [load_network(folder).state_dict() for folder in parts]
    for name, value in told.items():
        wanted = sum(one[name] * share / 5 for one, share in zip(each, parts.values(), strict=True))
        assert torch.allclose(value, wanted, atol=1e-3), name
    assert (tmp_path / "mean" / "tokenizer.json").read_bytes() == (base / "tokenizer.json").read_bytes()


def test_a_run_takes_the_folder_as_it_is_or_names_what_is_wrong_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, labels = write_base(tmp_path / "base"), read_config(write_config(tmp_path / "config.toml")).labels
    write_data(tmp_path / "data")
    whole, run = fitted(base, tmp_path / "whole", 1, labels=labels), tmp_path / "runs" / "accurate-1"
    train(tmp_path, tmp_path / "accurate" / "1", monkeypatch, "--fitted", str(whole))
    card = (tmp_path / "accurate" / "1" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "--base base --fitted whole --licences all" in card
    export(load_network(whole), tmp_path / "model.onnx")
    assert (run / "export" / "model.onnx").read_bytes() == (tmp_path / "model.onnx").read_bytes()
    with pytest.raises(SystemExit, match="lies in the run's own folder"):
        train(tmp_path, tmp_path / "accurate" / "1", monkeypatch, "--resume", "--fitted", str(run / "fit"))
    assert (run / "fit" / "model.safetensors").exists()
    (whole / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(SystemExit, match="has another tokenizer than this run"):
        train(tmp_path, tmp_path / "accurate" / "1", monkeypatch, "--resume", "--fitted", str(whole))


def test_folders_whose_weights_mean_different_things_are_refused(tmp_path: Path) -> None:
    base = write_base(tmp_path / "base")
    one = fitted(base, tmp_path / "1", 1)
    fewer = fitted(base, tmp_path / "fewer", 2, layers=1)
    labels, words = fitted(base, tmp_path / "labels", 3), fitted(base, tmp_path / "words", 4)
    (labels / "network.json").write_text(json.dumps({"labels": ["toxic", "threat"]}), encoding="utf-8")
    (words / "tokenizer.json").write_text("{}", encoding="utf-8")
    for other, said in ((fewer, "other shapes"), (labels, "differ in network.json"), (words, "in tokenizer.json")):
        with pytest.raises(ValueError, match=said):
            mean.mean([(one, 0.5), (other, 0.5)], tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("said", "why"), [("{}", "a number above 0"), ("{}=0", "a number above 0"), ("{}x=1", "has no network.json")]
)
def test_a_part_that_is_none_is_named(
    said: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = fitted(write_base(tmp_path / "base"), tmp_path / "1", 1)
    monkeypatch.setattr(sys, "argv", ["mean", said.format(folder), "--out", f"{tmp_path / 'out'}"])
    with pytest.raises(SystemExit):
        mean.main()
    assert why in capsys.readouterr().err
