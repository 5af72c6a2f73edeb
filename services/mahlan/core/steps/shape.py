"""Steps that undo how a word was pulled apart or drawn out: elongation, spaced or dotted letters, emoji inside.

Called by ``core.normalise`` after the steps about letters.
"""

from __future__ import annotations

import re
from itertools import product

from mahlan.core.arabic import word_cost
from mahlan.core.borders import borders
from mahlan.core.draft import Change, Edit, edits_of
from mahlan.core.latin import is_arabizi_word, is_english_word
from mahlan.core.lexicon import commonness, is_known, is_listed
from mahlan.core.remember import remembered
from mahlan.languages import words

# Back-references are outside what re2 can do. Each place costs two comparisons, and the look-behind lets a word be
# tried from its first letter only, so the search stays linear.
_DRAWN_OUT = re.compile(r"(?<![^\W_])[^\W_]*?([^\W\d_])\1\1[^\W_]*|([^\w\s])\2{2,}+|_{3,}+")
_ANY_RUN = re.compile(r"([^\s\d])\1{2,}+")
_MOST_RUNS = 4
_LAUGH = re.compile(r"(?:ha){3,}+h?|(?:he){3,}+h?|(?:ها){3,}+ه?")


def elongation(text: str) -> Change:
    """Letters written three times or more: once, or twice where that makes a word (``cooool``, ``الللله``).

    A word of one letter only (``ههههه``, laughter) keeps two; so do repeated signs and emoji (``!!!!``).
    """
    if not _ANY_RUN.search(text):
        return None
    found: list[Edit] = []
    for match in _DRAWN_OUT.finditer(text):
        piece = match[0]
        keeps = _kept(piece)
        for run, keep in zip(_ANY_RUN.finditer(piece), keeps, strict=True):
            start = match.start() + run.start() + keep
            found.append((start, match.start() + run.end(), ""))
    return found or None


@remembered(16384)
def _kept(piece: str) -> tuple[int, ...]:
    """For each drawn-out letter of a word, how many to keep."""
    runs = len(_ANY_RUN.findall(piece))
    if not piece[0].isalnum() or piece == piece[0] * len(piece):
        return (2,) * runs
    if runs > _MOST_RUNS:
        return (1,) * runs
    return min(product((1, 2), repeat=runs), key=lambda keeps: (_strangeness(_cut(piece, keeps)), sum(keeps)))


def _cut(piece: str, keeps: tuple[int, ...]) -> str:
    left = iter(keeps)
    return _ANY_RUN.sub(lambda run: run[0][: next(left)], piece)


def _strangeness(word: str) -> float:
    """How unlikely ``word`` is as a word; below zero for those listed because they hold a letter twice."""
    if word in words("doubles", "words"):
        return -1.0
    if word.isascii():
        return 0.0 if is_english_word(word) or is_arabizi_word(word) else 1.0
    return word_cost(word)


def laughter(text: str) -> Change:
    """``hahahahaha`` and ``هاهاهاها`` as two syllables."""
    if "haha" not in text and "hehe" not in text and "هاها" not in text:
        return None
    return edits_of(_LAUGH, text, lambda match: match[0][:2] * 2)


_SIGNS = ".", "-", "_", "*", "·", "|", "/", "~", "+"
_LONE = r"(?![^\W_])"
_SPACED = re.compile(
    rf"(?<![^\s\"'(\[])[^\W_](?: [^\W_]{_LONE}){{2,}}|(?<![^\W_])(?:"
    + "|".join(rf"(?<![^\W_]{sign})[^\W_](?:{sign}[^\W_]{_LONE}){{2,}}{sign}?" for sign in map(re.escape, _SIGNS))
    + ")"
)
_MAYBE_SPACED = re.compile(r"[ .\-_*·|/~+](?<=[^\W_].)[^\W_][ .\-_*·|/~+][^\W_](?![^\W_])")


def spaced_letters(text: str) -> Change:
    """Three or more single letters with one and the same sign between them are a word: ``i d i o t``, ``ا.ه.ب.ل``."""
    if not _MAYBE_SPACED.search(text):
        return None
    return [edit for match in _SPACED.finditer(text) if _spells(match[0]) for edit in _closed(match)] or None


def _closed(spaced: re.Match[str]) -> list[Edit]:
    """The signs between the letters taken out; where spaces hide several words, one space stays between two."""
    piece, start = spaced[0], spaced.start()
    gaps = [at for at, sign in enumerate(piece) if not sign.isalnum()]
    kept = set(borders(piece[::2])) if piece[1] == " " else set()
    return [(start + at, start + at + 1, "") for at in gaps if at // 2 + 1 not in kept]


def _spells(spaced: str) -> bool:
    """Whether single signs spell a word: two letters or more, three where a digit leads (``8.a.b.y``)."""
    letters = sum(map(str.isalpha, spaced))
    return letters >= (2 if spaced[0].isalpha() else 3)


_EMOJI = "\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
_MAYBE_INSIDE = re.compile(f"[^\\W_][{_EMOJI}]+[^\\W_]")
_INSIDE_WORD = re.compile(f"(?<![^\\W_])[^\\W_]++(?:[{_EMOJI}\u200d]++[^\\W_]++)+")
_PICTURES = re.compile(f"[{_EMOJI}\u200d]+")


def emoji_inside(text: str) -> Change:
    """Emoji between the letters of one word go (``غ😂بي``); between two words they get spaces (``حلو😂اوي``)."""
    if text.isascii() or max(text) < "\u2190" or not _MAYBE_INSIDE.search(text):
        return None
    found: list[Edit] = []
    for match in _INSIDE_WORD.finditer(text):
        if not any(map(str.isalpha, match[0])):
            continue
        joined = _one_word(match[0])
        for picture in _PICTURES.finditer(match[0]):
            start, end = match.start() + picture.start(), match.start() + picture.end()
            found.append((start, end, "" if joined else f" {picture[0]} "))
    return found or None


_BESIDE = 4
"""Two words with only an emoji between them seldom spell a third; one up to so many times rarer is believed."""


def _one_word(cluster: str) -> bool:
    """Whether pieces are one word: a lone letter among them, or together a word about as common."""
    pieces = _PICTURES.split(cluster)
    if not all(map(str.isalpha, pieces)):  # Arabizi's digits are letters in its own words only
        return is_listed("".join(pieces)) or (
            cluster[0].isascii() and cluster[-1].isascii() and len(pieces) == 2 and min(map(len, pieces)) == 1
        )
    short = words("doubles", "short")
    if any((len(piece) == 1 or (len(piece) == 2 and piece not in short)) for piece in pieces):
        return True
    if pieces[0].endswith("ال") and is_known("".join(pieces)):  # the article
        return True
    return commonness("".join(pieces)) < _BESIDE * max(map(commonness, pieces)) or not any(map(is_known, pieces))
