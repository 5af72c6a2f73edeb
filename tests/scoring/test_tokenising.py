"""Single characters by table or by library: the same ids. Batches: every text once, padded where it ends."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahlan.errors import ModelError
from mahlan.scoring.batches import CELLS, batches
from mahlan.scoring.characters import character_table
from mahlan.scoring.tokenising import Tokeniser
from tests.scoring.folders import tokenizer
from training.alphabet import alphabet, tokenizer_json

IDS = alphabet(["abc مهلاً 😀 ٣"], 1)
FILE = tokenizer_json(IDS).encode()
CHARACTERS = Tokeniser(FILE, 12)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(list(IDS)[2:]), max_size=20)))
def test_the_table_gives_the_librarys_ids(texts: list[str]) -> None:
    ids, lengths = CHARACTERS.encode(texts)
    expected, counts = CHARACTERS.encode_by_library(texts)
    assert ids.tolist() == expected.tolist()
    assert lengths.tolist() == counts.tolist()


def test_a_character_beyond_the_vocabulary_is_unknown() -> None:
    assert CHARACTERS.encode(["aЖ\U0010ffff"])[0].tolist() == [IDS["a"], 1, 1]
    assert CHARACTERS.unknown_id == 1
    assert CHARACTERS.vocabulary == len(IDS)


@pytest.mark.parametrize(
    "change",
    [
        {"model": {"merges": [["a", "b"]]}},
        {"model": {"type": "Unigram"}},
        {"model": {"fuse_unk": True}},
        {"normalizer": {"type": "Lowercase"}},
        {"pre_tokenizer": {"type": "Whitespace"}},
        {"added_tokens": [{"id": 0, "content": "[CLS]"}]},
    ],
)
def test_a_file_that_does_more_than_look_up_is_left_to_the_library(change: dict[str, object]) -> None:
    spec = json.loads(FILE)
    model = change.get("model", {})
    assert isinstance(model, dict)
    assert character_table(json.dumps({**spec, **change, "model": {**spec["model"], **model}}).encode()) is None
    assert character_table(FILE) is not None


def test_a_word_tokenizer_keeps_its_special_tokens_when_it_cuts() -> None:
    words = Tokeniser(json.dumps(tokenizer()).encode(), 4)
    ids, lengths = words.encode(["kind rude kind rude", ""])
    assert ids.tolist() == [2, 4, 5, 3, 2, 3]
    assert lengths.tolist() == [4, 2]


def test_a_broken_file_is_a_model_error() -> None:
    with pytest.raises(ModelError, match=r"tokenizer\.json cannot be read"):
        Tokeniser(b"{}", 8)


@given(st.lists(st.integers(0, 30), max_size=40), st.integers(1, 9))
def test_every_text_is_in_one_batch_with_its_own_ids(lengths: list[int], size: int) -> None:
    flat = np.arange(1, sum(lengths) + 1)
    starts = np.cumsum(lengths) - lengths
    seen: list[int] = []
    for batch in batches(flat, np.array(lengths, dtype=np.int64), size, 0):
        assert 0 < len(batch.rows) <= size
        for row, ids, mask in zip(batch.rows.tolist(), batch.ids, batch.mask, strict=True):
            expected = flat[starts[row] : starts[row] + lengths[row]].tolist()
            assert ids[mask == 1].tolist() == expected
            assert not ids[mask == 0].any()
            assert mask[: lengths[row]].all()
            seen.append(row)
    assert sorted(seen) == list(range(len(lengths)))


def test_very_long_texts_get_small_batches() -> None:
    lengths = np.array([20_000] * 10 + [10] * 10)
    sizes = [batch.ids.size for batch in batches(np.ones(lengths.sum(), dtype=np.int64), lengths, 16, 0)]
    assert max(sizes) <= CELLS


def test_a_token_that_holds_the_space_before_its_word_begins_at_the_word() -> None:
    """As the Metaspace of SentencePiece has it: else the share of a word's first token would fall on the space."""
    (file,) = Path("models/accurate").glob("*/tokenizer.json")
    tokeniser = Tokeniser(file.read_bytes(), 32)
    (starts,) = tokeniser.starts(["you idiot  man "]) or ()
    begins = [at for at in starts.tolist() if at >= 0]
    assert begins[:2] == [0, 4]
    assert 11 in begins
    assert max(begins) < len("you idiot  man ")
