"""Comments composed for contrast: the same words under sentences that mean them and sentences that do not.

For training only. Called by ``training.accurate.examples``; ``python -m training.contrast_cases`` prints some to read.
They come in pairs, a harmless and a hurtful one, so that no word of a statement, no group and no person tells alone.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from training.contrast_grammar import CHOICE, CLAUSE, GROUP, QUOTE, SLOT, THAT, Frame, Grammar, Said, read_grammar
from training.invented import CASES, LANGUAGES, Case

T = TypeVar("T")
CONTRAST = CASES / "contrast"
FRAMED = {"group_contempt": 8, "group_praise": 3, "person_contempt": 4, "person_praise": 2}
BARE = {"worth": 4, "rough": 2}
BARE_PAIRS = {"worth": ("contrast_fine", "contrast_degraded"), "rough": ("contrast_things", "contrast_crowds")}
"""How often each sort of pair is drawn; the pairs of ``BARE`` have no frame."""
DRESSED = 0.2
"""Share of comments that get an opening word, that get a closing one, and that each swap of spelling is made in."""
COLON_QUOTED = 0.6
QUOTES = (('"', '"'), ("“", "”"), ("«", "»"), ("'", "'"), ('"', '"'), ("", ""))
"""As people type them, or leave them out: a quotation must not be what tells a denied statement."""
PRAISE = "_praise"
"""Behind a frame's capability: the frame around something good."""
FINE = {"insult": 0, "identity_attack": 0, "threat": 0, "harassment": 0}
HURTS: Mapping[str, Mapping[str, int]] = {
    "group": {"identity_attack": 1},
    "contrast_degraded": {"identity_attack": 1},
    "person": {"harassment": 1, "identity_attack": 0},
    "contrast_crowds": {"insult": 1, "identity_attack": 0},
}
TRIES = 40
"""Pairs drawn for one wanted before a grammar counts as too small."""


@dataclass(frozen=True, slots=True)
class Worded:
    """A comment before it has a number: ``about`` finds its labels."""

    text: str
    capability: str
    phrasing: str
    toxic: int
    about: str


class Deck(Generic[T]):
    """Draws by lot, and nothing again before all others were drawn."""

    def __init__(self, cards: Sequence[T], dice: random.Random) -> None:
        self._cards, self._dice, self._left = list(cards), dice, list[T]()

    def draw(self) -> T:
        """The next one."""
        if not self._left:
            self._left = self._dice.sample(self._cards, len(self._cards))
        return self._left.pop()


class Composer:
    """Pairs of what ``said`` says in frames of ``framed``: the same grammar, or two for a mixed comment."""

    def __init__(self, said: Grammar, framed: Grammar, dice: random.Random) -> None:
        self._said, self._framed, self._dice = said, framed, dice
        self._decks: dict[str, Deck[Said]] = {}
        self._frames: dict[str, Deck[Frame]] = {}
        self._names: dict[str, Deck[str]] = {name: Deck(words, dice) for name, words in said.slots.items()}
        self._groups = {kind: Deck(groups, dice) for kind, groups in said.groups.items()}
        self._drawn: dict[str, Counter[str]] = {}

    def pair(self, sort: str) -> list[Worded]:
        """A harmless and a hurtful comment of a sort of pair."""
        if sort in BARE_PAIRS:
            return [self._bare(capability, toxic) for toxic, capability in enumerate(BARE_PAIRS[sort])]
        about, what = sort.split("_")
        names = (f"{about}_praise",) if what == "praise" else (f"{about}_clauses", f"{about}_sayings")
        said = self._draw_said(sort, [one for name in names for one in self._said.said[name]])
        group, sex = self._draw_group(said, sort), self._dice.randrange(2)
        return [
            self._framed_text(said, group, sex, self._draw_frame(sort, toxic, said.clause), toxic) for toxic in (0, 1)
        ]

    def _bare(self, capability: str, toxic: int) -> Worded:
        said = self._draw_said(capability, self._said.plain[capability])
        group = self._draw_group(said, capability)
        text = self._respelled(self._spoken(said.text, group, int(group["sex"]), that=False))
        return Worded(self._dressed(text), capability, said.name, toxic, capability)

    def _framed_text(self, said: Said, group: Mapping[str, str], sex: int, frame: Frame, toxic: int) -> Worded:
        meant = int(group["sex"]) if frame.about == "group" else sex
        text = self._spoken(said.text, group, meant, that=CLAUSE in frame.text)
        sentence = self._quoted(_sexed(frame.text, sex))
        if self._said is self._framed:
            whole = self._respelled(self._joined(sentence.replace(CLAUSE, text).replace(QUOTE, text)))
        else:
            whole = sentence.replace(CLAUSE, QUOTE).replace(QUOTE, self._respelled(text))
        capability = frame.capability + (PRAISE if said.praise else "")
        return Worded(self._dressed(whole), capability, frame.name, toxic, frame.about)

    def _spoken(self, text: str, group: Mapping[str, str], sex: int, that: bool) -> str:
        def word(name: str) -> str:
            if name in self._names:
                return self._names[name].draw()
            return group[THAT] if that and name == GROUP else group[name]

        return SLOT.sub(lambda found: word(found[1]), _sexed(text, sex))

    def _draw_group(self, said: Said, deck: str) -> Mapping[str, str]:
        """A group of the kind that ``deck`` has had least of, so that kinds come up as often as each other."""
        drawn = self._drawn.setdefault(deck, Counter())
        kind = min(said.kinds, key=lambda one: (drawn[one], self._dice.random()))
        drawn[kind] += "{" in said.text
        return self._groups[kind].draw()

    def _draw_said(self, deck: str, cards: Sequence[Said]) -> Said:
        if deck not in self._decks:
            self._decks[deck] = Deck(cards, self._dice)
        return self._decks[deck].draw()

    def _draw_frame(self, sort: str, toxic: int, clause: bool) -> Frame:
        deck, (about, what) = f"{sort} {toxic} {clause}", sort.split("_")
        if deck not in self._frames:
            alike = self._said is self._framed
            about_it = [one for one in self._framed.frames if one.about == about and (alike or one.has_words)]
            fit = [one for one in about_it if one.fits(clause)]
            wanted = [one for one in fit if (one.praise if what == "praise" else one.contempt) == toxic]
            self._frames[deck] = Deck(wanted, self._dice)
        return self._frames[deck].draw()

    def _joined(self, text: str) -> str:
        for apart, together in self._framed.joins:
            text = text.replace(apart, together)
        return text

    def _respelled(self, text: str) -> str:
        """As somebody would type it who spells some things otherwise, everywhere in the comment."""
        for usual, other in self._said.swaps:
            if self._dice.random() < DRESSED:
                text = text.replace(usual, other)
        return text

    def _quoted(self, frame: str) -> str:
        """The frame with one of several quotation marks or none, and by lot with some behind a colon."""
        opening, closing = self._dice.choice(QUOTES)
        if self._dice.random() < COLON_QUOTED:
            frame = frame.replace(f": {QUOTE}", f': "{QUOTE}"')
        return frame.replace(f'"{QUOTE}"', f"{opening}{QUOTE}{closing}")

    def _dressed(self, text: str) -> str:
        first, last = self._dice.random() < DRESSED, self._dice.random() < DRESSED
        before = f"{self._dice.choice(self._framed.openers)} " if first else ""
        return before + text + (self._dice.choice(self._framed.closers) if last else "")


