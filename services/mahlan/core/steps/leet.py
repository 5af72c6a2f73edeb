"""The steps that read digits and signs as letters (``1d10t``, ``gr8``, ``غ3بي``), and leave Arabizi and numbers alone.

2 3 5 6 7 8 9 are letters of Arabizi, so a token is English leet only if reading it so gives an English word, and it
is no number with a unit, no version, no ordinal and no known name (``mp3``). Called by ``core.normalise`` and, so that
``w@y`` is not taken for a handle, by ``steps.masks``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import product

from mahlan.core.draft import Change, edits_of
from mahlan.core.latin import arabizi_odds, is_arabizi_word, is_english_word, is_measure
from mahlan.core.lexicon import ARABIC, ARABIZI, ENGLISH, commonness, inflected_rank, is_known, is_listed, rank
from mahlan.core.remember import remembered
from mahlan.languages import table

_MAYBE_LEET = re.compile(r"[0-9@$!](?!user(?![a-z]))(?:(?=[a-z])|(?<=[a-z][0-9@$]))")
_RUN = re.compile(r"(?<![\w@$!.,:/+\-])[a-z0-9@$!]++")
_MIXED = re.compile(r"[a-z][0-9@$!]|[0-9@$][a-z]")
_GLUED = re.compile(r"[\w@]")
_READINGS = {
    "0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g",
    "@": "a", "$": "s", "!": "i",
}  # fmt: skip
_ARABIZI_READINGS = {"0": "o", "1": "li", "3": "3e", "4": "a4", "@": "a", "$": "s", "!": "i"}
_ARABIC_READINGS = {
    "0": "ه", "1": "ا", "2": "ءا", "3": "ع", "4": "ش", "5": "خ", "6": "ط", "7": "ح", "8": "غق", "9": "صق",
}  # fmt: skip
_SURELY = 3_000
_PLAIN_WORD = re.compile(r"(?<![^\s])[a-z]{2,20}(?![^\s.,!?])")
_MOST_READINGS = 128


def leet(text: str) -> Change:
    """English words written with digits or signs in place of letters, in letters."""
    if not _MAYBE_LEET.search(text):
        return None
    leaning = sum(arabizi_odds(word) for word in _PLAIN_WORD.findall(text))
    return edits_of(_RUN, text, lambda match: _read(match, leaning > 0))


def _read(match: re.Match[str], among_arabizi: bool) -> str:
    """A run of letters, digits and signs, in letters. One that is glued to another script ends before its last sign."""
    run, end = match[0], ""
    if _GLUED.match(match.string, match.end()):
        if run[-1] not in "$!":
            return run
        run, end = run[:-1], run[-1]
    return (_plain(run, among_arabizi) if _MIXED.search(run) else run) + end


@remembered(16384)
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
        return (_arabizi(word) or word) + end
    found = _letters(word, among_arabizi)
    if len(end) == 1 and not found and not is_listed(word):  # h@ter! ends a sentence, 3nt! is enti
        whole = _letters(token, among_arabizi)
        if whole:
            return whole
    return (found or _disguised(word, among_arabizi) or word) + end


def _letters(word: str, among_arabizi: bool) -> str | None:
    """The word in letters; in a text that leans to Arabizi an Arabizi word comes before an English one."""
    if among_arabizi:
        return _arabizi(word) or _english(word)
    return _english(word) or _arabizi(word)


def _arabizi(word: str) -> str | None:
    """An Arabizi word with signs for letters (``7m@r``, ``kh@1@$``): most of the digits are letters already."""
    signs = any(char in "014@$!" for char in word) or ("3" in word[1:] and len(word) > 3)
    if not signs or rank(ARABIZI, word) < math.inf:
        return None
    return _best(word, _ARABIZI_READINGS, ARABIZI, is_arabizi_word)


def _english(word: str) -> str | None:
    letters = sum(char.isalpha() for char in word)
    if letters < 2 and len(word) > 3 and letters < len(word) - letters - 2 and word.isalnum():
        return None
    return _best(word, _READINGS, ENGLISH, is_english_word)


def _best(word: str, readings: Mapping[str, str], kind: str, is_word: Callable[[str], bool]) -> str | None:
    """The commonest word of ``kind`` among the readings of ``word``."""
    plain = sum(map(str.isalpha, word)) > 1 or not word.isalnum()  # else only the surest words: 50n is no son
    found = [guess for guess in _readings(word, readings) if is_word(guess) or (plain and rank(kind, guess) < math.inf)]
    return min(found, key=lambda guess: rank(kind, guess), default=None)


_TWO_SIGNS = re.compile(r"[@$!014].*[@$!014]")
_NOT_LETTERS = re.compile(r"[0-9]{2}|[0-9]\$|\$[0-9]|@user(?![a-z])")
"""Numbers, money, a handle that is masked already."""
_SIGNS = str.maketrans("@$!014", "asiola")


def _disguised(word: str, among_arabizi: bool) -> str | None:
    """A word no list knows, with ``@`` or ``$`` and another sign or digit for letters (``f@c3d``, ``ghab@w$``)."""
    signs = "@" in word or "$" in word
    wanted = _TWO_SIGNS.search(word) or (not among_arabizi and "3" in word[1:])
    if not signs or not wanted or _NOT_LETTERS.search(word) or sum(map(str.isalpha, word)) < 2:
        return None
    plain = word.translate(_SIGNS)
    return plain if among_arabizi else plain.replace("3", "e")


def readings(word: str, *, among_arabizi: bool) -> Iterator[str]:
    """The words that the digits and signs of ``word`` may spell, most of them none."""
    return _readings(word, _ARABIZI_READINGS if among_arabizi else _READINGS)


def _readings(word: str, readings: Mapping[str, str]) -> Iterator[str]:
    choices = [readings.get(char, char) for char in word]
    if math.prod(map(len, choices)) <= _MOST_READINGS:
        yield from map("".join, product(*choices))


_SIGNED = re.compile(r"(?<![\w@$!.,:/+\-])[a-z0-9@$!]{3,24}(?![\w@])", re.IGNORECASE)


def signed_words(text: str) -> list[tuple[int, int]]:
    """Where ``@`` is a letter of a word (``w@y``, ``$@y``, ``@gr33``) and not the start of a handle (``@way``)."""
    if "@" not in text:
        return []
    return [match.span() for match in _SIGNED.finditer(text) if _is_signed(match[0].lower())]


@remembered(4096)
def _is_signed(token: str) -> bool:
    """Whether a token with ``@`` reads as a word. With no other sign an ``@`` at its start is that of a handle."""
    if "@" not in token[1:] and (token[0] != "@" or not any(char in "0134$!" for char in token)):
        return False
    return bool(_letters(token.rstrip("!"), False))


_MAYBE_ARABIC = re.compile("[0-9](?:(?<=[\u0621-\u064a][0-9])|(?=[\u0621-\u064a]))")
_ARABIC_TOKEN = re.compile("(?<![\\w@.,:/+-])[\u0621-\u064a0-9]{3,24}(?![\\w@]|[.,:/-][0-9])")


def arabic_leet(text: str) -> Change:
    """Arabic words with digits in place of letters (``ل3بة``), as Arabizi has taught everybody to read them.

    Numbers beside a word stay (``عام2011``, "year 2011"): a digit at either end is a letter only if what is left
    without it is no word, or a rarer one than a very common word it then makes.
    """
    if text.isascii() or not _MAYBE_ARABIC.search(text):
        return None
    return edits_of(_ARABIC_TOKEN, text, lambda match: _arabic(match[0]))


@remembered(16384)
def _arabic(token: str) -> str:
    bare = token.strip("0123456789")
    digits = sum(map(str.isdigit, token))
    if not digits or not bare or digits > len(token) - digits + 1:
        return token
    found = [guess for guess in _readings(token, _ARABIC_READINGS) if inflected_rank(guess) < math.inf]
    if bare != token and bare.isalpha() and (is_known(bare) or len(bare) < 2):
        most = min(_SURELY, rank(ARABIC, bare))
        found = [guess for guess in found if "2" not in token and rank(ARABIC, guess) < most]
    return min(found, key=commonness, default=_between_letters(token))


_INNER = re.compile("(?<=[\u0621-\u064a])[01357](?=[\u0621-\u064a])")


def _between_letters(token: str) -> str:
    """A word no list knows with its inner digits as letters, unless these stand between words (``من3الي5``)."""
    pieces = _INNER.split(token)
    if not all(map(str.isalpha, pieces)) or all(map(is_known, pieces)):
        return token
    return _INNER.sub(lambda match: _ARABIC_READINGS[match[0]], token)
