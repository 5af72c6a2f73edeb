"""Which language a comment is in, word by word. Called by ``core.normalise`` on the normalised text.

Arabic letters: Egyptian (``arz``) or other Arabic (``ar``) by ``core.dialect``, one for the whole text. Latin letters:
Arabizi (``arz-Latn``) or English by ``core.latin``, each word leaning on the others. Anything else is ``und``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from mahlan.core.dialect import EGYPTIAN, egyptian_score
from mahlan.core.latin import IN_DOUBT, arabizi_odds, is_arabizi_word, is_measure
from mahlan.core.remember import remembered

_WORD = re.compile(r"@user|[^\W_]+(?:'[^\W_]+)*")
_PLACEHOLDERS = frozenset({"@user", "url", "email", "num"})
_ARABIC = re.compile("[\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff\u0750-\u077f]")
_LATIN = re.compile("[a-z]")
_SHARE_OF_MIXED = 0.25
_CONTEXT = 0.3
_NEIGHBOURS = 0.15
_UNIT_OR_WORD = 3.0
_CONTEXT_LIMIT = 8.0
_HINT = 8.0
_UNSURE = 1.0
_CLEAR = 20.0
"""So strong a lean that no word at most in doubt (``latin.IN_DOUBT``) can end up on the other side."""
_SCRIPT_OF = {
    "CYRILLIC": "Cyrl", "GREEK": "Grek", "HEBREW": "Hebr", "DEVANAGARI": "Deva", "CJK": "Hani", "HIRAGANA": "Hira",
    "KATAKANA": "Kana", "HANGUL": "Hang", "THAI": "Thai", "ARMENIAN": "Armn", "LATIN": "Latn", "ARABIC": "Arab",
}  # fmt: skip

Span = tuple[int, int]
Run = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Identified:
    """Language and script of a text, its runs ``(start, end, language)`` and the spans of its Arabizi words."""

    language: str
    script: str
    runs: tuple[Run, ...]
    arabizi: tuple[Span, ...]


def identify(text: str, hint: str | None = None) -> Identified:
    """Tag a normalised text. ``hint`` only tips what is in doubt."""
    words = _WORD.findall(text)
    scripts = [_script(word) for word in words]
    tags = _tags(words, scripts, hint)
    seen = set(tags)
    seen.discard("")
    if len(seen) == 1 and "arz-Latn" not in seen:
        return _uniform(text, words, tags, scripts, seen.pop())
    spans = _spans(text, words)
    return Identified(
        language=_overall(tags),
        script=_overall_script(words, scripts),
        runs=_runs(spans, tags),
        arabizi=tuple(span for span, tag in zip(spans, tags, strict=True) if tag == "arz-Latn"),
    )


def _uniform(text: str, words: list[str], tags: list[str], scripts: list[str], tag: str) -> Identified:
    """The common case, one language throughout: one run from its first word to its last."""
    if all(tags):
        start, end = text.find(words[0]), text.rfind(words[-1]) + len(words[-1])
        return Identified(tag, _overall_script(words, scripts), ((start, end, tag),), ())
    return Identified(tag, _overall_script(words, scripts), _runs(_spans(text, words), tags), ())


def _spans(text: str, words: list[str]) -> list[Span]:
    spans: list[Span] = []
    at = 0
    for word in words:
        start = text.find(word, at)
        at = start + len(word)
        spans.append((start, at))
    return spans


@remembered(32768)
def _script(word: str) -> str:
    """``Arab``, ``Latn``, the code of another script, or nothing for numbers and placeholders."""
    if word in _PLACEHOLDERS or (is_measure(word) and not is_arabizi_word(word)):
        return ""
    if _ARABIC.search(word):
        return "Arab"
    if _LATIN.search(word):
        return "Latn"
    letter = next(filter(str.isalpha, word), "")
    return _SCRIPT_OF.get(unicodedata.name(letter, "").partition(" ")[0].partition("-")[0], "Zzzz") if letter else ""


def _tags(words: list[str], scripts: list[str], hint: str | None) -> list[str]:
    """The language of each word; nothing for numbers and placeholders."""
    tags = ["und" if script else "" for script in scripts]
    if "Arab" in scripts:
        arabic = "arz" if egyptian_score(words, hint) >= EGYPTIAN else "ar"
        tags = [arabic if script == "Arab" else tag for script, tag in zip(scripts, tags, strict=True)]
    if "Latn" in scripts:
        at = [index for index, script in enumerate(scripts) if script == "Latn"]
        for index, tag in zip(at, _latin_tags([words[index] for index in at], hint), strict=True):
            tags[index] = tag
    return tags


def _latin_tags(words: list[str], hint: str | None) -> list[str]:
    odds = [_UNIT_OR_WORD if is_measure(word) else arabizi_odds(word) for word in words]
    lean = sum(odds) + {"arz-Latn": _HINT, "en": -_HINT}.get(hint or "", 0.0)
    if max(odds) <= IN_DOUBT and lean <= -_CLEAR:
        return ["en"] * len(words)
    tags = []
    for at, own in enumerate(odds):
        beside = sum(map(_limited, odds[max(at - 1, 0) : at])) + sum(map(_limited, odds[at + 1 : at + 2]))
        total = own + _NEIGHBOURS * beside + _CONTEXT * _limited(lean - own)
        tags.append("und" if abs(total) < _UNSURE else "arz-Latn" if total > 0 else "en")
    return tags


def _limited(odds: float) -> float:
    return max(-_CONTEXT_LIMIT, min(_CONTEXT_LIMIT, odds))


def _overall(tags: list[str]) -> str:
    counts: dict[str, int] = {}
    for tag in filter(None, tags):
        counts[tag] = counts.get(tag, 0) + 1
    unknown = counts.pop("und", 0)
    if not counts or unknown > 2 * sum(counts.values()):
        return "und"
    best = max(counts, key=lambda tag: counts[tag])
    rest = sum(counts.values()) - counts[best]
    return "mixed" if rest >= 2 and rest >= _SHARE_OF_MIXED * sum(counts.values()) else best


def _overall_script(words: list[str], scripts: list[str]) -> str:
    """The script with the most characters; ``Zyyy`` (common) where no word has letters."""
    if len(set(scripts)) == 1:
        return scripts[0] or "Zyyy"
    sizes: dict[str, int] = {}
    for word, script in zip(words, scripts, strict=True):
        if script:
            sizes[script] = sizes.get(script, 0) + len(word)
    return max(sizes, key=lambda script: sizes[script]) if sizes else "Zyyy"


def _runs(spans: list[Span], tags: list[str]) -> tuple[Run, ...]:
    runs: list[Run] = []
    for (start, end), tag in zip(spans, tags, strict=True):
        if not tag:
            continue
        if runs and runs[-1][2] == tag:
            runs[-1] = (runs[-1][0], end, tag)
        else:
            runs.append((start, end, tag))
    return tuple(runs)
