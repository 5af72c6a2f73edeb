"""The report as one HTML file that needs nothing else: Arabic and English, each in its own direction.

It has no script and fetches nothing, so that it can be kept, mailed and printed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from html import escape
from pathlib import Path

from mahlan.reports.answers import answer, chilling, ratio
from mahlan.reports.chart import tone
from mahlan.reports.effect_tables import effect_tables
from mahlan.reports.figures import Figures
from mahlan.reports.happened import happened
from mahlan.reports.html import element, paragraphs, text
from mahlan.reports.registration import Part, starts
from mahlan.reports.words import LANGUAGES, Words, number, words_of

OLD_SECONDS = 3600.0
"""From this age of the newest record on, the report says how old its figures are."""


def report_page(figures: Figures, registered: Mapping[str, Sequence[Part]]) -> str:
    """The whole document. ``registered`` holds the pre-registration by language; empty where there is none."""
    first = words_of(LANGUAGES[0])
    style = Path(__file__).with_name("report.css").read_text("utf-8")
    title = f"{first.say('page', 'title')} {figures.campaign}"
    head = element(
        "head",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        text("title", title),
        f"<style>\n{style}</style>",
    )
    links = [
        element("a", escape(words_of(code).table["name"]), href=f"#{code}", lang=code, hreflang=code)
        for code in LANGUAGES
    ]
    nav = element("nav", *links, aria_label="العربية / English")
    parts = [_in_language(figures, registered.get(code, ()), words_of(code)) for code in LANGUAGES]
    body = element("body", element("header", nav), element("main", *parts))
    return f"<!doctype html>\n{element('html', head, body, lang=first.language, dir=first.direction)}\n"


def _in_language(figures: Figures, registered: Sequence[Part], words: Words) -> str:
    inside = (
        text("h1", words.say("page", "title"), class_="title"),
        text("p", words.say("page", "subtitle", campaign=figures.campaign), class_="campaign"),
        text("p", _as_of(figures, words), class_="as-of"),
        *_warnings(figures, words),
        _answers(figures, words),
        effect_tables(figures, words),
        text("p", words.say("tables", "legend"), class_="note"),
        happened(figures, words),
        _method(words),
        _registration(registered, words),
    )
    return element("article", *inside, id=words.language, lang=words.language, dir=words.direction, class_="language")


def _as_of(figures: Figures, words: Words) -> str:
    return words.say("page", "as_of", as_of=f"\u2066{figures.as_of.astimezone(UTC):%Y-%m-%d %H:%M}\u2069")


def _warnings(figures: Figures, words: Words) -> list[str]:
    said = []
    if not figures.complete:
        said.append(words.say("page", "incomplete"))
    if (figures.data_age_seconds or 0.0) > OLD_SECONDS:
        said.append(words.say("page", "old", hours=number((figures.data_age_seconds or 0.0) / 3600)))
    return [text("p", one, class_="warning") for one in said]


def _answers(figures: Figures, words: Words) -> str:
    primary, volume = figures.primary(), figures.secondary("volume")
    alarm = figures.sample_ratio is not None and figures.sample_ratio.alarm
    parts = [text("h2", words.say("answer", "heading"))]
    if alarm:
        parts.append(text("p", words.say("answer", "unreliable"), class_="answer bad"))
    else:
        first, *others = answer(primary, words) if primary else [words.say("answer", "not_enough")]
        parts.append(text("p", first, class_=f"answer {tone(primary) if primary else 'open'}"))
        parts.append(paragraphs(others))
    if volume is not None and not alarm:
        parts += [text("h2", words.say("answer", "chilling")), text("p", chilling(volume, words))]
    checked = ratio(figures, words)
    if checked:
        parts += [text("h2", words.say("ratio", "heading")), paragraphs(checked)]
    return element("section", *parts, class_="answers")


def _method(words: Words) -> str:
    said = [str(one).format(**starts()) for one in words.all("method", "text")]
    return element("section", text("h2", words.say("method", "heading")), paragraphs(said), class_="method")


def _registration(parts: Sequence[Part], words: Words) -> str:
    inside = [text("h2", words.say("registration", "heading"))]
    if parts:
        inside.append(text("p", words.say("registration", "note"), class_="note"))
    else:
        inside.append(text("p", words.say("registration", "missing"), class_="note"))
    for part in parts:
        inside += [text("h3", part.title), paragraphs(part.text)]
    return element("section", *inside, class_="registration")
