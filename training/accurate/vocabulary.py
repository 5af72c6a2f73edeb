"""The encoder to start from: a folder or hub id, its vocabulary cut to what the rows use. Called by ``__main__``.

A multilingual vocabulary is most of such a model's weight (multilingual-e5-small: 82 %); nine pieces in ten stand for
scripts that never come here. Only Unigram tokenizers (SentencePiece's, as XLM-R and multilingual E5 have) are cut.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

TOKENIZER = "tokenizer.json"
BLOCK = 4096
LEAST = 2
"""Uses that a longer piece needs to stay."""


def fetched(source: str, folder: Path) -> Path:
    """``source`` where it is a folder; else a hub id, downloaded into ``folder`` in the Hugging Face layout."""
    if Path(source).is_dir():
        return Path(source)
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from transformers import AutoModel, AutoTokenizer

    try:
        tokenizer, model = AutoTokenizer.from_pretrained(source), AutoModel.from_pretrained(source)
    except OSError as error:
        raise SystemExit(f"--base {source}: neither a folder nor reachable on the hub: {error}") from None
    tokenizer.save_pretrained(folder)
    model.save_pretrained(folder)
    return folder


def trimmed(source: Path, texts: Sequence[str], folder: Path, over: int) -> Path:
    """``source`` itself where its vocabulary is at most ``over``; else ``folder``, with a copy cut to ``texts``."""
    spec = json.loads((source / TOKENIZER).read_text(encoding="utf-8"))
    if len(spec["model"]["vocab"]) <= over or spec["model"].get("type") != "Unigram":
        return source
    special = {token["content"] for token in spec["added_tokens"]} - {"<mask>"}
    kept = kept_pieces(spec["model"]["vocab"], special, used_pieces(source / TOKENIZER, texts))
    folder.mkdir(parents=True, exist_ok=True)
    cut = json.dumps(cut_tokenizer(spec, kept), ensure_ascii=False)
    (folder / TOKENIZER).write_text(cut, encoding="utf-8")
    _cut_weights(source, folder, kept)
    return folder


def used_pieces(tokenizer: Path, texts: Sequence[str]) -> Counter[int]:
    """How often each id is used in ``texts``."""
    from tokenizers import Tokenizer

    library = Tokenizer.from_file(str(tokenizer))
    counts: Counter[int] = Counter()
    for start in range(0, len(texts), BLOCK):
        for encoding in library.encode_batch_fast(list(texts[start : start + BLOCK])):
            counts.update(encoding.ids)
    return counts


def kept_pieces(vocabulary: Sequence[Any], special: Iterable[str], counts: Counter[int]) -> list[int]:
    """Ids to keep, in order: special tokens, used pieces, and each single character of a used piece.

    Characters stay even where unused, so that a word never seen is still spelled and not unknown.
    """
    always = set(special)
    used = {place for place, count in counts.items() if count >= LEAST}
    letters = {letter for place in used for letter in vocabulary[place][0]}
    return [
        place
        for place, (piece, _) in enumerate(vocabulary)
        if piece in always or place in used or (set(piece) <= letters and len(piece.lstrip("\u2581")) <= 1)
    ]


def cut_tokenizer(spec: dict[str, Any], kept: Sequence[int]) -> dict[str, Any]:
    """The tokenizer with the pieces ``kept`` only, renumbered."""
    new = {old: place for place, old in enumerate(kept)}
    model = {**spec["model"], "vocab": [spec["model"]["vocab"][old] for old in kept]}
    model["unk_id"] = new[spec["model"]["unk_id"]]
    added = [{**token, "id": new[token["id"]]} for token in spec["added_tokens"] if token["id"] in new]
    processor = spec.get("post_processor")
    if processor and "special_tokens" in processor:
        tokens = {
            name: {**token, "ids": [new[old] for old in token["ids"]]}
            for name, token in processor["special_tokens"].items()
        }
        processor = {**processor, "special_tokens": tokens}
    return {**spec, "model": model, "added_tokens": added, "post_processor": processor}


def find_pad(tokenizer: Path) -> int:
    """The id of ``<pad>`` or ``[PAD]``; 0 where neither is there."""
    from tokenizers import Tokenizer

    library = Tokenizer.from_file(str(tokenizer))
    found = [library.token_to_id(name) for name in ("<pad>", "[PAD]")]
    return next((place for place in found if place is not None), 0)


def _cut_weights(source: Path, folder: Path, kept: Sequence[int]) -> None:
    import torch
    from transformers import AutoModel

    model = AutoModel.from_pretrained(str(source), dtype=torch.float32)
    whole = model.get_input_embeddings().weight.detach()
    cut = torch.nn.Embedding(len(kept), whole.shape[1], _weight=whole[torch.tensor(kept)].clone())
    model.set_input_embeddings(cut)
    model.config.vocab_size = len(kept)
    model.half().save_pretrained(folder)
