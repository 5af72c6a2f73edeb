"""What is wrong in a campaign file beyond the kinds of its values: contradictions, gaps, words for nobody.

Each check names the keys that it reads, so that it still runs where others are wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mahlan.core.campaign import Campaign
from mahlan.core.campaign_shape import Trouble
from mahlan.core.campaign_source import Place
from mahlan.core.messages import direction_of

#: Below this share an effect cannot be told from chance in a campaign's lifetime (DESIGN: "always on").
LEAST_HOLDOUT = 0.05
MOST_SENTENCES = 2
#: Somebody in distress, or who chose to learn, reads a little more; nobody reads a page.
MOST_ASIDE = 4

#: How the files that ship mark what is to be filled in: nobody is ever shown it.
UNFILLED = "[PLACEHOLDER"

_SENTENCE_END = re.compile(r"[.!?؟…]+(?=\s|$)")

Check = Callable[[Campaign], Iterator[Trouble]]


def _timing(campaign: Campaign) -> Iterator[Trouble]:
    try:
        ZoneInfo(campaign.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        yield Trouble(("timezone",), "not a time zone; write a name such as 'Africa/Cairo'")
    if campaign.starts and campaign.ends and campaign.ends < campaign.starts:
        yield Trouble(("ends",), "the campaign ends before it starts; swap starts and ends")


def _measuring(campaign: Campaign) -> Iterator[Trouble]:
    if campaign.holdout.share < LEAST_HOLDOUT and not campaign.test:
        told = f"at least {LEAST_HOLDOUT} is always held out; less only with test = true"
        yield Trouble(("holdout", "share"), told)


def _tags(campaign: Campaign) -> Iterator[Trouble]:
    told = "write it as people do, '#' first and no spaces"
    tags = campaign.hashtags
    named: dict[Place, tuple[str, ...]] = {("current",): tags.current, ("earlier",): tags.earlier}
    named |= {("variants", tag): spellings for tag, spellings in tags.variants.items()}
    for place, each in named.items():
        for number, tag in enumerate(each):
            if not tag.startswith("#") or len(tag) < 2 or " " in tag:
                yield Trouble(("hashtags", *place, number), told)
    for tag in tags.variants:
        if tag not in (*tags.current, *tags.earlier):
            yield Trouble(
                ("hashtags", "variants", tag), "neither in current nor in earlier; write it as it stands there"
            )


def _languages(campaign: Campaign) -> Iterator[Trouble]:
    worded = {wording.language for wording in campaign.wording}
    for number, language in enumerate(campaign.languages):
        if language not in worded:
            told = f"{language} has no [[wording]]; write one, or take the language out of the list"
            yield Trouble(("languages", number), told)
    for number, wording in enumerate(campaign.wording):
        if wording.language not in campaign.languages:
            yield Trouble(("wording", number, "language"), f"{wording.language} is not in languages; add it there")
    for tag, wanted in campaign.fallback.items():
        for number, language in enumerate(wanted):
            if language not in worded:
                yield Trouble(("fallback", tag, number), f"{language} has no [[wording]]")


def _words(campaign: Campaign) -> Iterator[Trouble]:
    yield from _twice("wording", [wording.id for wording in campaign.wording])
    for number, wording in enumerate(campaign.wording):
        yield from _long(("wording", number, "text"), wording.text, MOST_SENTENCES)
        found = direction_of(wording.text)
        if wording.direction not in {None, found}:
            told = f"the text begins in the other direction; write {found!r}"
            yield Trouble(("wording", number, "direction"), told)


def _creators(campaign: Campaign) -> Iterator[Trouble]:
    yield from _twice("creators", [creator.id for creator in campaign.creators])
    for number, creator in enumerate(campaign.creators):
        place: Place = ("creators", number)
        if creator.placeholder:
            continue
        if not creator.consent:
            told = "say where the creator's agreement is kept; without one nobody is shown (or placeholder = true)"
            yield Trouble((*place, "consent"), told)
        if not creator.messages:
            yield Trouble((*place, "messages"), "no [[creators.messages]]; write one, or placeholder = true")
        if creator.valid_from and creator.valid_until and creator.valid_until < creator.valid_from:
            yield Trouble((*place, "valid_until"), "ends before it begins; swap valid_from and valid_until")
        yield from _unfilled((*place, "name"), creator.name)
        for at, said in enumerate(creator.messages):
            spot: Place = (*place, "messages", at)
            yield from _long((*spot, "text"), said.text, MOST_ASIDE)
            if said.video_url and not said.captions_url:
                yield Trouble((*spot, "captions_url"), "a video needs captions (WebVTT), for who does not hear it")
            if said.image_url and not said.alt.strip():
                yield Trouble((*spot, "alt"), "say what the image shows, for who does not see it")


def _asides(campaign: Campaign) -> Iterator[Trouble]:
    for language, text in campaign.thanks.items():
        yield from _long(("thanks", language), text, MOST_SENTENCES)
    if campaign.support is not None:
        yield from _twice("support", [words.language for words in campaign.support.words], "words", "language")
        for number, words in enumerate(campaign.support.words):
            yield from _long(("support", "words", number, "text"), words.text, MOST_ASIDE)
    if campaign.lesson is not None:
        yield from _twice("lesson", [card.language for card in campaign.lesson.cards], "cards", "language")
        for number, card in enumerate(campaign.lesson.cards):
            yield from _long(("lesson", "cards", number, "text"), card.text, MOST_ASIDE)


def _help(campaign: Campaign) -> Iterator[Trouble]:
    places = campaign.support.help if campaign.support is not None else ()
    yield from _twice("support", [place.id for place in places], "help")
    for number, each in enumerate(places):
        place: Place = ("support", "help", number)
        if each.placeholder:
            continue
        if not each.phone and not each.url:
            yield Trouble((*place, "phone"), "a phone number or a url is needed")
        for language, name in each.name.items():
            yield from _unfilled((*place, "name", language), name)
        if each.verified_on is None:
            told = "the day on which somebody last saw that help answers there; without it nobody is sent there"
            yield Trouble((*place, "verified_on"), told)


#: Each check, and the keys at the top of the file that must be right before it says anything.
CHECKS: tuple[tuple[Check, frozenset[str]], ...] = (
    (_timing, frozenset({"timezone", "starts", "ends"})),
    (_measuring, frozenset({"holdout", "test"})),
    (_tags, frozenset({"hashtags"})),
    (_languages, frozenset({"languages", "wording", "fallback"})),
    (_words, frozenset({"wording"})),
    (_creators, frozenset({"creators"})),
    (_asides, frozenset({"thanks", "support", "lesson"})),
    (_help, frozenset({"support"})),
)


def count_sentences(text: str) -> int:
    """Sentences by their closing marks, Arabic ones too; words after the last mark are one more."""
    parts = _SENTENCE_END.split(text)
    return sum(1 for part in parts if part.strip())


def _unfilled(place: Place, text: str) -> Iterator[Trouble]:
    if UNFILLED in text:
        yield Trouble(place, "this is the placeholder's text; write the real one, or placeholder = true")


def _long(place: Place, text: str, most: int) -> Iterator[Trouble]:
    yield from _unfilled(place, text)
    if count_sentences(text) > most:
        yield Trouble(place, f"more than {most} sentences; people read one")


def _twice(table: str, names: list[str], rows: str = "", key: str = "id") -> Iterator[Trouble]:
    place: Place = (table, rows) if rows else (table,)
    for number, name in enumerate(names):
        if name in names[:number]:
            yield Trouble((*place, number, key), f"{name!r} is used twice; give each its own {key}")
