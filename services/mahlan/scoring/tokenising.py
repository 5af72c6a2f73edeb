"""From texts to token ids, by the model's own tokenizer.json. Called by ``model.py``.

``tokenizers`` needs no hub client for this. Where the file only looks up single characters, a table of numpy's
does the same work about ten times faster (``characters.py``); both give the same ids.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from mahlan.errors import ModelError
from mahlan.scoring.characters import CharacterTable, character_table

Ids = npt.NDArray[np.int64]


class Tokeniser:
    """``encode`` gives the ids of many texts end to end, and how many belong to each. Safe in several threads."""

    def __init__(self, data: bytes, max_length: int) -> None:
        self._data = data
        self._max_length = max_length
        self._table: CharacterTable | None = character_table(data)
        self._slow: Any = None if self._table else self._load()

    def encode(self, texts: Sequence[str]) -> tuple[Ids, Ids]:
        """Token ids ``[sum of lengths]`` and lengths ``[texts]``, each text cut at ``max_length`` tokens.

        Raises ``ValueError`` where a text is not valid Unicode (a lone surrogate).
        """
        if self._table is not None:
            return self._table.encode(texts, self._max_length)
        return self.encode_by_library(texts)

    def encode_by_library(self, texts: Sequence[str]) -> tuple[Ids, Ids]:
        """The same by the ``tokenizers`` library, whatever the file holds."""
        library = self._slow = self._slow or self._load()
        try:
            encoded = [encoding.ids for encoding in library.encode_batch_fast(list(texts))]
        except (TypeError, UnicodeEncodeError) as error:
            raise ValueError("a text is not valid Unicode") from error
        lengths = np.fromiter(map(len, encoded), np.int64, len(encoded))
        return np.fromiter(chain.from_iterable(encoded), np.int64, int(lengths.sum())), lengths

    def starts(self, texts: Sequence[str]) -> list[Ids] | None:
        """At which character each token of each text begins, -1 for special ones. None: tokens are characters.

        A token that holds the space before its word (``▁idiot``) begins at the word.
        """
        if self._table is not None:
            return None
        library = self._slow = self._slow or self._load()
        encoded = library.encode_batch(list(texts))
        return [_starts(text, one.offsets, one.special_tokens_mask) for text, one in zip(texts, encoded, strict=True)]

    @property
    def vocabulary(self) -> int:
        """One more than the highest id this tokeniser can give."""
        library = self._slow = self._slow or self._load()
        return 1 + max(library.get_vocab(with_added_tokens=True).values(), default=-1)

    @property
    def unknown_id(self) -> int | None:
        """The id of what the vocabulary lacks, where the file names one."""
        library = self._slow = self._slow or self._load()
        named = getattr(library.model, "unk_token", None)
        names = [named] if named else ["[UNK]", "<unk>"]
        ids: list[int] = [found for name in names if (found := library.token_to_id(name)) is not None]
        return ids[0] if ids else None

    def _load(self) -> Any:
        # Set on purpose: one process is one worker, and its threads are the operator's to give.
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from tokenizers import Tokenizer

        try:
            library = Tokenizer.from_buffer(self._data)
        except Exception as error:  # noqa: BLE001  the library raises bare Exception
            raise ModelError(f"tokenizer.json cannot be read: {str(error)[:300]}") from None
        library.no_padding()
        library.enable_truncation(self._max_length)
        return library


def _starts(text: str, offsets: Sequence[tuple[int, int]], special: Sequence[int]) -> Ids:
    spaced = [end > start + 1 and text[start] == " " for start, end in offsets]
    pairs = zip(offsets, spaced, special, strict=True)
    return np.array([-1 if hidden else start + space for (start, _), space, hidden in pairs], dtype=np.int64)
