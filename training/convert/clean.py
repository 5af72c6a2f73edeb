"""A comment's text without personal data, its folded form and its language. Called by ``engine.py``; pure."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata

from training.convert.sources import Split

REPLACED = (
    (re.compile(r"<LF>"), "\n"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "EMAIL"),
    (re.compile(r"(?:https?://|www\.|\b(?:t\.co|pic\.twitter\.com)/)\S+", re.IGNORECASE), "URL"),
    (re.compile(r"[<\[](?:USER|user)[>\]]"), "@USER"),
    (re.compile(r"[<\[](?:URL|url)[>\]]"), "URL"),
    (re.compile(r"@(?!USER\b)\w+"), "@USER"),
    (re.compile(r"\+?(?<!\d)\d(?:[ .\-]?\d){8,}"), "NUM"),
    (re.compile(r"[^\S\n]+"), " "),
    (re.compile(r" ?\n\s*"), "\n"),
)
"""In this order: an address holds what would be taken for a handle. Nine digits are a telephone, not a year."""

ALIKE = str.maketrans("أإآٱىةؤئ", "اااايهوي")
PLACEHOLDER = re.compile(r"@USER|\bURL\b|\bEMAIL\b|\bNUM\b|^RT\b")
REPEAT = re.compile(r"(.)\1+")


def cleaned(text: str) -> str:
    """``text`` with handles, links, addresses and long numbers as @USER, URL, EMAIL, NUM, and without HTML escapes."""
    text = html.unescape(text)
    for pattern, with_what in REPLACED:
        text = pattern.sub(with_what, text)
    return text.strip()


def folded(text: str) -> str:
    """Letters and digits only; case, diacritics, alef, ya and ta forms and repeats folded."""
    plain = unicodedata.normalize("NFKD", PLACEHOLDER.sub("", text).translate(ALIKE)).casefold()
    return REPEAT.sub(r"\1", "".join(letter for letter in plain.replace("ـ", "") if letter.isalnum()))


def split_by_hash(text: str, parts: tuple[tuple[Split, int], ...]) -> Split:
    """Where ``text`` belongs, by the SHA-1 of its folded form in tenths: the same text is never in two parts."""
    tenth = int(hashlib.sha1(folded(text).encode(), usedforsecurity=False).hexdigest(), 16) % 10
    for split, upto in parts:
        if tenth < upto:
            return split
    return parts[-1][0]


def language_of(text: str, language: str) -> str:
    """``language`` of the source, or ``arabizi`` or ``mixed`` where an Arabic source's row is in Latin letters.

    For tables only: what is trained on and served is the normaliser's own tag.
    """
    if language == "en":
        return language
    plain = PLACEHOLDER.sub("", text)
    arabic = sum("\u0600" <= letter <= "\u06ff" for letter in plain)
    latin = sum(letter.isascii() and letter.isalpha() for letter in plain)
    if not latin or arabic >= 4 * latin:
        return language
    return "arabizi" if latin >= 4 * arabic else "mixed"
