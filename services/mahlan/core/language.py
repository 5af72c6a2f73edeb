"""Which language a comment is in, word by word. Called by ``core.normalise`` on the normalised text.

Arabic letters: Egyptian (``arz``) or other Arabic (``ar``) by a table of markers. Latin letters: Arabizi
(``arz-Latn``) or English by ``core.latin``, each word leaning on the others. Anything else is ``und``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from mahlan.core.latin import arabizi_odds
from mahlan.languages import table

_WORD = re.compile(r"@user|[^\W_]+(?:'[^\W_]+)*")
_PLACEHOLDERS = frozenset({"@user", "url", "email", "num"})
_ARABIC = re.compile("[\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff\u0750-\u077f]")
_LATIN = re.compile("[a-z]")
_SHARE_OF_MIXED = 0.25
_CONTEXT = 0.35
_CONTEXT_LIMIT = 8.0
_HINT = 3.0
_UNSURE = 1.0
_OTHER_SCRIPTS = {"CYRILLIC": "Cyrl", "GREEK": "Grek", "HEBREW": "Hebr", "DEVANAGARI": "Deva", "CJK": "Hani",
                  "HIRAGANA": "Hira", "KATAKANA": "Kana", "HANGUL": "Hang", "THAI": "Thai", "ARMENIAN": "Armn"}  # fmt: skip

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Identified:
    """Language and script of a text, its runs ``(start, end, language)`` and the spans of its Arabizi words."""

    language: str
    script: str
    runs: tuple[tuple[int, int, str], ...]
    arabizi: tuple[Span, ...]


def identify(text: str, hint: str | None = None) -> Identified:
    """Tag a normalised text. ``hint`` only tips what is in doubt."""
    arabic: list[tuple[Span, str]] = []
    latin: list[tuple[Span, str]] = []
    others: list[Span] = []
    for match in _WORD.finditer(text):
        word = match[0]
        kind = _script(word)
        if kind == "Arab":
            arabic.append((match.span(), word))
        elif kind == "Latn":
            latin.append((match.span(), word))
        elif kind:
            others.append(match.span())
    tagged = _tag_arabic(arabic, hint) + _tag_latin(latin, hint) + [(span, "und") for span in others]
    tagged.sort()
    return Identified(
        language=_overall(tagged),
        script=_overall_script(text, arabic, latin, others),
        runs=_runs(tagged),
        arabizi=tuple(span for span, tag in tagged if tag == "arz-Latn"),
    )


@lru_cache(maxsize=32768)
def _script(word: str) -> str:
    """``Arab``, ``Latn``, ``Zzzz`` for another script, or nothing for numbers and placeholders."""
    if word in _PLACEHOLDERS:
        return ""
    if _ARABIC.search(word):
        return "Arab"
    if _LATIN.search(word):
        return "Latn"
    return "Zzzz" if any(char.isalpha() for char in word) else ""


@cache
def _markers() -> dict[str, float]:
    weights: dict[str, float] = {}
    for name, sign in (("arz", 1.0), ("ar", -1.0)):
        for strength, row in table(name)["markers"].items():
            weights.update((word, sign * float(strength)) for word in row.split())
    return weights


def egyptian_score(words: list[str], hint: str | None = None) -> float:
    """Above zero: Egyptian. Sum of the markers' strengths; a hint counts half a marker."""
    weights = _markers()
    score = {"arz": 0.5, "ar": -0.5}.get(hint or "", 0.0)
    for word in words:
        score += weights.get(word) or _by_form(word)
    return score


@lru_cache(maxsize=32768)
def _by_form(word: str) -> float:
    weight = 0.0
    for form in table("arz")["forms"]:
        if re.fullmatch(form["pattern"], word):
            weight += form["weight"]
    return weight


def _tag_arabic(found: list[tuple[Span, str]], hint: str | None) -> list[tuple[Span, str]]:
    if not found:
        return []
    tag = "arz" if egyptian_score([word for _, word in found], hint) > 0 else "ar"
    return [(span, tag) for span, _ in found]


def _tag_latin(found: list[tuple[Span, str]], hint: str | None) -> list[tuple[Span, str]]:
    if not found:
        return []
    odds = [arabizi_odds(word) for _, word in found]
    lean = sum(odds) + {"arz-Latn": _HINT, "en": -_HINT}.get(hint or "", 0.0)
    tagged = []
    for (span, _), own in zip(found, odds, strict=True):
        rest = max(-_CONTEXT_LIMIT, min(_CONTEXT_LIMIT, lean - own))
        total = own + _CONTEXT * rest
        tag = "und" if abs(total) < _UNSURE else "arz-Latn" if total > 0 else "en"
        tagged.append((span, tag))
    return tagged


def _overall(tagged: list[tuple[Span, str]]) -> str:
    counts: dict[str, int] = {}
    for _, tag in tagged:
        counts[tag] = counts.get(tag, 0) + 1
    known = {tag: count for tag, count in counts.items() if tag != "und"}
    if not known or counts.get("und", 0) > 2 * sum(known.values()):
        return "und"
    best = max(known, key=lambda tag: known[tag])
    rest = sum(known.values()) - known[best]
    return "mixed" if rest >= 2 and rest >= _SHARE_OF_MIXED * sum(known.values()) else best


def _overall_script(text: str, arabic: list[tuple[Span, str]], latin: list[tuple[Span, str]], others: list[Span]) -> str:
    sizes = [sum(end - start for (start, end), _ in found) for found in (arabic, latin)]
    other = sum(end - start for start, end in others)
    if not any(sizes) and not other:
        return "Zyyy"
    if other > max(sizes):
        name = unicodedata.name(text[others[0][0]], "").split(" ")[0].split("-")[0]
        return _OTHER_SCRIPTS.get(name, "Zzzz")
    return "Arab" if sizes[0] >= sizes[1] else "Latn"


def _runs(tagged: list[tuple[Span, str]]) -> tuple[tuple[int, int, str], ...]:
    runs: list[tuple[int, int, str]] = []
    for (start, end), tag in tagged:
        if runs and runs[-1][2] == tag:
            runs[-1] = (runs[-1][0], end, tag)
        else:
            runs.append((start, end, tag))
    return tuple(runs)
