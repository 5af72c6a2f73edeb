"""The accurate model end to end, with a tiny random encoder and invented rows. Skipped where torch is not installed."""

# ruff: noqa: E402  what needs torch is imported after asking for it

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from mahlan.core.normalise import normalise
from mahlan.scoring.check import check_folder
from mahlan.scoring.model import Model, Scores

torch = pytest.importorskip("torch", reason="torch is not installed: pip install -e '.[accurate]'")
transformers = pytest.importorskip("transformers", reason="transformers is not installed: pip install -e '.[accurate]'")

from training.accurate import __main__ as command
from training.accurate import carry
from training.accurate.config import read_config
from training.accurate.network import Network, load_network, new_network, rate_groups, with_layers
from training.accurate.recover import recover
from training.accurate.stages import StoppedError
from training.accurate.tokens import WIDTHS, Tokens, load_tokens
from training.accurate.tune import Limits, tune

PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁"]
RUDE = ("you silly goose {}", "what a rotten {}", "يا سخيف {}", "كلامك سخيف يا {}")
KIND = ("what a lovely {}", "thank you dear {}", "شكرا يا {}", "كلامك جميل يا {}")
NAMES = ("sara", "omar", "cat", "teacher", "صديقي", "احمد", "market", "sunday", "ليلي", "friend", "bird", "بيت")


def write_base(folder: Path) -> Path:
    """A Unigram tokenizer of the words and letters used, and an encoder of two narrow layers."""
    words = sorted({word for line in (*RUDE, *KIND, *NAMES) for word in line.replace("{}", "").split()})
    letters = sorted({letter for word in words for letter in word} | set("abcdefghijklmnopqrstuvwxyz0123456789"))
    vocabulary = [[piece, 0.0] for piece in PIECES] + [[f"▁{word}", -5.0] for word in words]
    vocabulary += [[letter, -12.0] for letter in letters]
    added = [{"id": at, "content": PIECES[at], "single_word": False, "lstrip": False, "rstrip": False,
              "normalized": False, "special": True} for at in range(4)]  # fmt: skip
    single = [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
              {"SpecialToken": {"id": "</s>", "type_id": 0}}]  # fmt: skip
    special = {name: {"id": name, "ids": [at], "tokens": [name]} for name, at in (("<s>", 0), ("</s>", 2))}
    spec = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "post_processor": {"type": "TemplateProcessing", "single": single, "pair": single, "special_tokens": special},
        "decoder": None, "model": {"type": "Unigram", "unk_id": 3, "vocab": vocabulary, "byte_fallback": False},
    }  # fmt: skip
    torch.manual_seed(3)
    facts = transformers.BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=256,
        pad_token_id=1,
    )
    transformers.BertModel(facts).save_pretrained(folder)
    (folder / "tokenizer.json").write_text(json.dumps(spec, ensure_ascii=False), encoding="utf-8")
    return folder


def write_config(path: Path, **changes: str) -> Path:
    """The real configuration, quicker, and with rules that a network this small can keep."""
    text = Path("training/accurate.toml").read_text(encoding="utf-8")
    wanted = {"epochs": "8", "rate": "3e-3", "head_rate": "3e-3", "most_loss": "0.1", "most_shift": "0.1",
              "bf16": "false", "dropout": "0.0", "batch": "16", "case_copies": "1", **changes}  # fmt: skip
    for key, value in wanted.items():
        text, found = re.subn(rf"^{key} = [^#\n]*", f"{key} = {value} ", text, flags=re.MULTILINE)
        assert found
    path.write_text(text, encoding="utf-8")
    return path


def write_data(folder: Path) -> Path:
    for split in ("train", "dev"):
        (folder / split).mkdir(parents=True)
        names = NAMES[:8] if split == "train" else NAMES[8:]
        rows = [
            {"text": text.format(f"{name} {other}"), "lang": "en" if text.isascii() else "arz", "toxic": toxic,
             "labels": {"insult": toxic}, "source": "olid"}
            for toxic, texts in ((1, RUDE), (0, KIND)) for text in texts for name in names for other in names
        ]  # fmt: skip
        lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        (folder / split / "olid.jsonl").write_text(lines, encoding="utf-8")
    return folder


def train(root: Path, out: Path, monkeypatch: pytest.MonkeyPatch, *more: str) -> None:
    arguments = ["accurate", "--data", str(root / "data"), "--base", str(root / "base"), "--runs", str(root / "runs"),
                 "--cases", str(root / "no cases"), "--config", str(root / "config.toml"),
                 "--out", str(out), *more]  # fmt: skip
    monkeypatch.setattr(sys, "argv", arguments)
    command.main()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("accurate")
    write_base(folder / "base")
    write_data(folder / "data")
    write_config(folder / "config.toml")
    with pytest.MonkeyPatch.context() as patch:
        train(folder, folder / "accurate" / "1", patch)
    return folder


def test_the_folder_is_served_and_knows_what_it_was_taught(root: Path) -> None:
    report = check_folder(root / "accurate" / "1", seconds=0)
    assert report.ok, report.lines()
    assert not [line for line in report.lines() if "batched with" in line]
    model = Model.load(root / "accurate" / "1")
    texts = ("what a rotten bird", "what a lovely bird", "كلامك سخيف يا بيت", "كلامك جميل يا بيت")
    scores = [found.scores["toxic"] for found in model.score([normalise(text) for text in texts])
              if isinstance(found, Scores)]  # fmt: skip
    assert scores[0] > scores[1] + 0.2
    assert scores[2] > scores[3] + 0.2


