"""The fast model's tokenizer.json: one piece per character. Called by ``fast.py``.

A BPE model without merges was the fastest of six constructions of the ``tokenizers`` library (100,000 texts a second
of 85 characters; a Unigram of single characters 70,000, pre-tokenisers that split words first 35,000 to 53,000).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from training.hashing import SPACE, Ints

UNKNOWN = "[UNK]"


def alphabet(texts: Iterable[str], least_count: int) -> dict[str, int]:
    """Ids for every character that is there ``least_count`` times: the space is 0, the unknown 1."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text)
    kept = sorted(char for char, count in counts.items() if count >= least_count and char != " ")
    return {" ": SPACE, UNKNOWN: SPACE + 1} | {char: place + 2 for place, char in enumerate(kept)}


def encode(texts: Iterable[str], ids: dict[str, int]) -> list[Ints]:
    """Each text as an array of ids."""
    table = np.full(0x110000, ids[UNKNOWN], dtype=np.int64)
    for char, number in ids.items():
        if len(char) == 1:
            table[ord(char)] = number
    return [table[np.frombuffer(text.encode("utf-32-le"), dtype="<u4")] for text in texts]


def tokenizer_json(ids: dict[str, int]) -> str:
    """The file. Written by hand, so that training does not need the library; a test reads it back through it."""
    model: dict[str, Any] = {
        "type": "BPE", "dropout": None, "unk_token": UNKNOWN, "continuing_subword_prefix": None,
        "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
        "vocab": ids, "merges": [],
    }  # fmt: skip
    spec: dict[str, Any] = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
        "pre_tokenizer": None, "post_processor": None, "decoder": None, "model": model,
    }  # fmt: skip
    return json.dumps(spec, ensure_ascii=False, indent=1) + "\n"
