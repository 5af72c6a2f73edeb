"""How people disguise a word so that a filter does not see it: pure, seeded. Called by ``evasions`` and trainers.

Each attack is ``word, dice -> word``; a word it has no hold on comes back as it was (Latin letters have no tatweel).
``attack`` disguises some of a text's words, since people hide the words that matter and leave the rest.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping

from training.language_id import spell

Attack = Callable[[str, random.Random], str]

WORD = re.compile(r"[^\W_]{3,}")
ARABIC = re.compile("[\u0620-\u064a]+")
LATIN = re.compile("[a-zA-Z0-9']+")
TATWEEL = "\u0640"
JOINING = frozenset("بتثجحخسشصضطظعغفقكلمنهيئ")
"""Letters that join the next one: only after these can the stroke (tatweel) be drawn longer."""
HARAKAT = "\u064e\u064f\u0650\u0652\u0651"
ZERO_WIDTH = "\u200b\u200c\u200d\u2060"
EMOJI = ("😂", "🔥", "💀", "🙂", "👀", "❤️")

LEET = {
    "a": "@", "e": "3", "i": "1!", "o": "0", "s": "$", "l": "1",
    "ع": "3", "ح": "7", "خ": "5", "ا": "1", "ه": "0",
}  # fmt: skip
"""Digits and signs for letters. In Arabic letters: the digits Arabizi has taught everybody to read, and 1 and 0 by
shape. No 7 for t or 5 for s: Arabizi reads them as other letters (of those it has a use for, only 3 stays)."""

LOOK_ALIKES = {
    "a": "аα", "c": "с", "e": "е", "i": "іι", "k": "к", "m": "м", "n": "ո", "o": "оο", "p": "р", "s": "ѕ", "t": "т",
    "u": "υ", "x": "х", "y": "у", "h": "һ", "w": "ԝ", "d": "ԁ",
    "ك": "ک", "ي": "ی", "ه": "ہھ", "ة": "ۃ", "و": "ۆ", "ى": "ې", "ا": "ٱ",
}  # fmt: skip
"""Cyrillic, Greek and Armenian for Latin letters; Persian, Urdu and Kurdish letters for Arabic ones."""

RESPELT = (
    ("kh", "5"), ("5", "kh"), ("gh", "8"), ("8", "gh"), ("sh", "4"), ("sh", "ch"), ("7", "h"), ("3", "a"), ("3", "'"),
    ("2", ""), ("2", "q"), ("ee", "i"), ("oo", "o"), ("oo", "ou"), ("ei", "e"), ("y", "i"), ("e", "i"), ("a", ""),
    ("e", ""), ("aa", "a"),
)  # fmt: skip
"""What one writer of Arabizi types where another types something else."""


def spaced_letters(word: str, _: random.Random) -> str:
    """Letters apart: i d i o t."""
    return " ".join(word)


def dotted_letters(word: str, _: random.Random) -> str:
    """Dots between the letters: i.d.i.o.t."""
    return ".".join(word)


def leet(word: str, dice: random.Random) -> str:
    """1d10t: every letter that has one becomes a digit or a sign."""
    return "".join(dice.choice(LEET.get(letter.lower(), letter)) for letter in word)


def look_alikes(word: str, dice: random.Random) -> str:
    """Letters of another script that look the same."""
    return "".join(dice.choice(LOOK_ALIKES.get(letter, letter)) for letter in word)


def tatweel(word: str, dice: random.Random) -> str:
    """غـــبي: strokes drawn longer."""
    return "".join(
        letter + TATWEEL * dice.randint(1, 3) if letter in JOINING and at < len(word) - 1 else letter
        for at, letter in enumerate(word)
    )


def harakat(word: str, dice: random.Random) -> str:
    """غَبِيّ: vowel marks after Arabic letters."""
    return "".join(letter + dice.choice(HARAKAT) if ARABIC.fullmatch(letter) else letter for letter in word)


def zero_width(word: str, dice: random.Random) -> str:
    """Characters without width between the letters."""
    return "".join(letter + dice.choice(ZERO_WIDTH) for letter in word[:-1]) + word[-1:]


def elongation(word: str, dice: random.Random) -> str:
    """idiooooot: one letter after the first held long."""
    at = dice.randrange(1, len(word))
    return word[:at] + word[at] * dice.randint(3, 7) + word[at + 1 :]


def emoji_inside(word: str, dice: random.Random) -> str:
    """An emoji in the middle: id🔥iot."""
    at = dice.randrange(1, len(word))
    return word[:at] + dice.choice(EMOJI) + word[at:]


def masked_letter(word: str, dice: random.Random) -> str:
    """A star for an inner or last letter: id*ot."""
    at = dice.randrange(1, len(word))
    return word[:at] + "*" + word[at + 1 :]


def swapped_letters(word: str, dice: random.Random) -> str:
    """idoit: two neighbours change places, the first letter stays."""
    at = dice.randrange(1, len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def dropped_letter(word: str, dice: random.Random) -> str:
    """idot: an inner letter is left out."""
    at = dice.randrange(1, len(word) - 1)
    return word[:at] + word[at + 1 :]


def doubled_letter(word: str, dice: random.Random) -> str:
    """idiiot: an inner letter is typed twice."""
    at = dice.randrange(1, len(word) - 1)
    return word[:at] + word[at] + word[at:]


def split_word(word: str, dice: random.Random) -> str:
    """One space too many: id iot."""
    at = dice.randrange(1, len(word))
    return word[:at] + " " + word[at:]


def respelling(word: str, dice: random.Random) -> str:
    """Arabic letters typed as Arabizi; Arabizi typed as somebody else would. English has neither."""
    if ARABIC.fullmatch(word):
        return spell(word, dice)
    fitting = [pair for pair in RESPELT if pair[0] in word[1:]]
    for old, new in dice.sample(fitting, min(2, len(fitting))):
        word = word[0] + word[1:].replace(old, new, 1)
    return word


ATTACKS: Mapping[str, Attack] = {
    attack.__name__: attack
    for attack in (
        spaced_letters, dotted_letters, leet, look_alikes, tatweel, harakat, zero_width, elongation, emoji_inside,
        masked_letter, swapped_letters, dropped_letter, doubled_letter, split_word, respelling,
    )
}  # fmt: skip

NOT_IN = {
    "tatweel": frozenset({"arz-Latn", "en"}),
    "harakat": frozenset({"arz-Latn", "en"}),
    "respelling": frozenset({"ar", "en"}),
}
"""Languages an attack has no meaning in."""


def attack(name: str, text: str, seed: str, share: float = 0.5) -> str:
    """``text`` with ``share`` of its words of three letters or more (one at least) disguised; the same for a seed."""
    dice = random.Random(f"{seed} {name}")
    words = list(WORD.finditer(text))
    if not words:
        return text
    chosen = dice.sample(words, max(1, round(share * len(words))))
    for found in sorted(chosen, key=lambda word: -word.start()):
        text = text[: found.start()] + ATTACKS[name](found[0], dice) + text[found.end() :]
    return text
