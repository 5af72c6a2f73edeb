"""Ways people hide a word from a filter, as functions of the word. Called by ``augment.py`` and by evaluation.

The normaliser undoes most of them; what is left over, the model must bear. Each takes the word and a seeded dice.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

Attack = Callable[[str, random.Random], str]

LEET = str.maketrans({"a": "@", "e": "3", "i": "1", "o": "0", "s": "$", "t": "7"})
LOOK_ALIKES = str.maketrans(
    {"a": "а", "e": "е", "o": "о", "c": "с", "p": "р", "x": "х", "ي": "ی", "ك": "ک", "ه": "ہ", "و": "ۆ"}
)
"""Cyrillic for Latin letters; Persian, Urdu and Kurdish ones for Arabic letters."""
MARKS = ("\u064b", "\u064e", "\u064f", "\u0650", "\u0651", "\u0652")
EMOJI = ("😂", "🔥", "❤️", "🙃")
WORD = re.compile(r"[^\W\d_]{4,}")
"""What is worth hiding: words of four letters and more."""


def _between(marks: tuple[str, ...]) -> Attack:
    def attack(word: str, dice: random.Random) -> str:
        return dice.choice(marks).join(word)

    return attack


def _at(change: Callable[[str, int, random.Random], str]) -> Attack:
    def attack(word: str, dice: random.Random) -> str:
        return change(word, dice.randrange(1, len(word) - 1), dice)

    return attack


ATTACKS: dict[str, Attack] = {
    "spaced": _between((" ",)),
    "dotted": _between((".", "-", "_", "*")),
    "invisible": _between(("\u200b", "\u200c", "\u2060")),
    "tatweel": _between(("\u0640",)),
    "emoji": _at(lambda word, at, dice: word[:at] + dice.choice(EMOJI) + word[at:]),
    "marks": lambda word, dice: "".join(letter + dice.choice(MARKS) for letter in word),
    "stretched": _at(lambda word, at, dice: word[:at] + word[at] * dice.randint(3, 6) + word[at + 1 :]),
    "leet": lambda word, _: word.translate(LEET),
    "look_alikes": lambda word, _: word.translate(LOOK_ALIKES),
    "masked": _at(lambda word, at, _: word[:at] + "*" + word[at + 1 :]),
    "dropped": _at(lambda word, at, _: word[:at] + word[at + 1 :]),
    "doubled": _at(lambda word, at, _: word[:at] + word[at] + word[at:]),
    "swapped": _at(lambda word, at, _: word[:at] + word[at + 1] + word[at] + word[at + 2 :]),
    "split": _at(lambda word, at, _: word[:at] + " " + word[at:]),
}
ARABIC_ONLY = frozenset({"tatweel", "marks"})


def attacked(text: str, name: str, dice: random.Random, most: int = 2) -> str:
    """``text`` with up to ``most`` of its longer words hidden by the attack ``name``; unchanged where it has none."""
    words = [found for found in WORD.finditer(text) if name not in ARABIC_ONLY or not found[0].isascii()]
    chosen = sorted(dice.sample(words, min(most, len(words))), key=lambda found: -found.start())
    for found in chosen:
        text = text[: found.start()] + ATTACKS[name](found[0], dice) + text[found.end() :]
    return text
