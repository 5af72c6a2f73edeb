"""Hashtags, mentions and links of a comment, and the patterns that find them and personal data.

Called by ``core.normalise`` (what a comment holds), ``core.steps.masks`` (what is masked) and, for ``fold_hashtag``,
by campaigns. Every pattern is bounded or anchored at a border, so a search is linear in the text.
"""

from __future__ import annotations

import calendar
import re
import unicodedata

from mahlan.core.steps.letters import ARABIC_FOLD

_TLD = (
    "com|net|org|edu|gov|info|io|co|me|tv|ly|be|gl|gg|app|dev|news|online|site|xyz|link|live|blog|shop|store|club|"
    "eg|sa|ae|ma|dz|tn|jo|lb|kw|qa|uk|us|fr|de|ru"
)
_HOST = rf"(?:[a-z0-9-]{{1,63}}\.){{1,6}}(?:{_TLD})"
URL = re.compile(
    rf"(?<![\w@.-])(?:https?://[^\s<>\"]++|www\.[^\s<>\"]++|{_HOST}(?![\w@-])(?:[/?:][^\s<>\"]*+)?)", re.IGNORECASE
)
MAYBE_URL = re.compile(rf"[.:](?:(?<=:)//|(?<=www\.)|(?:{_TLD})(?![\w@-]))", re.IGNORECASE)
MAYBE_EMAIL = re.compile(r"@(?<=[\w.+-]@)[\w-]+\.")
EMAIL = re.compile(r"(?<![\w.+-])[a-z0-9_.+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24}(?![\w@])", re.IGNORECASE)
MENTION = re.compile(r"@(?<![\w@]@)\w++(?:\.\w++)*+")
HASHTAG = re.compile(r"#(?<![\w#]#)#*+(\w++)")

# The governorate codes of the Egyptian national id (digits 8 and 9); 88 is "born abroad".
_GOVERNORATES = frozenset({1, 2, 3, 4, *range(11, 20), *range(21, 30), 31, 32, 33, 34, 35, 88})


def is_national_id(digits: str) -> bool:
    """Whether 14 digits (of any script) are an Egyptian national id: century, birth date and governorate agree."""
    plain = "".join(str(unicodedata.digit(digit)) for digit in digits)
    year = {"2": 1900, "3": 2000}.get(plain[0], 0) + int(plain[1:3])
    month, day = int(plain[3:5]), int(plain[5:7])
    if year < 1900 or not 1 <= month <= 12 or int(plain[7:9]) not in _GOVERNORATES:
        return False
    return 1 <= day <= calendar.monthrange(year, month)[1]


def is_hashtag(word: str) -> bool:
    """A tag needs a letter: ``#1`` is a rank, not a hashtag."""
    return any(letter.isalpha() for letter in word)


def find_hashtags(text: str) -> tuple[str, ...]:
    """The folded hashtags of a text, each once, in order."""
    if "#" not in text:
        return ()
    return tuple(dict.fromkeys(fold_hashtag(tag) for tag in HASHTAG.findall(text) if is_hashtag(tag)))


def find_mentions(text: str) -> tuple[str, ...]:
    """The handles a text mentions, without ``@``, each once, in order."""
    if "@" not in text:
        return ()
    return tuple(dict.fromkeys(match[0][1:] for match in MENTION.finditer(text)))


def find_urls(text: str) -> tuple[str, ...]:
    """The links of a text as written, each once, in order."""
    if not MAYBE_URL.search(text):
        return ()
    return tuple(dict.fromkeys(match[0] for match in URL.finditer(text)))


def fold_hashtag(tag: str) -> str:
    """A hashtag in the form in which its spellings meet.

    ``#فكر_قبل_ما_تنشر`` = ``فكّر قبل ما تنشر`` = ``فكرقبلماتنشر`` ("think before you post"); ``#PracticeThePause`` =
    ``practice_the_pause``: no ``#``, underscores, spaces, vowel marks, tatweel or case; alef, ya, ta marbuta folded.
    """
    plain = unicodedata.normalize("NFKC", tag)
    kept = "".join(ARABIC_FOLD.get(char, char) for char in plain if char.isalnum())
    return kept.replace("\u0130", "i").lower().replace("\u0640", "")
