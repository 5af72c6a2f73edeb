"""The words of ``egyptian.toml`` with the endings and prefixes that Egyptian Arabic puts on them. Called by ``tables``.

Forms are made by rule and need not all exist: they teach the letter model how words are built, and weigh little.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

WORDS = Path(__file__).with_name("egyptian.toml")
PRONOUNS = ("ك", "ه", "ها", "نا", "هم", "كم", "كو")
"""Your, his, her, our, their, your (plural, two spellings)."""

PLAIN, BUILT, RARE = 20, 6, 2
"""How much a word counts as it is listed, with one ending or prefix, and with more."""


def egyptian_forms() -> Counter[str]:
    """Each form with its weight."""
    table = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    makers = {"verbs": _verb, "adjectives": _adjective, "nouns": _noun, "others": _other}
    found: Counter[str] = Counter()
    for kind, make in makers.items():
        for word in dict.fromkeys(table[kind].split()):
            for form, weight in make(word):
                found[form] = max(found[form], weight)
    return found


def _other(word: str) -> Iterator[tuple[str, int]]:
    yield word, PLAIN
    yield "و" + word, RARE


def _noun(word: str) -> Iterator[tuple[str, int]]:
    yield word, PLAIN
    for article in ("ال", "بال", "لل", "وال"):
        yield article + word, BUILT if article == "ال" else RARE
    stem = word[:-1] + "ت" if word.endswith("ه") else word
    yield from ((stem + ending, BUILT) for ending in ("ي", *PRONOUNS))
    yield from ((prefix + word, RARE) for prefix in "وبلف")
    if stem != word:
        yield word[:-1] + "ات", BUILT
    else:
        yield word + "ين", RARE


def _adjective(word: str) -> Iterator[tuple[str, int]]:
    yield word, PLAIN
    yield from ((word + ending, BUILT) for ending in ("ه", "ين"))
    yield from (("ال" + word + ending, RARE) for ending in ("", "ه", "ين"))


def _verb(entry: str) -> Iterator[tuple[str, int]]:
    """Past and present, the second plain, with b- (does) and h- (will); all with m-sh (not) and with objects.

    ``entry``: "he did/I did without ت/he does without ي", or one stem for all three.
    """
    past, i_did, does = (entry.split("/") * 3)[:3] if "/" in entry else (entry,) * 3
    bare = past[:-1] if past[-1] in "يا" and len(past) > 2 else past
    pasts = [past, bare + "ت", i_did + "ت", i_did + "تي", i_did + "تو", i_did + "نا", bare + "و"]
    for form in pasts:
        yield form, PLAIN if form == past else BUILT
        yield from _not_and_objects(form, BUILT)
    yield from _presents(does)


def _presents(does: str) -> Iterator[tuple[str, int]]:
    bare = does[:-1] if does[-1] in "يا" and len(does) > 2 else does
    yield does if does[0] == "ا" else "ا" + does, BUILT
    persons = ["ي" + does, "ت" + does, "ن" + does, "ت" + bare + "ي", "ي" + bare + "و", "ت" + bare + "و"]
    persons += ["ي" + bare + "وا", "ت" + bare + "وا"]
    for tense in ("", "ب", "ه"):
        for form in (*persons, does if tense else "ا" + does):
            yield tense + form, BUILT
            yield from _not_and_objects(tense + form, RARE)


def _not_and_objects(form: str, weight: int) -> Iterator[tuple[str, int]]:
    yield "م" + form + "ش", weight
    yield "ما" + form + "ش", RARE
    stem = form[:-1] if form.endswith("وا") else form
    yield from ((stem + ending, RARE) for ending in ("ني", *PRONOUNS, "لي", "لك", "له"))
    yield from (("م" + stem + ending + "ش", RARE) for ending in ("ني", "ك", "ها", "هو"))
