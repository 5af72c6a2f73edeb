"""Steps that undo how a word was pulled apart or drawn out: elongation, spaced or dotted letters, emoji inside.

Called by ``core.normalise`` after the steps about letters.
"""

from __future__ import annotations

import re
from functools import lru_cache
from operator import eq

from mahlan.core.draft import Change, edits_of
from mahlan.languages import words

# Back-references are outside what re2 can do. Each place costs two comparisons, and the look-behind lets a word be
# tried from its first letter only, so the search stays linear.
_DRAWN_OUT = re.compile(r"(?<![^\W_])[^\W_]*?([^\W\d_])\1\1[^\W_]*|([^\w\s])\2{2,}+|_{3,}+")
_RUN = re.compile(r"([^\W\d_])\1{2,}+")
_LAUGH = re.compile(r"(?:ha){3,}+h?|(?:he){3,}+h?|(?:ها){3,}+ه?")


def elongation(text: str) -> Change:
    """Letters written three times or more: once, or twice where the word has them twice (``cooool``, ``الللله``).

    A word of one letter only (``ههههه``, laughter) keeps two; so do repeated signs and emoji (``!!!!``).
    """
    if b"\1\1" not in bytes(map(eq, text, text[1:])):
        return None
    return edits_of(_DRAWN_OUT, text, lambda match: _shorten(match[0]))


@lru_cache(maxsize=16384)
def _shorten(piece: str) -> str:
    if not piece[0].isalnum() or piece == piece[0] * len(piece):
        return piece[:2]
    twice = _RUN.sub(r"\1\1", piece)
    return twice if twice in words("doubles", "words") else _RUN.sub(r"\1", piece)


def laughter(text: str) -> Change:
    """``hahahahaha`` and ``هاهاهاها`` as two syllables."""
    if "haha" not in text and "hehe" not in text and "هاها" not in text:
        return None
    return edits_of(_LAUGH, text, lambda match: match[0][:2] * 2)


_SIGNS = ".", "-", "_", "*", "·", "|", "/", "~", "+"
_LONE = r"(?![^\W_])"
_SPACED = re.compile(
    rf"(?<!\S)[^\W\d_](?: [^\W_]{_LONE}){{2,}}|(?<![^\W_])(?:"
    + "|".join(
        rf"(?<![^\W_]{sign})[^\W\d_](?:{sign}[^\W_]{_LONE}){{2,}}{sign}?" for sign in map(re.escape, _SIGNS)
    )
    + ")"
)
_MAYBE_SPACED = re.compile(r"[ .\-_*·|/~+](?<=[^\W_].)[^\W_][ .\-_*·|/~+][^\W_](?![^\W_])")


def spaced_letters(text: str) -> Change:
    """Three or more single letters with one and the same sign between them are a word: ``i d i o t``, ``ا.ه.ب.ل``."""
    if not _MAYBE_SPACED.search(text):
        return None
    return edits_of(_SPACED, text, lambda match: "".join(filter(str.isalnum, match[0])))


_EMOJI = "\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
_MAYBE_INSIDE = re.compile(f"[^\\W\\d_][{_EMOJI}]+[^\\W\\d_]")
_INSIDE_WORD = re.compile(f"(?<![^\\W\\d_])[^\\W\\d_]++(?:[{_EMOJI}\u200d]++[^\\W\\d_]++)+")
_PICTURES = re.compile(f"[{_EMOJI}\u200d]+")


def emoji_inside(text: str) -> Change:
    """Emoji between the letters of one word go (``غ😂بي``); between two words they get spaces (``حلو😂اوي``).

    It is one word when a piece is a single letter, or has two and is no word of its own.
    """
    if text.isascii() or not _PICTURES.search(text) or not _MAYBE_INSIDE.search(text):
        return None
    return edits_of(_INSIDE_WORD, text, lambda match: _rejoin(match[0]))


def _rejoin(cluster: str) -> str:
    short = words("doubles", "short")
    pieces = _PICTURES.split(cluster)
    if any(len(piece) == 1 or (len(piece) == 2 and piece not in short) for piece in pieces):
        return "".join(pieces)
    return _PICTURES.sub(lambda match: f" {match[0]} ", cluster)