def test_labels_that_no_row_says_are_experimental(root: Path) -> None:
    manifest = Model.load(root / "accurate" / "1").manifest
    assert set(manifest.experimental) == {"identity_attack", "threat", "profanity", "harassment"}
    assert manifest.judged["default"].keys() == {"toxic", "insult"}
    assert {source.name for source in manifest.training} >= {"olid", "spelled_arabizi"}
    card = (root / "accurate" / "1" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "olid" in card
    assert "--out models/accurate/1`" in card


def test_what_was_done_is_not_done_again(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    train(root, root / "accurate" / "1", monkeypatch, "--resume")
    said = capsys.readouterr().out
    assert all(f"{stage}: done before" in said for stage in ("rows", "augment", "base", "tokens", "fit", "int8"))


def test_a_model_that_was_made_elsewhere_is_not_written_over(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = tmp_path / "accurate" / "7"
    shipped.mkdir(parents=True)
    (shipped / "manifest.toml").write_text("schema = 1", encoding="utf-8")
    with pytest.raises(SystemExit, match="is a model already"):
        train(root, shipped, monkeypatch, "--resume")
    assert not (root / "runs" / "accurate-7").exists()


def test_training_goes_on_from_a_served_folder(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recover(root / "accurate" / "1", root / "base", tmp_path / "back")
    back, fitted = (load_network(folder) for folder in (tmp_path / "back", root / "runs" / "accurate-1" / "fit"))
    ids = torch.tensor([[0, 5, 6, 7, 2], [0, 9, 8, 2, 1]])
    mask = (ids != 1).long()
    with torch.no_grad():
        told, meant = (network.eval()(ids, mask) for network in (back, fitted))
    assert torch.allclose(told, meant, atol=0.2)
    assert not torch.equal(told, meant)  # int8 lies between them
    more = ["--base", str(tmp_path / "back"), "--until", "fit", "--steps", "3"]
    train(root, tmp_path / "accurate" / "2", monkeypatch, *more)
    log = (root / "runs" / "accurate-2" / "fit" / "log.jsonl").read_text(encoding="utf-8")
    assert json.loads(log.splitlines()[-1])["of"] == 3


def test_a_parcel_trained_elsewhere_gives_a_folder(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments in (
        ["pack", "--run", str(root / "runs" / "accurate-1"), "--to", str(root / "parcel")],
        [
            "fit",
            "--parcel",
            str(root / "parcel"),
            "--work",
            str(root / "work"),
            "--to",
            str(root / "fitted"),
            "--steps",
            "60",
        ],
    ):
        monkeypatch.setattr(sys, "argv", ["carry", "--config", str(root / "config.toml"), *arguments])
        carry.main()
    assert not [path for path in (root / "parcel").rglob("*") if path.suffix in {".jsonl", ".gz"}]
    train(root, root / "other" / "2", monkeypatch, "--fitted", str(root / "fitted"))
    assert check_folder(root / "other" / "2", seconds=0).ok


def test_a_training_that_was_stopped_ends_as_one_that_was_not(root: Path, tmp_path: Path) -> None:
    config = read_config(root / "config.toml")
    tokens = load_tokens(root / "runs" / "accurate-1" / "tokens" / "train.npz")
    whole, halves = fresh(root), fresh(root)
    tune(whole, tokens, config, config.fit, tmp_path / "whole", Limits(steps=12))
    with pytest.raises(StoppedError, match="step 1 of 12"):
        tune(halves, tokens, config, config.fit, tmp_path / "halves", Limits(steps=12, minutes=1e-9))
    again = fresh(root)
    tune(again, tokens, config, config.fit, tmp_path / "halves", Limits(steps=12))
    for one, other in zip(whole.parameters(), again.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


def fresh(root: Path) -> Network:
    torch.manual_seed(1)
    return new_network(root / "base", ["toxic", "insult", "identity_attack", "threat", "profanity", "harassment"], 0.0)


def test_fewer_layers_follow_the_teacher(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_config(root / "config.toml", layers="[1]")
    train(root, tmp_path / "accurate" / "1", monkeypatch, "--resume")
    write_config(root / "config.toml")
    fewer = load_network(root / "runs" / "accurate-1" / "distil")
    assert len(fewer.encoder.encoder.layer) == 1
    assert check_folder(tmp_path / "accurate" / "1", seconds=0).ok


def test_lower_layers_learn_slower_and_the_head_at_its_own_rate(root: Path) -> None:
    network = fresh(root)
    rates = {
        id(value): group["lr"] for group in rate_groups(network, 1e-4, 1e-3, 0.5, 0.01) for value in group["params"]
    }
    layers = network.encoder.encoder.layer
    assert rates[id(network.head.weight)] == 1e-3
    assert rates[id(layers[1].output.dense.weight)] == pytest.approx(1e-4)
    assert rates[id(layers[0].output.dense.weight)] == pytest.approx(5e-5)
    assert rates[id(network.encoder.embeddings.word_embeddings.weight)] == pytest.approx(2.5e-5)


def test_padding_has_no_part_in_a_logit(root: Path) -> None:
    network = with_layers(fresh(root).eval(), [0])
    ids = torch.tensor([[0, 9, 12, 2, 1, 1]])
    with torch.no_grad():
        padded = network(ids, (ids != 1).long())
        alone = network(ids[:, :4], torch.ones((1, 4), dtype=torch.int64))
    assert torch.allclose(padded, alone, atol=1e-5)


def test_tokens_come_padded(root: Path) -> None:
    tokens: Tokens = load_tokens(root / "runs" / "accurate-1" / "tokens" / "dev.npz")
    ids, mask = tokens.padded(np.array([0, 5, 9]), 1)
    longest = int(tokens.lengths[[0, 5, 9]].max())
    assert ids.shape == mask.shape == (3, -(-longest // WIDTHS) * WIDTHS)
    assert mask.sum(1).tolist() == tokens.lengths[[0, 5, 9]].tolist()
    assert ((ids == 1) == (mask == 0)).all()
