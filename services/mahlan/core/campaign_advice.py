"""What is not wrong in a campaign file and still worth a look: seats left empty, help grown old, arms in few languages.

Called by ``mahlan campaigns check``; a campaign with advice is served all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from mahlan.core.campaign import Campaign
from mahlan.core.campaign_shape import Trouble
from mahlan.core.campaign_source import Place

#: Help that expires within so many days is told before it does.
SOON = timedelta(days=30)

#: Words about the person, or a score: "you are", "انت" (you), "score", a percentage.
_PERSON = re.compile(
    r"\b(?:toxic|score|you are|you're|enta|enty)\b|\d\s*[%٪]|(?:^|\s)[اإأ]نت[اي]?(?=\s|$)", re.IGNORECASE
)


def advice(campaign: Campaign, today: date) -> Iterator[Trouble]:
    """What to look at, in no order. ``today`` is the day in the campaign's time zone."""
    if campaign.ends and campaign.ends < today:
        yield Trouble(("ends",), "the campaign is over: nobody is asked")
    yield from _wording(campaign)
    yield from _creators(campaign, today)
    yield from _help(campaign, today)
    yield from _languages(campaign)


def _wording(campaign: Campaign) -> Iterator[Trouble]:
    for number, words in enumerate(campaign.wording):
        if found := _PERSON.search(words.text):
            told = f"{found[0].strip()!r} speaks of the person or a score; speak of the words"
            yield Trouble(("wording", number, "text"), told)
    for number, language in enumerate(campaign.languages):
        if all(words.surfaces for words in campaign.wording if words.language == language):
            told = f"{language} has words for some surfaces only; on the others nobody is asked"
            yield Trouble(("languages", number), told)


def _creators(campaign: Campaign, today: date) -> Iterator[Trouble]:
    for number, creator in enumerate(campaign.creators):
        place: Place = ("creators", number)
        if creator.placeholder:
            yield Trouble(place, f"{creator.id} is a placeholder: nobody sees it until placeholder is taken away")
        elif creator.valid_until and creator.valid_until < today:
            yield Trouble((*place, "valid_until"), f"{creator.id} is over: nobody sees it any more")
        elif creator.valid_from and creator.valid_from > today:
            yield Trouble((*place, "valid_from"), f"{creator.id} has not begun: nobody sees it yet")


def _help(campaign: Campaign, today: date) -> Iterator[Trouble]:
    support = campaign.support
    if support is None:
        yield Trouble(("support",), "no [support]: whoever may be in danger is shown nothing")
        return
    for number, each in enumerate(support.help):
        place: Place = ("support", "help", number)
        if each.placeholder:
            yield Trouble(place, f"{each.id} is a placeholder: nobody sees it until placeholder is taken away")
        elif each.verified_on is not None:
            ends = each.verified_on + timedelta(days=support.expires_after_days)
            if each.verified_on > today:
                told = "a day to come; write the day on which somebody last saw that help answers there"
                yield Trouble((*place, "verified_on"), told)
            elif ends < today:
                yield Trouble(
                    (*place, "verified_on"), f"expired on {ends}: nobody sees it; verify it and write the day"
                )
            elif ends < today + SOON:
                yield Trouble((*place, "verified_on"), f"expires on {ends}; verify it and write the day")


def _languages(campaign: Campaign) -> Iterator[Trouble]:
    """Arms compare where they speak the same languages; the rest should speak them too."""
    spoken = set(campaign.languages)
    for arm in ("plain", "highlight", "norm"):
        arms = {words.language for words in campaign.wording if words.arm == arm}
        if arms and arms != spoken:
            told = f"the arm {arm} has no words in {', '.join(sorted(spoken - arms))}; arms compare within a language"
            yield Trouble(("wording",), told)
    for name, rows in _asides(campaign).items():
        if rows and spoken - rows:
            yield Trouble((name,), f"nothing in {', '.join(sorted(spoken - rows))}")


def _asides(campaign: Campaign) -> dict[str, set[str]]:
    support, lesson = campaign.support, campaign.lesson
    return {
        "thanks": set(campaign.thanks),
        "support": {words.language for words in support.words} if support else set(),
        "lesson": {card.language for card in lesson.cards} if lesson else set(),
    }
