"""Examples as arrays: token ids, labels, weights. Written once, read by training without the product.

One line per reading of a comment; the second (Arabic letters) counts ``arabic_weight``. Imports numpy only at the
top: ``tune.py`` loads these on machines without the product.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from training.accurate.config import Config
    from training.accurate.examples import Example

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
UNKNOWN = -1
WIDTHS = 8
"""Batches are as wide as a multiple of this: torch prepares its kernels anew for every width it has not met."""
INPUTS = ("input_ids", "attention_mask")
OUTPUT = "logits"
"""The exported graph's names."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """``ids`` of all texts end to end, ``starts`` ``[texts + 1]``; ``labels`` ``[texts, labels]``, -1 is unknown.

    ``comment`` says which comment a text is a reading of, ``source`` is a place in ``names``, ``twin`` is the place of
    the text that this one is a disguise of, or its own.
    """

    ids: npt.NDArray[np.uint32]
    starts: Ints
    labels: npt.NDArray[np.int8]
    weights: Floats
    smoothing: Floats
    source: Ints
    comment: Ints
    twin: Ints
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.weights)

    @property
    def lengths(self) -> Ints:
        """Tokens of each text."""
        return np.diff(self.starts)

    def padded(self, places: Ints, pad_id: int) -> tuple[Ints, Ints]:
        """Ids and mask ``[places, longest]``, the longest rounded up: see ``WIDTHS``."""
        lengths = self.lengths[places]
        columns = np.arange(-(-int(lengths.max()) // WIDTHS) * WIDTHS)
        inside = columns < lengths[:, None]
        at = np.minimum(self.starts[places][:, None] + columns, len(self.ids) - 1)
        return np.where(inside, self.ids[at], pad_id).astype(np.int64), inside.astype(np.int64)


def tokenised(examples: Sequence[Example], tokenizer: Path, config: Config) -> Tokens:
    """The arrays of ``examples`` by ``tokenizer.json``, cut at ``text.train_tokens``."""
    from mahlan.scoring.tokenising import Tokeniser

    pairs = [(place, at) for place, example in enumerate(examples) for at in range(len(example.row.readings))]
    texts = [examples[place].row.readings[at].text for place, at in pairs]
    ids, lengths = Tokeniser(tokenizer.read_bytes(), config.text.train_tokens).encode_by_library(texts)
    names = sorted({example.row.source for example in examples})
    shares = np.array([config.fit.arabic_weight if at else 1.0 for _, at in pairs], dtype=np.float32)
    owners = [examples[place] for place, _ in pairs]
    return Tokens(
        ids=ids.astype(np.uint32),
        starts=np.concatenate([[0], np.cumsum(lengths)]),
        labels=np.array([[one.labels.get(name, UNKNOWN) for name in config.labels] for one in owners], dtype=np.int8),
        weights=shares * np.array([one.weight for one in owners], dtype=np.float32),
        smoothing=np.array([one.smoothing for one in owners], dtype=np.float32),
        source=np.array([names.index(one.row.source) for one in owners]),
        comment=np.array([place for place, _ in pairs]),
        twin=_twins(examples, pairs),
        names=tuple(names),
    )


def _twins(examples: Sequence[Example], pairs: Sequence[tuple[int, int]]) -> Ints:
    """The undisguised text of each text, reading by reading as far as the undisguised comment has them."""
    first = {example.row.readings[0].text: place for place, example in enumerate(examples) if not example.twin}
    at = {pair: place for place, pair in enumerate(pairs)}
    owners = [(first.get(examples[place].twin, place), reading) for place, reading in pairs]
    return np.array([at.get(owner, at[owner[0], 0]) for owner in owners])


def save_tokens(path: Path, tokens: Tokens) -> None:
    """One compressed ``.npz``; ids as 16 bits where the vocabulary allows."""
    narrow = np.uint16 if len(tokens.ids) and int(tokens.ids.max()) < 1 << 16 else np.uint32
    arrays: dict[str, Any] = {
        "ids": tokens.ids.astype(narrow),
        "lengths": tokens.lengths.astype(np.uint16),
        "labels": tokens.labels,
        "weights": tokens.weights.astype(np.float16),
        "smoothing": tokens.smoothing.astype(np.float16),
        "source": tokens.source.astype(np.int16),
        "comment": tokens.comment.astype(np.int32),
        "twin": tokens.twin.astype(np.int32),
        "names": np.array(json.dumps(tokens.names)),
    }
    np.savez_compressed(path, **arrays)


def load_tokens(path: Path) -> Tokens:
    """What ``save_tokens`` wrote."""
    with np.load(path) as found:
        return Tokens(
            ids=found["ids"].astype(np.uint32),
            starts=np.concatenate([[0], np.cumsum(found["lengths"].astype(np.int64))]),
            labels=found["labels"],
            weights=found["weights"].astype(np.float32),
            smoothing=found["smoothing"].astype(np.float32),
            source=found["source"].astype(np.int64),
            comment=found["comment"].astype(np.int64),
            twin=found["twin"].astype(np.int64),
            names=tuple(json.loads(str(found["names"]))),
        )
