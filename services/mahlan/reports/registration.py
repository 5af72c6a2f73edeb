"""A pre-registration, filled in from a campaign file: what is fixed before the first author enters.

As Markdown for a registry, and as the last part of a report. The template is ``[registration]`` of the words' tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mahlan.core.campaign import Campaign
from mahlan.core.experiment.plan import plan_of
from mahlan.core.experiment.power import Design, detectable_effect, yes_no_variance
from mahlan.core.experiment.ratio import ALPHA
from mahlan.core.experiment.start import LEAST_AUTHORS, LEAST_EVENTS, LEAST_EXPECTED
from mahlan.core.experiment.totals import MOST
from mahlan.reports.words import END, ISOLATE, Words, number

BLANK = "____"


class Part(NamedTuple):
    """A heading and its paragraphs."""

    title: str
    text: tuple[str, ...]


def registration(campaign: Campaign, base: float, design: Design, words: Words) -> Iterator[Part]:
    """The parts, filled in. ``base`` is the share of authors not asked who are expected to post what may hurt."""
    filled = _filled(campaign, base, design, words)
    for part in words.all("registration", "parts"):
        yield Part(part["title"], tuple(line.format(**filled) for line in part["text"]))


def registration_markdown(campaign: Campaign, base: float, design: Design, words: Words) -> str:
    """The same as a Markdown document; without direction marks, which editors show as boxes."""
    parts = [f"# {words.say('registration', 'heading')}", f"> {words.say('registration', 'note')}"]
    for part in registration(campaign, base, design, words):
        parts += [f"## {part.title}", *part.text]
    return "\n\n".join(parts).replace(ISOLATE, "").replace(END, "") + "\n"


def _filled(campaign: Campaign, base: float, design: Design, words: Words) -> dict[str, str]:
    plan = plan_of(campaign)
    variance = yes_no_variance(base)
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
        "most": number(MOST),
        "base": words.percent(base),
        "points": number(points, 1),
        "power": words.percent(design.power),
        "level": words.percent(1 - plan.alpha),
        "alpha": words.percent(plan.alpha),
        "alarm": number(1 / ALPHA),
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
