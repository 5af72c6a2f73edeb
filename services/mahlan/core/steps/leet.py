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
from mahlan.core.lexicon import ARABIZI, ENGLISH, is_listed, rank
from mahlan.core.remember import remembered
from mahlan.languages import table

_MAYBE_LEET = re.compile(r"[0-9@$!](?!user(?![a-z]))(?:(?=[a-z])|(?<=[a-z][0-9@$]))")
_RUN = re.compile(r"(?<![\w@$!.,:/+\-])[a-z0-9@$!]++")
_MIXED = re.compile(r"[a-z][0-9@$!]|[0-9@$][a-z]")
_HIDING = re.compile(r"(?<=[a-z0-9])[0135@$](?=[a-z0-9])")
"""In a word that is read as another: somebody hides words."""
_GLUED = re.compile(r"[\w@]")
_READINGS = {
    "0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g",
    "@": "a", "$": "s", "!": "i",
}  # fmt: skip
_ARABIZI_READINGS = {"0": "o", "1": "li", "3": "3e", "4": "a4", "@": "a", "$": "s", "!": "i"}
_VERY_COMMON = 150
_PLAIN_WORD = re.compile(r"(?<![^\s])[a-z]{2,20}(?![^\s.,!?])")
_MOST_READINGS = 128


def leet(text: str) -> Change:
    """English and Arabizi words written with digits or signs in place of letters, in letters.

    Where one is read so that surely hides (a sign between letters), a shorter or unknown word of the text does, too.
    """
    if not _MAYBE_LEET.search(text):
        return None
    leaning = sum(arabizi_odds(word) for word in _PLAIN_WORD.findall(text)) > 0
    return edits_among_hidden(_RUN, text, _HIDING, lambda match, hidden: _read(match, leaning, hidden))


def edits_among_hidden(
    pattern: re.Pattern[str], text: str, hiding: re.Pattern[str], read: Callable[[re.Match[str], bool], str]
) -> Change:
    """What ``read`` makes of each match; once more, told so, where ``hiding`` is in one that it changes."""
    found = edits_of(pattern, text, lambda match: read(match, False))
    if not found or not any(hiding.search(text, start, end) for start, end, _ in found):
        return found
    return edits_of(pattern, text, lambda match: read(match, True))


def _read(match: re.Match[str], among_arabizi: bool, hidden: bool) -> str:
    """A run of letters, digits and signs, in letters. One that is glued to another script ends before its last sign."""
    run, end = match[0], ""
    if _GLUED.match(match.string, match.end()):
        if run[-1] not in "$!":
            return run
        run, end = run[:-1], run[-1]
    mixed = _MIXED.search(run) or (hidden and "@" in run)
    return (_plain(run, among_arabizi, hidden) if mixed else run) + end


@remembered(16384)
def _plain(token: str, among_arabizi: bool, hidden: bool) -> str:
    tail = len(token) - len(token.rstrip("!"))
    word, end = (token[:-tail], token[-tail:]) if tail else (token, "")
    short: dict[str, str] = table("en")["leet"]
    if word in short:
        return short[word] + end
    if is_measure(word) or (is_arabizi_word(word) and (among_arabizi or not hidden)):
        return token
    only_arabizi_digits = not any(char in "014@$!" for char in word)
    if only_arabizi_digits and (among_arabizi or (len(word) < 4 and not hidden)):
        return (_arabizi(word, hidden) or word) + end
    found = _letters(word, among_arabizi, hidden)
    if len(end) == 1 and not found and not is_listed(word):  # h@ter! ends a sentence, 3nt! is enti
        whole = _letters(token, among_arabizi)
        if whole:
            return whole
    spelled = _spelled_out(word, hidden) if among_arabizi and not found else None
    return (found or spelled or _disguised(word, among_arabizi) or word) + end


def _letters(word: str, among_arabizi: bool, hidden: bool = False) -> str | None:
    """The word in letters; in a text that leans to Arabizi an Arabizi word comes before an English one."""
    if among_arabizi:
        return _arabizi(word, hidden) or _english(word)
    return _english(word) or _arabizi(word)


def _arabizi(word: str, hidden: bool = False) -> str | None:
    """An Arabizi word with signs for letters (``7m@r``, ``kh@1@$``): most of the digits are letters already."""
    signs = any(char in "014@$!" for char in word) or ("3" in word[1:] and (len(word) > 3 or hidden))
    if not signs or rank(ARABIZI, word) < math.inf:
        return None
    return _best(word, _ARABIZI_READINGS, ARABIZI, is_arabizi_word, hidden)


