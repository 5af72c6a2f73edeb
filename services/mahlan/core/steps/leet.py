"""The step that reads digits and signs as English letters (``1d10t``, ``gr8``), and leaves Arabizi and numbers alone.

2 3 5 6 7 8 9 are letters of Arabizi, so a token is English leet only if reading it so gives an English word, and it
is no number with a unit, no version, no ordinal and no known name (``mp3``). Called by ``core.normalise``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product

from mahlan.core.draft import Change, edits_of
from mahlan.core.latin import arabizi_odds, is_arabizi_word, is_english_word, is_measure
from mahlan.languages import table

_MAYBE_LEET = re.compile(r"[0-9@$!](?!user(?![a-z]))(?:(?=[a-z])|(?<=[a-z][0-9@$]))")
_TOKEN = re.compile(r"(?<![\w@$!.,:/+\-])[a-z0-9@$!]*(?:[a-z][0-9@$!]|[0-9@$][a-z])[a-z0-9@$!]*(?![\w@])")
_READINGS = {
    "0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g",
    "@": "a", "$": "s", "!": "i",
}  # fmt: skip
_PLAIN_WORD = re.compile(r"(?<![^\s])[a-z]{2,20}(?![^\s.,!?])")
_MOST_READINGS = 16


def leet(text: str) -> Change:
    """English words written with digits or signs in place of letters, in letters."""
    if not _MAYBE_LEET.search(text):
        return None
    leaning = sum(arabizi_odds(word) for word in _PLAIN_WORD.findall(text))
    return edits_of(_TOKEN, text, lambda match: _plain(match[0], leaning > 0))


@lru_cache(maxsize=16384)
def _plain(token: str, among_arabizi: bool) -> str:
    tail = len(token) - len(token.rstrip("!"))
    word, end = (token[:-tail], token[-tail:]) if tail else (token, "")
    short: dict[str, str] = table("en")["leet"]
    if word in short:
        return short[word] + end
    if is_measure(word) or is_arabizi_word(word):
        return token
    only_arabizi_digits = not any(char in "014@$!" for char in word)
    if only_arabizi_digits and (among_arabizi or len(word) < 4):
        return token
    return (_english(word) or _arabizi(word) or word) + end


def _arabizi(word: str) -> str | None:
    """An Arabizi word with signs for letters (``7m@r``): the digits are letters already."""
    letters = word.replace("@", "a").replace("$", "s")
    return letters if letters != word and is_arabizi_word(letters) else None


def _english(word: str) -> str | None:
    letters = sum(char.isalpha() for char in word)
    if letters < 2 and len(word) > 3 and letters < len(word) - letters - 2:
        return None
    choices = [_READINGS.get(char, char) for char in word]
    for count, reading in enumerate(product(*choices)):
        if count >= _MOST_READINGS:
            return None
        candidate = "".join(reading)
        if is_english_word(candidate):
            return candidate
    return None
