"""The step that reads a comment full of slips as meant: ``yu coud hvae told me`` → ``you could have told me``.

Where several words of a comment are slips, more of them are likely to be, and their neighbours say which words they can
be: the likeliest row of words is looked for, each slip at its price (a noisy channel, Kernighan, Church and Gale 1990,
with pairs of words). A slip or two that are left, ``hidden`` and ``repair`` judge by themselves. Called by
``core.normalise``.
"""

from __future__ import annotations

import heapq
import math
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice, pairwise
from typing import NamedTuple

from mahlan.core.context import BORDER, follow_cost, word_cost
from mahlan.core.draft import Change, Edit
from mahlan.core.lexicon import ARABIC, kind_of_latin
from mahlan.core.remember import remembered
from mahlan.core.steps.hidden import EMPHASIS
from mahlan.core.steps.repair import BEFORE, BEHIND
from mahlan.core.steps.slips import MASK, guesses, joined

TOKEN = re.compile(r"[^\W_]++(?:\*[^\W_]*+)?+|[^\w\s']")
_WORD = re.compile(rf"{BEFORE}[^\W_]{{1,16}}(?:\*[^\W_]{{0,16}})?+{BEHIND}")
_NON_JOINER = "\u200c"
_MOST = 300
"""Words and signs of a comment that are looked at: a row of them is dearer than each alone."""
_BEAM = 4

_LEAST = 2
_LEAST_SHARE = 0.1
"""How many words must be slips, and what share of all, for one to bear another out."""
_GAIN, _GAIN_ALONE = 1.0, 8.0
"""Nats that the words as meant must be likelier than those that stand there, for each slip, its price paid: where slips
bear each other out, and where there are too few for that. A star hides a letter for sure."""
_RARE = 10.0
"""What a word costs, at least, that may be a slip by itself: some thousand words are commoner."""
_BY_NEIGHBOURS = 5.0
"""Nats that neighbours may add."""


class _Token(NamedTuple):
    """A word or sign (``BORDER``). ``kind`` of the words it may be mistyped for, empty where it is to stay."""

    start: int
    end: int
    written: str
    kind: str

    @property
    def word(self) -> str:
        """As it stands; a star at its end is a note or stands for a letter."""
        return self.written.removesuffix(MASK)


class _Row(NamedTuple):
    """The likeliest words up to a token: their cost, the last one, and the slips among them."""

    cost: float
    last: str
    slips: tuple[Edit, ...]


def is_disguise(written: str) -> bool:
    """Whether what a slip was mended in holds a sign or digit for a letter: nobody mistypes that."""
    return not written.replace(" ", "").isalpha()


@lru_cache(4)
def mistyped_words(text: str) -> Change:
    """The words that the slips of a comment hide, if there are several and their neighbours agree.

    Asked about a text twice, when other steps ran again and changed nothing, it remembers.
    """
    if _NON_JOINER in text:
        return None  # Persian
    tokens = _tokens(text)
    least = max(_LEAST, _LEAST_SHARE * sum(token.written != BORDER for token in tokens))
    if not _is_doubtful(tokens, least):
        return None
    best = _likeliest(tokens)
    doubtful = sum(MASK not in text[start : end - 1] for start, end, _ in best.slips)
    gain = _GAIN if len(best.slips) >= least else _GAIN_ALONE
    if not best.slips or _as_it_stands(tokens) - best.cost < gain * doubtful:
        return None
    return list(best.slips)


def _tokens(text: str) -> list[_Token]:
    """Words and signs. A Latin word stays where the text may be in a third language, an emphasised one everywhere."""
    found = [(*match.span(), match[0]) for match in islice(TOKEN.finditer(text), _MOST)]
    pieces = [written for _, _, written in found if written.isalnum()]
    latin = kind_of_latin(pieces) if any(map(str.isascii, pieces)) else ""
    free = {match.span() for match in _WORD.finditer(text)}
    if EMPHASIS.search(text):
        free -= {(start, end) for start, end, written in found if written[-1] == MASK}
    return [
        _Token(start, end, written, (latin if written.isascii() else ARABIC) if (start, end) in free else "")
        if written[0].isalnum()
        else _Token(start, end, BORDER, "")
        for start, end, written in found
    ]


def _is_doubtful(tokens: Sequence[_Token], least: float) -> bool:
    """Whether a look at the neighbours may be worth it, by what each word could be by itself."""
    rare = [bool(token.kind) and word_cost(token.word) > _RARE for token in tokens]
    if not any(rare):
        return False
    doubts = [_doubt(token.written, token.kind) for token, is_rare in zip(tokens, rare, strict=True) if is_rare]
    doubts += [_doubt_of_cut(*pair) for pair, rares in zip(pairwise(tokens), pairwise(rare), strict=True) if any(rares)]
    return sum(doubt > 0.0 for doubt in doubts) >= least or max(doubts) > _GAIN_ALONE - _BY_NEIGHBOURS


@remembered(32768)
def _doubt(word: str, kind: str) -> float:
    """How much likelier, in nats, the best guess is than the word: beyond all doubt where a star hides a letter."""
    found = guesses(word, kind)
    if MASK in word:
        return math.inf if found else 0.0
    return word_cost(word) - min((word_cost(guess) + price for guess, price in found), default=math.inf)


def _doubt_of_cut(token: _Token, following: _Token) -> float:
    """How much likelier one word is than both pieces."""
    whole = _joined(token, following)
    return word_cost(token.word) + word_cost(following.word) - word_cost(whole[0]) - whole[1] if whole else 0.0


def _joined(token: _Token, following: _Token) -> tuple[str, float] | None:
    if not token.kind or token.kind != following.kind or following.start - token.end != 1:
        return None
    return joined(token.written, following.written, token.kind)


def _likeliest(tokens: Sequence[_Token]) -> _Row:
    """The row of words that costs least (Viterbi 1967, with a beam)."""
    rows: list[dict[str, _Row]] = [{BORDER: _Row(0.0, BORDER, ())}, *({} for _ in tokens)]
    for at, token in enumerate(tokens):
        whole = _joined(token, tokens[at + 1]) if at + 1 < len(tokens) else None
        for row in heapq.nsmallest(_BEAM, rows[at].values()):
            _extend(rows[at + 1], row, token.word, 0.0, ())
            for guess, price in guesses(token.written, token.kind) if token.kind else ():
                _extend(rows[at + 1], row, guess, price, ((token.start, token.end, guess),))
            if whole:
                _extend(rows[at + 2], row, *whole, ((token.start, tokens[at + 1].end, whole[0]),))
    return min(rows[-1].values())


def _extend(rows: dict[str, _Row], row: _Row, word: str, price: float, slip: tuple[Edit, ...]) -> None:
    cost = row.cost + price + follow_cost(row.last, word)
    if word not in rows or cost < rows[word].cost:
        rows[word] = _Row(cost, word, row.slips + slip)


def _as_it_stands(tokens: Sequence[_Token]) -> float:
    return sum(follow_cost(before, word) for before, word in pairwise([BORDER, *(token.word for token in tokens)]))
