"""One comment's text, read the way a model and a campaign need it. Called by the normaliser, the gateway, the CLI.

``STEPS`` is the whole of it, in order. Each step is pure and returns at once where it has nothing to do. Steps run
until the text stays as it is, so that normalising a reading again changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from mahlan.core.arabizi import arabic_reading
from mahlan.core.draft import WINDOW, Edit, Offsets, Step, all_to_original, apply_edits, identity, to_original
from mahlan.core.entities import find_hashtags, find_mentions, find_urls, fold_hashtag
from mahlan.core.language import identify
from mahlan.core.steps import arabic_leet, characters, hidden, leet, letters, masks, mistyped, repair, shape
from mahlan.events.comment import LanguageRun, Reading

__all__ = ["STEPS", "WINDOW", "Normalised", "fold_hashtag", "normalise", "to_original"]

MAX_ROUNDS = 6
"""A round after the first is needed only when a step not in ``QUIET`` changed something; nested disguises need more."""

CLEAN: tuple[Step, ...] = (
    characters.entities,
    characters.surrogates,
    characters.invisible,
    characters.compatibility,
    characters.joiners,
    characters.stray_marks,
)
"""What brings out the characters; hashtags, mentions and links are read after these."""

FOLD: tuple[Step, ...] = (
    masks.emails,
    masks.links,
    masks.mentions,
    masks.numbers,
    masks.hashtags,
    characters.punctuation,
    letters.look_alikes,
    letters.accents,
    letters.lower_case,
    letters.arabic_letters,
    shape.spaced_letters,
    characters.blanks,
    shape.emoji_inside,
    leet.leet,
    arabic_leet.arabic_leet,
    shape.laughter,
    shape.elongation,
    mistyped.mistyped_words,
    hidden.hidden_letters,
    repair.disguised_words,
    characters.window,
)
"""What makes different spellings meet."""

STEPS: tuple[Step, ...] = CLEAN + FOLD

RARE: frozenset[Step] = frozenset({*CLEAN[1:], letters.look_alikes, letters.accents})
"""Steps that a text of everyday characters passes over (``characters.usual``)."""

QUIET: frozenset[Step] = frozenset({letters.lower_case, letters.arabic_letters})
"""Steps that only swap letters for letters: what they change gives no earlier step anything to do."""


DISGUISES: frozenset[Step] = frozenset(
    {
        letters.look_alikes,
        shape.spaced_letters,
        shape.emoji_inside,
        leet.leet,
        arabic_leet.arabic_leet,
        hidden.hidden_letters,
    }
)
"""Steps that undo what hides a word from a filter and from nobody else. Misspelling is not told from typing errors."""


@dataclass(frozen=True, slots=True)
class Normalised:
    """What ``normalise`` found out about one text.

    ``readings`` holds the original reading and, where Latin letters spell Arabic, one in Arabic letters. ``runs`` are
    in characters of the original text. ``hashtags`` are folded (see ``fold_hashtag``), ``mentions`` come without
    ``@``, ``urls`` as written. ``length`` counts the characters given, before the cut at ``WINDOW``; ``disguises`` the
    places at which one of ``DISGUISES`` put letters back, ``slips`` the words that ``mistyped`` read as others.
    """

    readings: tuple[Reading, ...]
    language: str
    script: str
    runs: tuple[LanguageRun, ...]
    hashtags: tuple[str, ...]
    mentions: tuple[str, ...]
    urls: tuple[str, ...]
    truncated: bool
    length: int
    disguises: int = 0
    slips: int = 0


class _Undone(NamedTuple):
    """How much of what hides words was undone."""

    disguises: int
    slips: int


def normalise(text: str, hint: str | None = None) -> Normalised:
    """Read ``text``. ``hint`` is the platform's BCP 47 tag, used only where the text itself leaves room for doubt.

    Never raises, on any string. Linear in the text; no reading is longer than ``WINDOW`` characters.
    """
    read = text[:WINDOW]
    clean, offsets, cleaned, _ = _run(CLEAN, read, identity(len(read)))
    folded, offsets, undone = _settle(clean, offsets, cleaned)
    found = identify(folded, hint)
    readings = [Reading(kind="original", text=folded, offsets=offsets)]
    if found.arabizi:
        readings.append(arabic_reading(folded, offsets, found.arabizi))
    return Normalised(
        readings=tuple(readings),
        language=found.language,
        script=found.script,
        runs=_original_runs(offsets, found.runs),
        hashtags=find_hashtags(clean),
        mentions=find_mentions(clean),
        urls=find_urls(clean),
        truncated=len(text) > WINDOW,
        length=len(text),
        disguises=undone.disguises,
        slips=undone.slips,
    )


def _settle(text: str, offsets: Offsets, cleaned: bool) -> tuple[str, Offsets, _Undone]:
    """Run the folding steps, then all steps again until nothing changes."""
    text, offsets, again, undone = _run(FOLD, text, offsets)
    again = again or cleaned
    for _ in range(MAX_ROUNDS):
        if not again:
            break
        before = text
        text, offsets, again, more = _run(STEPS, text, offsets)
        undone = _Undone(undone.disguises + more.disguises, undone.slips + more.slips)
        if text == before:
            break
    return text, offsets, undone


def _run(steps: tuple[Step, ...], text: str, offsets: Offsets) -> tuple[str, Offsets, bool, _Undone]:
    """The text after ``steps``, its map, whether an earlier step may have something to do, and what was undone."""
    again, disguises, slips = False, 0, 0
    plain = characters.usual(text)
    for step in steps:
        if plain and step in RARE:
            continue
        change = step(text)
        if change is None:
            continue
        again = again or step not in QUIET
        plain = plain and step is not characters.entities
        if step in DISGUISES:
            disguises += _places(text, change)
        elif step is mistyped.mistyped_words and not isinstance(change, str):
            signs = sum(map(mistyped.is_disguise, (text[start:end] for start, end, _ in change)))
            disguises, slips = disguises + signs, slips + len(change) - signs
        if isinstance(change, str):
            text = change
        else:
            text, offsets = apply_edits(text, offsets, change)
    return text, offsets, again, _Undone(disguises, slips)


def _places(text: str, change: str | list[Edit]) -> int:
    """At how many places a step put letters back. What only sets words apart (``shape.emoji_inside``) is none."""
    if isinstance(change, str):
        return sum(before != after for before, after in zip(text.split(), change.split(), strict=True))
    return sum(not (new.startswith(" ") and new.endswith(" ")) for _, _, new in change)


def _original_runs(offsets: Offsets, runs: tuple[tuple[int, int, str], ...]) -> tuple[LanguageRun, ...]:
    if len(offsets) == 2 and offsets[0] == offsets[1]:
        return tuple(LanguageRun(start=start, end=end, language=language) for start, end, language in runs)
    spans = all_to_original(offsets, [(start, end) for start, end, _ in runs])
    return tuple(
        LanguageRun(start=start, end=end, language=run[2]) for (start, end), run in zip(spans, runs, strict=True)
    )