def read_contrast(count: int, folder: Path = CONTRAST, seed: int = 1) -> list[Case]:
    """``count`` comments of each language that ``folder`` has a grammar of, half of them harmless; of part ``train``.

    Raises ``ValueError`` naming the file for a grammar that cannot be read or is too small for ``count``.
    """
    grammars = {name: read_grammar(folder / f"{name}.toml") for name in LANGUAGES if (folder / f"{name}.toml").exists()}
    return [case for name in grammars for case in _language(name, grammars, count // 2, seed)]


def _language(language: str, grammars: Mapping[str, Grammar], pairs: int, seed: int) -> Iterator[Case]:
    dice = random.Random(f"{seed} {language}")
    draw, seen, number = _drawing(grammars, language, dice), set[str](), 0
    for _ in range(TRIES * pairs):
        if number >= 2 * pairs:
            return
        pair = draw()
        if not seen & {one.text for one in pair}:
            seen |= {one.text for one in pair}
            for one in pair:
                number += 1
                yield _case(one, language, number)
    if number < 2 * pairs:
        raise ValueError(f"{language}.toml: only {number} different comments, {2 * pairs} wanted; ask for fewer")


def _drawing(grammars: Mapping[str, Grammar], language: str, dice: random.Random) -> Callable[[], list[Worded]]:
    """What draws the next pair: from the language's own grammar, or as often from the mixes that it names."""
    own = grammars[language]
    alone = Composer(own, own, dice)
    mixed = [Composer(grammars[said], grammars[framed], dice) for framed, said in own.mixes]

    def draw() -> list[Worded]:
        if mixed and dice.random() < len(mixed) / (len(mixed) + 1):
            return dice.choice(mixed).pair(dice.choices(list(FRAMED), list(FRAMED.values()))[0])
        sorts = {**FRAMED, **BARE}
        return alone.pair(dice.choices(list(sorts), list(sorts.values()))[0])

    return draw


def _case(one: Worded, language: str, number: int) -> Case:
    labels = HURTS[one.about] if one.toxic else FINE
    name = f"{language}-{one.capability}-{number}"
    return Case(name, one.text, language, one.capability, one.phrasing, one.toxic, labels, "train")


def _sexed(text: str, sex: int) -> str:
    return CHOICE.sub(lambda found: found[1 + sex], text)


def main() -> None:
    """Print comments to read: class, frame, text."""
    parser = argparse.ArgumentParser(
        prog="python -m training.contrast_cases", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--language", choices=LANGUAGES, required=True)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    for case in read_contrast(chosen.count, seed=chosen.seed):
        if case.language == chosen.language:
            print(case.toxic, case.phrasing, case.text, sep="\t")


if __name__ == "__main__":
    main()
