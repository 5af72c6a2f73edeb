"""A contender: tokenizers and onnxruntime alone, a text at a time, as one process on one core. Prints JSON.

``python -m load_tests.gateway.bare NAME@VERSION`` reads the texts, as JSON lines, from its input.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import orjson
from tokenizers import Tokenizer

from load_tests.bench.bare_onnx import open_alone, texts_a_second
from load_tests.ranks import rank
from mahlan.runtime.data import data_folder
from mahlan.scoring.manifest import read_manifest

WARM_UP = 200


def milliseconds(folder: Path, texts: list[str], max_length: int) -> list[float]:
    """What each text takes, sorted."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(max_length)
    session = open_alone(folder / "model.onnx")
    took = []
    for text in texts[:WARM_UP] + texts:
        begun = time.perf_counter()
        ids = np.array([tokenizer.encode(text).ids or [0]], np.int64)
        session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        took.append((time.perf_counter() - begun) * 1000)
    return sorted(took[WARM_UP:])


def main(model: str, texts: list[str]) -> None:
    """Measure and print."""
    folder = data_folder("models") / model.replace("@", "/")
    manifest = read_manifest(folder)
    took = milliseconds(folder, texts, manifest.input.max_length)
    rate = texts_a_second(folder, texts, manifest.input.batch, manifest.input.max_length)
    shown = {f"p{percent}": rank(took, percent) for percent in (50, 95, 99)}
    print(orjson.dumps({**shown, "texts_a_second": rate}).decode())


if __name__ == "__main__":
    main(sys.argv[1], [orjson.loads(line) for line in sys.stdin.buffer])
