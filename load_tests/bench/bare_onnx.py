"""A contender: tokenizers and onnxruntime alone, on the texts the scorer gets, on one thread. No Kafka, no verdicts."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

#: As many texts as the scorer takes from Kafka at once, sorted by length, in the batches the manifest asks for.
POOL = 512


def texts_a_second(folder: Path, texts: Sequence[str], batch: int, max_length: int) -> float:
    """Texts a second, tokenised and scored."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(max_length)
    session = open_alone(folder / "model.onnx")
    started = time.perf_counter()
    for start in range(0, len(texts), POOL):
        encoded = [e.ids for e in tokenizer.encode_batch_fast(list(texts[start : start + POOL]))]
        encoded.sort(key=len)
        for first in range(0, len(encoded), batch):
            rows = encoded[first : first + batch]
            ids = np.zeros((len(rows), max(1, *map(len, rows))), np.int64)
            mask = np.zeros_like(ids)
            for number, row in enumerate(rows):
                ids[number, : len(row)] = row
                mask[number, : len(row)] = 1
            session.run(None, {"input_ids": ids, "attention_mask": mask})
    return len(texts) / (time.perf_counter() - started)


def open_alone(path: Path) -> Any:
    """A session on one thread, with nothing of mahlan around it."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
