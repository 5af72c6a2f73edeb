"""A pre-registration, filled in from a campaign file: what is fixed before the first author enters.

As Markdown for a registry, and as the last part of a report. The template is ``[registration]`` of the words' tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mahlan.core.campaign import Campaign
from mahlan.core.experiment.plan import ALPHA, plan_of
from mahlan.core.experiment.power import Design, detectable_effect, yes_no_variance
from mahlan.core.experiment.ratio import ALPHA as RATIO_ALPHA
from mahlan.core.experiment.start import LEAST_AUTHORS, LEAST_EVENTS, LEAST_EXPECTED
from mahlan.core.experiment.totals import MOST
from mahlan.reports.words import END, ISOLATE, Words, number

BLANK = "____"


class Part(NamedTuple):
    """A heading and its paragraphs."""

    title: str
    text: tuple[str, ...]


class Expected(NamedTuple):
    """What is believed beforehand: the share of authors not asked who post what may hurt, and the power wished for."""

    base: float = 0.9
    power: float = 0.8


def registration(words: Words, campaign: Campaign | None, expected: Expected) -> Iterator[Part]:
    """The parts, filled in from the campaign; with blanks in its place where there is none."""
    filled = _fixed(words) | (_blanks() if campaign is None else _of_campaign(campaign, expected, words))
    for part in words.all("registration", "parts"):
        yield Part(part["title"], tuple(line.format(**filled) for line in part["text"]))


def registration_markdown(words: Words, campaign: Campaign | None, expected: Expected) -> str:
    """The same as a Markdown document; without direction marks, which editors show as boxes."""
    parts = [f"# {words.say('registration', 'heading')}", f"> {words.say('registration', 'note')}"]
    for part in registration(words, campaign, expected):
        parts += [f"## {part.title}", *part.text]
    return "\n\n".join(parts).replace(ISOLATE, "").replace(END, "") + "\n"


def _of_campaign(campaign: Campaign, expected: Expected, words: Words) -> dict[str, str]:
    plan = plan_of(campaign)
    variance = yes_no_variance(expected.base)
    design = Design(holdout=plan.holdout, alpha=plan.alpha, power=expected.power)
    points = 100 * detectable_effect(plan.authors, variance, variance, design)
    return {
        "id": campaign.id,
        "title": campaign.title,
        "version": campaign.version,
        "starts": campaign.starts.isoformat() if campaign.starts else BLANK,
        "holdout": words.percent(plan.holdout),
        "arms": _listed([words.name("arms", arm) for arm in plan.arms], words),
        "languages": _listed([words.name("languages", tag) for tag in plan.languages], words),
        "days": number(plan.follow_up_days),
        "authors": number(plan.authors),
        "base": words.percent(expected.base),
        "points": number(points, 1),
        "power": words.percent(expected.power),
    }


def _blanks() -> dict[str, str]:
    of_campaign = ("id", "title", "version", "starts", "holdout", "arms", "languages", "days", "authors")
    return dict.fromkeys((*of_campaign, "base", "points", "power"), BLANK)


def _fixed(words: Words) -> dict[str, str]:
    """What is the same for every campaign."""
    return {
        "most": number(MOST),
        "level": words.percent(1 - ALPHA),
        "alpha": words.percent(ALPHA),
        "alarm": number(1 / RATIO_ALPHA),
        **starts(),
    }


def starts() -> dict[str, str]:
    """From when on an interval is shown, as the words name it."""
    return {
        "least": number(LEAST_AUTHORS),
        "events": number(LEAST_EVENTS),
        "expected": number(LEAST_EXPECTED),
    }


def _listed(names: list[str], words: Words) -> str:
    return ("، " if words.direction == "rtl" else ", ").join(names)
