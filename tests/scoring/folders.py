"""Model folders small enough to reason about, in the layout of a Hugging Face text-classification export.

The graph sums one row of numbers per known word, so a text's logits are known by looking at it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from mahlan.events.comment import Reading

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "kind", "rude", "vile", "odd")


@dataclass(frozen=True)
class Comment:
    """The least that can be scored."""

    readings: tuple[Reading, ...]
    language: str = "en"
    disguises: int = 0
    slips: int = 0


def comment(*texts: str, language: str = "en", disguises: int = 0) -> Comment:
    kinds = ("original", "arabic")
    readings = tuple(Reading(kind=kind, text=text, offsets=()) for kind, text in zip(kinds, texts, strict=False))
    return Comment(readings, language, disguises)


@dataclass
class Export:
    """What to put in a folder; ``rows`` gives each word of ``WORDS`` its numbers, one a label."""

    labels: tuple[str, ...] = ("neutral", "offensive", "hate")
    activation: str = "softmax"
    rows: dict[str, tuple[float, ...]] = field(
        default_factory=lambda: {"kind": (3.0, 0.0, 0.0), "rude": (0.0, 3.0, 0.0), "vile": (0.0, 0.0, 6.0)}
    )
    inputs: tuple[str, ...] = ("input_ids", "attention_mask", "token_type_ids")
    known: int = len(WORDS)
    name: str = "words"
    """Of the graph."""

    def write(self, folder: Path, **keys: Any) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.onnx").write_bytes(self.graph())
        (folder / "tokenizer.json").write_text(json.dumps(tokenizer()))
        (folder / "manifest.toml").write_text(self.toml(folder, **keys))
        return folder

    def graph(self) -> bytes:
        table = np.zeros((self.known, len(self.labels)), dtype=np.float32)
        for word, numbers in self.rows.items():
            table[WORDS.index(word)] = numbers
        nodes = [
            helper.make_node("Gather", ["table", "input_ids"], ["found"]),
            helper.make_node("Cast", ["attention_mask"], ["real"], to=TensorProto.FLOAT),
            helper.make_node("Unsqueeze", ["real", "last"], ["column"]),
            helper.make_node("Mul", ["found", "column"], ["kept"]),
            helper.make_node("ReduceSum", ["kept", "middle"], ["logits"], keepdims=0),
        ]
        constants = [
            numpy_helper.from_array(table, "table"),
            numpy_helper.from_array(np.array([2]), "last"),
            numpy_helper.from_array(np.array([1]), "middle"),
        ]
        inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"]) for name in self.inputs]
        outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", None])]
        model = helper.make_model(
            helper.make_graph(nodes, self.name, inputs, outputs, constants),
            opset_imports=[helper.make_opsetid("", 18)],
        )
        model.ir_version = 9
        return bytes(model.SerializeToString())

    def toml(self, folder: Path, *, types: str = "token_type_ids", extra: str = "", labels: str | None = None) -> str:
        if labels is None:
            labels = '[labels]\ntoxic = ["offensive", "hate"]\n' if "offensive" in self.labels else ""
        names = ["toxic"] if "[labels]" in labels else list(self.labels)
        limits = "\n".join(f"{name} = {{ threshold = 0.5, medium = 0.8, high = 0.95 }}" for name in names)
        sums = "\n".join(
            f'"{name}" = "{hashlib.sha256((folder / name).read_bytes()).hexdigest()}"'
            for name in ("model.onnx", "tokenizer.json")
        )
        return f"""schema = 1
name = "words"
version = "1"
licence = "Apache-2.0"

[input]
types = "{types}"
batch = 4
max_length = 8

[output]
labels = {json.dumps(list(self.labels))}
activation = "{self.activation}"

{labels}
[thresholds.default]
{limits}

[files]
{sums}

{extra}
"""


def tokenizer() -> dict[str, Any]:
    """As ``tokenizers`` writes it: whitespace, one id a word, [CLS] and [SEP] around."""
    special = [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
               {"SpecialToken": {"id": "[SEP]", "type_id": 0}}]  # fmt: skip
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
        "pre_tokenizer": {"type": "WhitespaceSplit"}, "decoder": None,
        "post_processor": {
            "type": "TemplateProcessing", "single": special,
            "pair": [*special, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {name: {"id": name, "ids": [WORDS.index(name)], "tokens": [name]}
                               for name in ("[CLS]", "[SEP]")},
        },
        "model": {"type": "WordLevel", "vocab": {word: place for place, word in enumerate(WORDS)},
                  "unk_token": "[UNK]"},
    }  # fmt: skip
