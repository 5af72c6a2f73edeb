"""More examples from those there are: Arabizi spellings, switches of language, hidden words. Called by ``__main__.py``.

Every change keeps what is known of the comment, positives and negatives alike, and the result goes through the
product's normaliser once more.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from training.accurate.config import Augment
from training.accurate.examples import Example, with_labels_of
from training.attacks import attack
from training.language_id import spell
from training.rows import normalised
from training.spelling import ARABIC, CONTRAST, INVENTED, SOURCE

SWITCHED = "switched"
ATTACKED = "attacked"
HABITS = (("7", "h"), ("5", "kh"), ("5", "7'"), ("sh", "ch"), ("sh", "4"), ("gh", "8"), ("8", "3'"), ("3", "'"),
          ("2", "'"), ("2", ""), ("w", "ou"), ("y", "i"), ("ee", "i"), ("aa", "a"), ("q", "k"), ("s", "9"))  # fmt: skip
"""How one person's spelling differs from another's; a person keeps to theirs throughout a comment."""
HIDING = (*("masked_letter", "dropped_letter", "swapped_letters", "split_word") * 3,
          *("leet", "doubled_letter", "respelling") * 2, "look_alikes", "spaced_letters", "emoji_inside")  # fmt: skip
"""Attacks that survive the normaliser, as often as they cost the model: the card's table of disguised words."""
HIDDEN_SHARES = (0.2, 0.35, 0.5, 0.5)
TAGS = ("please", "lol", "bro", "anyway", "seriously", "by the way", "يعني", "بجد", "والله", "طيب", "خلاص", "بصراحة")
"""Words that take no side (you know, really, by God, fine, enough, frankly), for the edges of a comment."""


def augmented(examples: Sequence[Example], config: Augment, seed: int) -> list[Example]:
    """The new examples only."""
    dice = random.Random(seed)
    egyptian = [example for example in examples if example.row.language == "arz"]
    arabic = [example for example in examples if example.row.language == "ar"]
    chosen = [*egyptian * config.spellings, *_some(arabic, config.other_arabic, dice)]
    found = _remade(chosen, lambda text: spelled(text, dice), SOURCE, "arabizi")
    halves = _some([*egyptian, *arabic], config.switched, dice)
    found += _remade(halves, lambda text: half_spelled(text, dice), SWITCHED)
    found += _remade(_some(examples, config.switched, dice), lambda text: tagged(text, dice), SWITCHED)
    cases = [example for example in examples if example.row.source in (INVENTED, CONTRAST)]
    hidden = [*_some(examples, config.attacked, dice), *cases * config.attacked_cases]
    return found + _remade(hidden, lambda text: disguised(text, dice), ATTACKED)


def spelled(text: str, dice: random.Random) -> str:
    """Arabic words in Latin letters, by one person's habits."""
    habits = [habit for habit in HABITS if dice.random() < 0.25]

    def write(word: str) -> str:
        latin = spell(word, dice)
        for usual, other in habits:
            latin = latin.replace(usual, other)
        return latin or word

    return ARABIC.sub(lambda found: write(found[0]), text)


def disguised(text: str, dice: random.Random) -> str:
    """Some words hidden in one of the ways that survive the normaliser."""
    return attack(dice.choice(HIDING), text, str(dice.random()), dice.choice(HIDDEN_SHARES))


def half_spelled(text: str, dice: random.Random) -> str:
    """The words before or after some point in Latin letters, the others in Arabic ones."""
    words = text.split()
    if len(words) < 2:
        return text
    cut = dice.randrange(1, len(words))
    parts = [" ".join(words[:cut]), " ".join(words[cut:])]
    place = dice.randrange(2)
    parts[place] = spelled(parts[place], dice)
    return " ".join(parts)


def tagged(text: str, dice: random.Random) -> str:
    """A side-less word of the other script at either edge."""
    arabic = bool(ARABIC.search(text))
    tag = dice.choice([word for word in TAGS if word.isascii() == arabic])
    return f"{tag} {text}" if dice.random() < 0.5 else f"{text} {tag}"


def _some(examples: Sequence[Example], share: float, dice: random.Random) -> list[Example]:
    return [examples[place] for place in sorted(dice.sample(range(len(examples)), int(share * len(examples))))]


def _remade(
    examples: Sequence[Example], change: Callable[[str], str], source: str, language: str = ""
) -> list[Example]:
    changed = [(example, change(example.row.readings[0].text)) for example in examples]
    kept = [(example, text) for example, text in changed if text != example.row.readings[0].text]
    raw = [
        {"text": text, "lang": language or example.row.row_language, "toxic": example.row.toxic, "source": source,
         "weak": example.row.weak}
        for example, text in kept
    ]  # fmt: skip
    made = with_labels_of(normalised(raw, f"normalising {source}"), [example for example, _ in kept])
    if source != ATTACKED:
        return made
    return [replace(new, twin=old.row.readings[0].text) for new, (old, _) in zip(made, kept, strict=True)]
