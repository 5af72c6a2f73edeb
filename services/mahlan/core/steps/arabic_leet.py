"""The step that reads digits in Arabic words as letters (``غ3بي``), as Arabizi has taught everybody to.

Called by ``core.normalise``.
"""

from __future__ import annotations

import math
import re

from mahlan.core.draft import Change
from mahlan.core.lexicon import ARABIC, commonness, inflected_rank, is_known, rank
from mahlan.core.remember import remembered
from mahlan.core.steps.leet import edits_among_hidden, spelt

_LETTERS = {
    "0": "ه", "1": "ا", "2": "ءا", "3": "ع", "4": "ش", "5": "خ", "6": "ط", "7": "ح", "8": "غق", "9": "صق",
}  # fmt: skip
_SURELY = 3_000
_MAYBE_ARABIC = re.compile("[0-9](?:(?<=[\u0621-\u064a][0-9])|(?=[\u0621-\u064a]))")
_ARABIC_TOKEN = re.compile("(?<![\\w@.,:/+-])[\u0621-\u064a0-9]{3,24}(?![\\w@]|[.,:/-][0-9])")


def arabic_leet(text: str) -> Change:
    """Arabic words with digits in place of letters (``ل3بة``), in letters.

    Numbers beside a word stay (``عام2011``, "year 2011"): a digit at either end is a letter only if what is left
    without it is no word, or a rarer one than a very common word it then makes, or if another word of the text has
    digits between its letters.
    """
    if text.isascii() or not _MAYBE_ARABIC.search(text):
        return None
    return edits_among_hidden(_ARABIC_TOKEN, text, _INNER, lambda match, hidden: _arabic(match[0], hidden))


@remembered(16384)
def _arabic(token: str, hidden: bool) -> str:
    bare = token.strip("0123456789")
    digits = sum(map(str.isdigit, token))
    if not digits or not bare or digits > len(token) - digits + 1:
        return token
    found = [guess for guess in spelt(token, _LETTERS) if inflected_rank(guess) < math.inf]
    number = bare != token and bare.isalpha() and (is_known(bare) or len(bare) < 2)
    if number and not (hidden and _AT_EDGE.search(token)):
        most = min(_SURELY, rank(ARABIC, bare))
        found = [guess for guess in found if "2" not in token and rank(ARABIC, guess) < most]
    return min(found, key=commonness, default=_between_letters(token))


_AT_EDGE = re.compile("^[0157](?![0-9])|(?<![0-9])[01357]1?$")
_INNER = re.compile("(?<=[\u0621-\u064a])[01357](?=[\u0621-\u064a])")


def _between_letters(token: str) -> str:
    """A word no list knows with its inner digits as letters, unless these stand between words (``من3الي5``)."""
    pieces = _INNER.split(token)
    if not all(map(str.isalpha, pieces)) or all(map(is_known, pieces)):
        return token
    return _INNER.sub(lambda match: _LETTERS[match[0]], token)
