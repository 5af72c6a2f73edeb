"""What a campaign shows, as its file writes it: questions, creators' messages, help, lesson cards. Shape of the rows.

``core/wording.py`` chooses among them; ``core/campaign.py`` holds them; ``events/ruling.py`` is what travels.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from msgspec import Meta

from mahlan.events.comment import Surface
from mahlan.events.fields import Language
from mahlan.events.ruling import Address, Arm, Direction, Phone

Name = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Sentence = Annotated[str, Meta(min_length=1, max_length=600)]
Label = Annotated[str, Meta(min_length=1, max_length=60)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One ``[[wording]]``: the question and its three buttons, in one language, for one arm.

    Without ``surfaces`` it is for every surface that has no words of its own. ``direction`` follows from the text.
    """

    id: Annotated[str, Meta(min_length=1, max_length=128)]
    language: Language
    text: Sentence
    edit: Label
    send: Label
    dispute: Label
    direction: Direction | None = None
    arm: Arm = "plain"
    surfaces: tuple[Surface, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatorWords:
    """What a creator says in one language, with a video or an image where there is one."""

    language: Language
    text: Sentence
    video_url: Address | None = None
    captions_url: Address | None = None
    image_url: Address | None = None
    alt: Annotated[str, Meta(max_length=300)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Creator:
    """One ``[[creators]]``: somebody who agreed to be heard beside the question, and from when until when.

    ``consent`` says where the agreement is kept. A ``placeholder`` is an empty seat: it is never shown.
    """

    id: Name
    name: Annotated[str, Meta(max_length=100)] = ""
    consent: Annotated[str, Meta(max_length=200)] = ""
    placeholder: bool = False
    valid_from: date | None = None
    valid_until: date | None = None
    messages: tuple[CreatorWords, ...] = ()

    def may_speak(self, today: date) -> bool:
        """Whether the creator is heard on this day: agreed, and both ends of the time included."""
        begun = self.valid_from is None or self.valid_from <= today
        over = self.valid_until is not None and self.valid_until < today
        return not self.placeholder and bool(self.consent) and begun and not over

    def words(self, language: str) -> CreatorWords | None:
        """What the creator says in this language."""
        return next((said for said in self.messages if said.language == language), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpPlace:
    """One ``[[support.help]]``: a place that listens, and the day on which somebody last saw that it does."""

    id: Name
    name: dict[Language, Annotated[str, Meta(min_length=1, max_length=100)]]
    phone: Phone | None = None
    url: Address | None = None
    verified_on: date | None = None
    placeholder: bool = False

    def is_fresh(self, today: date, days: int) -> bool:
        """Whether it was verified lately enough to be shown to somebody who needs it."""
        verified = self.verified_on
        return not self.placeholder and verified is not None and verified <= today <= verified + timedelta(days=days)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportWords:
    """One ``[[support.words]]``: the kind sentence for somebody who may be in danger, in one language."""

    language: Language
    text: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Supporting:
    """``[support]``: what somebody is shown whose words are a sign of self-harm. Never a nudge."""

    words: Annotated[tuple[SupportWords, ...], Meta(min_length=1)]
    help: tuple[HelpPlace, ...] = ()
    expires_after_days: Annotated[int, Meta(ge=1, le=730)] = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One ``[[lesson.cards]]``: a few sentences to learn from, in one language."""

    id: Name
    language: Language
    title: Annotated[str, Meta(min_length=1, max_length=100)]
    text: Sentence
    url: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """``[lesson]``: a card beside the nudge for who was asked ``after_nudges`` times in the last two days.

    On one day in ``every_days``, each author's own, so at most once in that time. What is remembered of an author is
    two days and no more; a card that followed them for a month would need a memory that lasts one.
    """

    cards: Annotated[tuple[Card, ...], Meta(min_length=1)]
    after_nudges: Annotated[int, Meta(ge=2, le=20)] = 3
    every_days: Annotated[int, Meta(ge=7, le=365)] = 30


def direction_of(text: str) -> Direction:
    """``rtl`` or ``ltr`` by the first strong character (UAX #9, rule P2)."""
    strong = (unicodedata.bidirectional(char) for char in text)
    first = next((kind for kind in strong if kind in {"L", "R", "AL"}), "L")
    return "ltr" if first == "L" else "rtl"
