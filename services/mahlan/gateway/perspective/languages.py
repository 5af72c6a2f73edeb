"""Which languages a request is answered for: what the text is, unless a hint cannot be proved wrong.

Perspective's clients often send ``languages: ["en"]`` whatever is written (Coral does for every tenant that is not
Spanish, French, German or Portuguese). A hint that the text disproves therefore gives way to the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mahlan.core.verdict import ARABIC_VARIETIES
from mahlan.events.comment import CommentNormalised

#: Scripts that our models were trained on; ``Zyyy`` is digits, punctuation and emoji.
SCRIPTS = frozenset({"Arab", "Latn", "Zyyy"})
UNKNOWN = "und"

_NAMES = {"arz": "ar", "arz-Latn": "ar-Latn"}
"""Ours in the codes that Perspective's clients may know: Latin letters as it writes ``hi-Latn``."""


class Told(NamedTuple):
    """The answer's ``languages``, what was ``detected``, and whether scores of such a text can be ``honest``.

    ``asked`` where it is the request's own hints that cannot be answered.
    """

    languages: list[str]
    detected: list[str]
    honest: bool = True
    asked: bool = False


def languages_of(comment: CommentNormalised, hints: Sequence[str] | None, *, obey: bool) -> Told:
    """What is told about the languages of a comment. With ``obey`` the hints stand, whatever the text is."""
    found = detected(comment)
    if hints and obey:
        return Told(list(hints), found, all(map(is_ours, hints)), asked=True)
    if comment.script not in SCRIPTS:
        return Told(found, found, honest=False)
    if hints and not any(map(is_ours, hints)) and comment.script != "Arab":
        # French in Latin letters may look like English or Arabizi to us: who says that it is French, knows.
        return Told(list(hints), found, honest=False, asked=True)
    if hints and found == [UNKNOWN]:
        return Told([hint for hint in hints if is_ours(hint)], found)
    return Told(found, found)


def detected(comment: CommentNormalised) -> list[str]:
    """The languages of the text, the most of it first; ``und-Cyrl`` and the like where only the script is known."""
    if comment.language == "mixed":
        sizes: dict[str, int] = {}
        for run in comment.runs:
            if run.language != UNKNOWN:
                name = _NAMES.get(run.language, run.language)
                sizes[name] = sizes.get(name, 0) + run.end - run.start
        return sorted(sizes, key=lambda name: -sizes[name])
    if comment.language == UNKNOWN and comment.script not in SCRIPTS:
        return [f"{UNKNOWN}-{comment.script}"]
    return [_NAMES.get(comment.language, comment.language)]


def is_ours(hint: str) -> bool:
    """Whether it is a language that our models were trained on, in any spelling of its code."""
    primary = hint.replace("_", "-").partition("-")[0].lower()
    return primary in {"ar", "en"} or primary in ARABIC_VARIETIES
