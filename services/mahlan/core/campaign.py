"""A campaign: whom it asks, in which words, how often, and when it keeps quiet. The shape of ``campaigns/*.toml``.

Read by the policy; built from a file by ``parse_campaign`` in ``core/campaign_file.py``, which checks it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from msgspec import Meta

from mahlan.core.messages import Creator, Lessons, Supporting, Words
from mahlan.events.comment import Band, Surface
from mahlan.events.fields import Language, Platform

ClockTime = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
NudgeBand = Literal["low", "medium", "high"]

BANDS: tuple[Band, ...] = ("none", "low", "medium", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hashtags:
    """The challenge's hashtags as people write them: today's, those it grew from, and other spellings of either."""

    current: Annotated[tuple[str, ...], Meta(min_length=1, max_length=50)]
    earlier: Annotated[tuple[str, ...], Meta(max_length=50)] = ()
    variants: dict[str, Annotated[tuple[str, ...], Meta(max_length=50)]] = field(default_factory=dict)

    @property
    def all(self) -> tuple[str, ...]:
        """Every way in which somebody may join."""
        return (*self.current, *self.earlier, *(spelling for each in self.variants.values() for spelling in each))


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Whom the campaign addresses: comments of these platforms, on these surfaces. Empty: all."""

    platforms: tuple[Platform, ...] = ()
    surfaces: tuple[Surface, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """When and how often an author is asked to think again."""

    band: NudgeBand = "medium"
    band_by_language: dict[Language, NudgeBand] = field(default_factory=dict)
    per_day: Annotated[int, Meta(ge=1, le=20)] = 3
    cooldown_minutes: Annotated[int, Meta(ge=0, le=1440)] = 10
    min_length: Annotated[int, Meta(ge=0, le=1000)] = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SurfaceAsking:
    """How often an author is asked on one surface: ``per_day`` beside the campaign's, the others instead of it."""

    per_day: Annotated[int, Meta(ge=1, le=20)] | None = None
    cooldown_minutes: Annotated[int, Meta(ge=0, le=1440)] | None = None
    min_length: Annotated[int, Meta(ge=0, le=1000)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From ``starts`` until ``ends`` (over midnight where it ends earlier) nobody is asked."""

    starts: ClockTime
    ends: ClockTime


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdout:
    """The share of authors who are never asked, chosen by a salted hash, so that the effect can be measured."""

    share: Annotated[float, Meta(ge=0.0, le=0.5)] = 0.1
    salt: Annotated[str, Meta(min_length=8, max_length=128)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The share of shown nudges that authors may call a mistake, and whether a brake holds the campaign to it."""

    disputes: Annotated[float, Meta(gt=0.0, le=0.5)] = 0.02
    brake: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """Which of the rules that hold a nudge back are on. Self-harm is none of them: it cannot be switched off."""

    campaign_tag: bool = True
    victim_report: bool = True
    counter_speech: bool = True
    quoting: bool = True
    self_directed: bool = True
    praise: bool = True
    own_thread: bool = True
    mutual: bool = True
    staff_or_bot: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """What the statistics need to know before they begin: how long an author is followed, how many are expected."""

    follow_up_days: Annotated[int, Meta(ge=1, le=60)] = 7
    planned_authors: Annotated[int, Meta(ge=100, le=100_000_000)] = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Whether everybody may see the campaign's counts, small ones hidden, without a key."""

    public: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One campaign file.

    Computed, not written: ``version`` (a hash of the file) and ``tags``, from each folded hashtag that joins the
    challenge to the one of ``current`` or ``earlier`` that it is a spelling of.
    """

    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    languages: Annotated[tuple[Language, ...], Meta(min_length=1)]
    hashtags: Hashtags
    holdout: Holdout
    wording: Annotated[tuple[Words, ...], Meta(min_length=1)]
    active: bool = True
    test: bool = False
    starts: date | None = None
    ends: date | None = None
    timezone: str = "Africa/Cairo"
    nudge: Asking = field(default_factory=Asking)
    quiet_hours: QuietHours | None = None
    budget: Budget = field(default_factory=Budget)
    rules: Switches = field(default_factory=Switches)
    fallback: dict[str, tuple[Language, ...]] = field(default_factory=dict)
    audience: Audience = field(default_factory=Audience)
    surfaces: dict[Surface, SurfaceAsking] = field(default_factory=dict)
    creators: tuple[Creator, ...] = ()
    thanks: dict[Language, Annotated[str, Meta(min_length=1, max_length=200)]] = field(default_factory=dict)
    support: Supporting | None = None
    lesson: Lessons | None = None
    experiment: Experiment = field(default_factory=Experiment)
    board: Board = field(default_factory=Board)
    version: str = ""
    tags: dict[str, str] = field(default_factory=dict)

    def day_of(self, now: datetime) -> date:
        """The day on which ``now`` falls in the campaign's own time zone."""
        return now.astimezone(ZoneInfo(self.timezone)).date()

    def is_running(self, now: datetime) -> bool:
        """Whether ``now`` lies between its first and last day (both included, in its own time zone)."""
        today = self.day_of(now)
        begun = self.starts is None or self.starts <= today
        return self.active and begun and (self.ends is None or today <= self.ends)

    def is_quiet(self, now: datetime) -> bool:
        """Whether ``now`` lies in its quiet hours, in its own time zone."""
        quiet = self.quiet_hours
        if quiet is None:
            return False
        clock = now.astimezone(ZoneInfo(self.timezone)).strftime("%H:%M")
        if quiet.starts <= quiet.ends:
            return quiet.starts <= clock < quiet.ends
        return clock >= quiet.starts or clock < quiet.ends

    def addresses(self, platform: str | None, surface: Surface) -> bool:
        """Whether it speaks to those who write there."""
        platforms, surfaces = self.audience.platforms, self.audience.surfaces
        return (not platforms or platform in platforms) and (not surfaces or surface in surfaces)

    def band_in(self, language: str) -> NudgeBand:
        """The band from which on this campaign asks, in this language."""
        return self.nudge.band_by_language.get(language, self.nudge.band)

    def asking_on(self, surface: Surface) -> Asking:
        """The campaign's cooldown and least length on this surface, and its ``per_day`` over all of them."""
        own = self.surfaces.get(surface)
        if own is None:
            return self.nudge
        cooldown = self.nudge.cooldown_minutes if own.cooldown_minutes is None else own.cooldown_minutes
        length = self.nudge.min_length if own.min_length is None else own.min_length
        return replace(self.nudge, cooldown_minutes=cooldown, min_length=length)

    def language_for(self, language: str, script: str, known: Container[str]) -> str | None:
        """Which of the ``known`` languages to speak to an author who writes so; None where none fits.

        The language itself first, then what the campaign's ``fallback`` names for it, then the same for its
        shorter forms (``ar-MA``: ``ar``; RFC 4647 §3.4 look-up).
        """
        for tag in _look_up(language, script):
            for wanted in (tag, *self.fallback.get(tag, ())):
                if wanted in known:
                    return wanted
        return None


def least_band(campaigns: Iterable[Campaign]) -> Band:
    """The lowest band from which on any of these asks, in any language; ``medium`` where there are none."""
    bands: list[Band] = [
        band for campaign in campaigns for band in (campaign.nudge.band, *campaign.nudge.band_by_language.values())
    ]
    return min(bands, key=BANDS.index, default="medium")


def _look_up(language: str, script: str) -> list[str]:
    """Names to look for, the most telling first: ``mixed`` in Latin letters is ``mixed-Latn``, then ``mixed``."""
    parts = language.split("-")
    shorter = ["-".join(parts[:size]) for size in range(len(parts), 0, -1)]
    return [f"{language}-{script}", *shorter]
