"""A tokenizer.json of single characters, as one table lookup. Called by ``tokenising.py``.

A BPE vocabulary without merges, normaliser, pre-tokeniser or special tokens maps each character to one id and
nothing more, so numpy can do it for a whole batch at once. Any other file is left to the ``tokenizers`` library.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

PLAIN = ("normalizer", "pre_tokenizer", "post_processor", "added_tokens")
MODIFIERS = ("merges", "dropout", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback")


@dataclass(frozen=True, slots=True)
class CharacterTable:
    """``ids[code point]`` for code points below its size; ``unknown`` for all others."""

    ids: npt.NDArray[np.int64]
    unknown: int

    def encode(self, texts: Sequence[str], max_length: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Ids of all texts end to end and the length of each. Raises ``ValueError`` on a lone surrogate."""
        cut = [text[:max_length] for text in texts]
        lengths = np.fromiter(map(len, cut), np.int64, len(cut))
        points = np.frombuffer("".join(cut).encode("utf-32-le"), dtype="<u4")
        return self.ids[np.minimum(points, len(self.ids) - 1)], lengths


def character_table(data: bytes) -> CharacterTable | None:
    """The table for this tokenizer.json, or None where the file does more than look up single characters."""
    try:
        spec = json.loads(data)
        model = spec["model"]
        vocabulary: dict[str, Any] = model["vocab"]
        unknown = vocabulary[model["unk_token"]]
    except (ValueError, KeyError, TypeError):
        return None
    if model.get("type") != "BPE" or any(spec.get(key) for key in PLAIN) or any(model.get(key) for key in MODIFIERS):
        return None
    single = {ord(piece): number for piece, number in vocabulary.items() if len(piece) == 1}
    ids = np.full(max(single, default=0) + 2, unknown, dtype=np.int64)
    ids[list(single)] = list(single.values())
    return CharacterTable(ids=ids, unknown=unknown)
