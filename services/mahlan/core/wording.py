"""Which words an author sees: the arm by author, its variant by comment; help and lesson cards. Called by the policy.

Everything here is a hash or a date, so that every machine chooses the same, also for a comment it meets again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from mahlan.core.assignment import decision_id, first_choice, fraction, pick
from mahlan.core.campaign import Campaign
from mahlan.core.history import KEPT_FOR
from mahlan.core.messages import Creator, Words, direction_of
from mahlan.events.comment import CommentScored, Surface
from mahlan.events.nudge import AuthorHistory
from mahlan.events.ruling import Arm, CreatorMessage, Help, Lesson, Support, Wording

Options = Mapping[Arm, Sequence[Words]]
"""Arms that have words for a comment, each with the words to choose from."""


def options_for(campaign: Campaign, scored: CommentScored, today: date) -> Options:
    """The arms that can speak to this author, here and today; empty: nobody can, and nobody is asked.

    The arm ``creator`` needs a creator who may speak; where it has no words of its own it takes the plain ones.
    """
    spoken = {words.language for words in campaign.wording}
    language = campaign.language_for(scored.language, scored.script, spoken)
    if language is None:
        return {}
    own = [words for words in campaign.wording if words.language == language]
    arms: dict[Arm, Sequence[Words]] = {}
    for arm in ("plain", "highlight", "norm"):
        if rows := _on_surface([words for words in own if words.arm == arm], scored.surface):
            arms[arm] = rows
    asked = _on_surface([words for words in own if words.arm == "creator"], scored.surface) or arms.get("plain")
    if asked and speakers(campaign, language, today):
        arms["creator"] = asked
    return arms


def _on_surface(rows: Sequence[Words], surface: Surface) -> Sequence[Words]:
    """Those written for this surface, else those for every surface."""
    own = [words for words in rows if surface in words.surfaces]
    return own or [words for words in rows if not words.surfaces]


def speakers(campaign: Campaign, language: str, today: date) -> list[Creator]:
    """The creators who say something in this language and may be heard today."""
    return [creator for creator in campaign.creators if creator.may_speak(today) and creator.words(language)]


def choose_wording(campaign: Campaign, scored: CommentScored, history: AuthorHistory, now: datetime) -> Wording:
    """What this author is shown. There must be an option (``options_for``)."""
    today = campaign.day_of(now)
    options = options_for(campaign, scored, today)
    seed = (campaign.id, campaign.holdout.salt, scored.author_key)
    arm = first_choice(tuple(options), "arm", *seed)
    words = pick(options[arm], decision_id(campaign.id, scored.comment_id, scored.revision))
    return Wording(
        id=words.id,
        language=words.language,
        direction=words.direction or direction_of(words.text),
        text=words.text,
        edit=words.edit,
        send=words.send,
        dispute=words.dispute,
        arm=arm,
        marks=arm != "plain" or not any(row.arm == "highlight" for row in campaign.wording),
        creator=_creator(campaign, words.language, seed, today) if arm == "creator" else None,
        thanks=campaign.thanks.get(words.language, ""),
        lesson=_lesson(campaign, words.language, seed, history, now),
    )


def _creator(campaign: Campaign, language: str, seed: Sequence[str], today: date) -> CreatorMessage:
    """The creator that this author hears, always the same one while that creator may speak."""
    found = {creator.id: creator for creator in speakers(campaign, language, today)}
    creator = found[first_choice(tuple(found), "creator", *seed)]
    said = creator.words(language)
    assert said is not None
    return CreatorMessage(
        id=creator.id,
        language=said.language,
        text=said.text,
        name=creator.name,
        video_url=said.video_url,
        captions_url=said.captions_url,
        image_url=said.image_url,
        alt=said.alt,
    )


def _lesson(
    campaign: Campaign, language: str, seed: Sequence[str], history: AuthorHistory, now: datetime
) -> Lesson | None:
    """The card, on the author's own day of it, if they were asked that often in the last two days."""
    lessons = campaign.lesson
    if lessons is None:
        return None
    card = next((card for card in lessons.cards if card.language == language), None)
    late = [past for past in history.nudges if past.kind == "nudge" and past.decided_at > now - KEPT_FOR]
    own_day = int(fraction("lesson", *seed) * lessons.every_days)
    is_theirs = campaign.day_of(now).toordinal() % lessons.every_days == own_day
    if card is None or not is_theirs or len(late) < lessons.after_nudges or any(past.lesson for past in late):
        return None
    return Lesson(id=card.id, title=card.title, text=card.text, url=card.url)


def choose_support(campaign: Campaign, scored: CommentScored, now: datetime) -> Support | None:
    """What somebody who may be in danger is shown: in their language, else in the first there is.

    Places of help that nobody has verified lately are left out. None where the campaign says nothing.
    """
    support = campaign.support
    if support is None:
        return None
    said = {words.language: words for words in support.words}
    language = campaign.language_for(scored.language, scored.script, said) or support.words[0].language
    today = campaign.day_of(now)
    places = [place for place in support.help if place.is_fresh(today, support.expires_after_days)]
    text = said[language].text
    return Support(
        language=language,
        direction=direction_of(text),
        text=text,
        help=tuple(
            Help(id=place.id, name=place.name[language], phone=place.phone, url=place.url)
            for place in places
            if language in place.name
        ),
    )
