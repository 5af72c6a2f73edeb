"""What a comment is about beyond its score: cue phrases that speak against a nudge, and the challenge's hashtags.

The normaliser calls ``find_signals`` with the normalised readings and the scorer ``campaign_tags``; the policy reads
both. The cues are a table, ``languages/signals.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from mahlan.core.campaign import Campaign
from mahlan.core.entities import fold_hashtag
from mahlan.languages import table

SIGNALS = ("self_harm", "victim_report", "counter_speech", "quoting", "self_directed", "praise")

#: "And" in Arabic, written together with the word behind it: ونفسي is و (and) + نفسي.
AND = "و"

_WORD = re.compile(r"\w+")

#: By first word: the whole phrase and the signal it gives.
Cues = Mapping[str, Sequence[tuple[tuple[str, ...], str]]]


def find_signals(readings: Iterable[str]) -> tuple[str, ...]:
    """The signals of a comment, from all its normalised readings, in the order of ``SIGNALS``.

    Linear in the length of the text: one look-up a word, and cues are a few words long.
    """
    cues = load_cues()
    found = {signal for reading in readings for signal in _signals_in(_WORD.findall(reading), cues)}
    return tuple(signal for signal in SIGNALS if signal in found) if found else ()


def _signals_in(words: Sequence[str], cues: Cues) -> Iterable[str]:
    for start, word in enumerate(words):
        phrases = cues.get(word, ())
        if word[0] == AND:
            phrases = (*phrases, *cues.get(word[1:], ()))
        for phrase, signal in phrases:
            if tuple(words[start + 1 : start + len(phrase)]) == phrase[1:]:
                yield signal


@cache
def load_cues() -> Cues:
    """The cue table that comes with mahlan, read once and only when needed."""
    return build_cues(table("signals"))


def build_cues(written: Mapping[str, Mapping[str, Sequence[str]]]) -> Cues:
    """Cues by their first word. Raises ValueError for a signal that no rule knows or a cue without a word."""
    cues: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for signal, writings in written.items():
        if signal not in SIGNALS:
            raise ValueError(f"signals.toml: unknown signal {signal}; known are {', '.join(SIGNALS)}")
        for cue in (cue for cues_of_writing in writings.values() for cue in cues_of_writing):
            words = tuple(_WORD.findall(cue))
            if not words:
                raise ValueError(f"signals.toml: a cue of {signal} has no word")
            cues.setdefault(words[0], []).append((words, signal))
    return cues


def campaign_tags(hashtags: Iterable[str], campaigns: Iterable[Campaign]) -> tuple[str, ...]:
    """Those of a comment's hashtags that belong to a campaign, folded and each once, in the comment's order.

    Only these go on past the scorer: any other hashtag is the author's own text.
    """
    folded = dict.fromkeys(fold_hashtag(tag) for tag in hashtags)
    if not folded:
        return ()
    known = tuple(campaigns)
    return tuple(tag for tag in folded if any(tag in campaign.tags for campaign in known))
