"""The invented pairs of ``pairs.tsv`` and what the product's reading makes of each word. Called by ``__main__``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mahlan.core.draft import all_to_original
from mahlan.core.normalise import normalise
from mahlan.core.steps.letters import arabic_letters

PAIRS = Path(__file__).with_name("pairs.tsv")
ARTICLE = "ال"
_ARABIC = re.compile("[\u0621-\u064a]")


@dataclass(frozen=True, slots=True)
class Pair:
    """A comment, word by word: ``words[i]`` may be written as any of ``accepted[i]`` (folded, without spaces)."""

    part: str
    writer: str
    words: tuple[str, ...]
    accepted: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Read:
    """One word as read: ``errors`` of ``letters`` (edits to the nearest accepted spelling, and its length)."""

    word: str
    found: str
    wanted: str
    errors: int
    letters: int
    english: bool


def read_pairs(path: Path = PAIRS) -> list[Pair]:
    """The pairs of a file; raises ``ValueError`` where the two sides have not as many words."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [_pair(line) for line in lines if line and not line.startswith("#")]


def _pair(line: str) -> Pair:
    part, writer, latin, arabic = line.split("\t")
    accepted = tuple(tuple(folded(one.replace("_", "")) for one in item.split("/")) for item in arabic.split())
    if len(accepted) != len(latin.split()):
        raise ValueError(f"not word by word: {latin}")
    return Pair(part, writer, tuple(latin.split()), accepted)


def folded(arabic: str) -> str:
    """Arabic letters as readings have them."""
    changed = arabic_letters(arabic)
    return changed if isinstance(changed, str) else arabic


def distance(left: str, right: str) -> int:
    """Edits (Levenshtein) between two words."""
    row = list(range(len(right) + 1))
    for at, mine in enumerate(left, 1):
        before, row[0] = row[0], at
        for to, theirs in enumerate(right, 1):
            before, row[to] = row[to], min(row[to] + 1, row[to - 1] + 1, before + (mine != theirs))
    return row[-1]


def read_words(pair: Pair) -> Iterator[Read]:
    """Each word of a comment as the normaliser reads it in the whole comment; a lone article is not counted."""
    pieces = _pieces(" ".join(pair.words), pair.words)
    behind_article = False
    for word, piece, accepted in zip(pair.words, pieces, pair.accepted, strict=True):
        if accepted != (ARTICLE,):
            yield _read(word, piece, accepted, behind_article)
        behind_article = accepted[0].endswith(ARTICLE) or accepted[0] == "لل"


def _pieces(text: str, words: Sequence[str]) -> list[str]:
    """What stands in the last reading for each word of ``text``, without spaces."""
    reading = normalise(text).readings[-1]
    to_reading = [size for pair in zip(reading.offsets[1::2], reading.offsets[::2], strict=True) for size in pair]
    spans, at = [], 0
    for word in words:
        spans.append((at, at + len(word)))
        at += len(word) + 1
    found = all_to_original(to_reading, spans)
    return [re.sub("[ -]", "", reading.text[start:end]) for start, end in found]


def _read(word: str, piece: str, accepted: tuple[str, ...], behind_article: bool) -> Read:
    english = not _ARABIC.search(accepted[0])
    if english:
        kept = piece in accepted or not _ARABIC.search(piece)
        return Read(word, piece, accepted[0], 0 if kept else len(word), len(word), english=True)
    pieces = (piece, piece.removeprefix(ARTICLE)) if behind_article else (piece,)
    errors, wanted = min((distance(one, other), other) for one in pieces for other in accepted)
    return Read(word, piece, wanted, errors, len(wanted), english=False)