def _english(word: str) -> str | None:
    letters = sum(char.isalpha() for char in word)
    if letters < 2 and len(word) > 3 and letters < len(word) - letters - 2 and word.isalnum():
        return None
    return _best(word, _READINGS, ENGLISH, is_english_word)


def _best(
    word: str, letters: Mapping[str, str], kind: str, is_word: Callable[[str], bool], hidden: bool = False
) -> str | None:
    """The commonest word of ``kind`` among the readings of ``word``."""
    plain = hidden or sum(map(str.isalpha, word)) > 1 or not word.isalnum()  # else only the surest: 50n is no son
    found = [guess for guess in spelt(word, letters) if is_word(guess) or (plain and rank(kind, guess) < math.inf)]
    return min(found, key=lambda guess: rank(kind, guess), default=None)


_TWO_SIGNS = re.compile(r"[@$!014].*[@$!014]")
_NOT_LETTERS = re.compile(r"[0-9]{2}|[0-9]\$|\$[0-9]|@user(?![a-z])")
"""Numbers, money, a handle that is masked already."""
_SIGNS = str.maketrans("@$!014", "asiola")


_SIGN_INSIDE = re.compile(r"(?<=[a-z0-9@$])[@$](?=[a-z0-9@$])|[@$][0-9]*+[a-z]++[0-9]*+[@$]")
_NO_ARABIZI = re.compile("[@$01]")
_MONEY = re.compile(r"(?<![a-z0-9@])(?:[0-9]++\$(?![a-z])|\$[0-9])|@user(?![a-z])")
_LETTER_OF_SIGN = str.maketrans("@$!0", "asio")
_E = re.compile(r"(?<![aeiou3])(?<!^)3(?![aeiou])|(?<=3)3")
_I = re.compile(r"(?<![aeiou1])1(?![aeiou1])")


def _spelled_out(word: str, hidden: bool) -> str | None:
    """An Arabizi word no list knows with its signs as letters: 3 is ع beside a vowel, else e; 1 is l there, else i."""
    signs = _SIGN_INSIDE.search(word) or (hidden and len(word) > 2 and _NO_ARABIZI.search(word))
    if not signs or _MONEY.search(word):
        return None
    return _I.sub("i", _E.sub("e", word.translate(_LETTER_OF_SIGN))).replace("1", "l")


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
    return spelt(word, _ARABIZI_READINGS if among_arabizi else _READINGS)


def spelt(word: str, letters: Mapping[str, str]) -> Iterator[str]:
    """``word`` with every sign as each of the ``letters`` it may be; nothing where these are too many words."""
    choices = [letters.get(char, char) for char in word]
    if math.prod(map(len, choices)) <= _MOST_READINGS:
        yield from map("".join, product(*choices))


_SIGNED = re.compile(r"(?<![\w@$!.,:/+\-])[a-z0-9@$!]{3,24}(?![\w@])", re.IGNORECASE)


def signed_words(text: str) -> list[tuple[int, int]]:
    """Where ``@`` is a letter of a word (``w@y``, ``$@y``, ``@gr33``) and not the start of a handle (``@way``)."""
    if "@" not in text:
        return []
    words = {match.span(): match[0].lower() for match in _SIGNED.finditer(text)}
    hidden = any(map(_hides, words.values()))
    return [span for span, word in words.items() if _is_signed(word) or (hidden and _is_common(word))]


@remembered(4096)
def _is_signed(token: str) -> bool:
    """Whether a token with ``@`` reads as a word. With no other sign an ``@`` at its start is that of a handle."""
    if "@" not in token[1:] and (token[0] != "@" or not any(char in "0134$!" for char in token)):
        return False
    return bool(_letters(token.rstrip("!"), False))


@remembered(4096)
def _hides(token: str) -> bool:
    """Whether a token is a word with a sign or digit for an inner letter."""
    return bool(_HIDING.search(token) and _letters(token.rstrip("!"), False))


def _is_common(token: str) -> bool:
    """Whether a token is a very common word but for the ``@`` it begins with (``@nd``)."""
    return token[0] == "@" and rank(ENGLISH, "a" + token[1:]) < _VERY_COMMON
