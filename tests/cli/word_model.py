"""A model folder that knows seven rude words and nothing else: small, exact, and served like any other."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers

RUDE = ("stupid", "idiot", "غبي", "حمار", "فاشل", "كلب", "ghaby")
VOCABULARY = {"[PAD]": 0, "[UNK]": 1, **{word: index for index, word in enumerate(RUDE, 2)}}

MANIFEST = """schema = 1
name = "{name}"
version = "1"
licence = "Apache-2.0"
[input]
max_length = 64
[output]
labels = ["toxic"]
activation = "sigmoid"
[thresholds.default]
toxic = {{ threshold = 0.5, medium = 0.6, high = 0.9 }}
[files]
"model.onnx" = "{graph}"
"tokenizer.json" = "{tokenizer}"
"""


def build_models(folder: Path, name: str = "words") -> Path:
    """A models folder whose champion is the word model; returns ``folder``."""
    home = folder / name / "1"
    home.mkdir(parents=True)
    tokenizer = Tokenizer(models.WordLevel(VOCABULARY, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(home / "tokenizer.json"))
    (home / "model.onnx").write_bytes(_graph().SerializeToString())
    sums = {key: hashlib.sha256((home / f).read_bytes()).hexdigest()
            for key, f in (("graph", "model.onnx"), ("tokenizer", "tokenizer.json"))}  # fmt: skip
    (home / "manifest.toml").write_text(MANIFEST.format(name=name, **sums), encoding="utf-8")
    (folder / "registry.toml").write_text(f'champion = "{name}@1"\n', encoding="utf-8")
    return folder


def _graph() -> onnx.ModelProto:
    """The logit: 6 for each rude word, less 3."""
    weights = np.array([0.0, 0.0, *([6.0] * len(RUDE))], dtype=np.float32).reshape(-1, 1)
    nodes = [
        helper.make_node("Gather", ["weights", "input_ids"], ["each"], axis=0),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["column"]),
        helper.make_node("Mul", ["each", "column"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "tokens"], ["sum"], keepdims=0),
        helper.make_node("Sub", ["sum", "three"], ["logits"]),
    ]
    constants = [
        numpy_helper.from_array(weights, "weights"),
        numpy_helper.from_array(np.array([2]), "last"),
        numpy_helper.from_array(np.array([1]), "tokens"),
        numpy_helper.from_array(np.float32(3.0), "three"),
    ]
    ids = [helper.make_tensor_value_info(n, TensorProto.INT64, ["b", "s"]) for n in ("input_ids", "attention_mask")]
    out = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["b", 1])]
    graph = helper.make_graph(nodes, "words", ids, out, constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
