"""The page of ``mahlan campaigns check --html``: every wording as an author reads it, Arabic first, English beside.

One file that loads nothing and runs nothing. Elements are built, not written, so that no text can become markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, tostring

from mahlan.core.messages import direction_of

if TYPE_CHECKING:
    from mahlan.cli.campaigns import Read
    from mahlan.core.campaign import Campaign
    from mahlan.core.campaign_file import Problem
    from mahlan.core.messages import Words

Child = Element | str

#: Languages as those who speak them call them, and in English.
LANGUAGES = {
    "arz": ("العامية المصرية", "Egyptian Arabic"),
    "ar": ("العربية الفصحى", "Standard Arabic"),
    "arz-Latn": ("عربيزي", "Arabizi"),
    "en": ("الإنجليزية", "English"),
}
ARMS = {
    "plain": ("السؤال وحده", "plain"),
    "highlight": ("الكلمات مُعلَّمة", "words marked"),
    "norm": ("روح المكان", "what this place tries to be"),
    "creator": ("مع صانع محتوى", "with a creator"),
}
SURFACES = {
    "comment": ("تعليق", "comment"),
    "reply": ("رد", "reply"),
    "caption": ("وصف", "caption"),
    "share": ("مشاركة", "share"),
    "live_chat": ("محادثة مباشرة", "live chat"),
    "message": ("رسالة", "message"),
    "transcript": ("تسجيل أو فيلم", "recording or film"),
}
SHOWN, HIDDEN = ("يظهر", "shown"), ("لا يظهر", "not shown")


def page(found: Sequence[Read]) -> str:
    """The whole document."""
    css = Path(__file__).with_name("campaign_page.css").read_text(encoding="utf-8")
    head = make(
        "head",
        "",
        make("meta", charset="utf-8"),
        make("meta", name="viewport", content="width=device-width, initial-scale=1"),
        make("title", "", "معاينة الحملات – Campaign preview"),
        make("style", "", css),
    )
    lead = both("كل صياغة كما يقرؤها أصحاب التعليقات. تُقرأ قبل أن تظهر لأحد.", "Every wording as its authors read it.")
    main = make(
        "main",
        "",
        make("h1", "", both("معاينة الحملات", "Campaign preview")),
        make("p", "lead", lead),
        *map(_campaign, found),
    )
    document = make("html", "", head, make("body", "", main), lang="ar", dir="rtl")
    return "<!doctype html>\n" + tostring(document, encoding="unicode", method="html") + "\n"


def make(tag: str, kind: str = "", *children: Child, **attributes: str) -> Element:
    """An element with a class (or none), children and attributes."""
    element = Element(tag, ({"class": kind} if kind else {}) | attributes)
    for child in children:
        if isinstance(child, Element):
            element.append(child)
        elif len(element):
            element[-1].tail = (element[-1].tail or "") + child
        else:
            element.text = (element.text or "") + child
    return element


def both(arabic: str, english: str, kind: str = "") -> Element:
    """A label in Arabic with its English beside it."""
    told = make("span", "", english, lang="en", dir="ltr")
    return make("span", f"both {kind}".strip(), make("span", "", arabic), told)


def said(tag: str, kind: str, text: str, language: str) -> Element:
    """Words of the campaign, in their own language and direction."""
    return make(tag, kind, text, lang=language, dir=direction_of(text))


def _campaign(read: Read) -> Element:
    campaign = read.campaign
    if campaign is None:
        title = make("h2", "", both(f"غير صحيح: {read.path.name}", "to be put right"))
        return make("section", "campaign wrong", title, _told(read.problems))
    return make(
        "section",
        "campaign",
        make("h2", "", campaign.title, dir=direction_of(campaign.title)),
        _facts(campaign),
        make("ul", "tags", *(make("li", "", tag, dir="auto") for tag in campaign.hashtags.all)),
        _told(read.advice),
        *(each for language in campaign.languages for each in _spoken(campaign, language)),
        *_creators(read),
        *_asides(read),
    )


def _told(problems: Sequence[Problem]) -> Element:
    items = []
    for problem in problems:
        place = both(f"سطر {problem.line}", f"line {problem.line}") if problem.line else ""
        words = make("span", "", make("code", "", problem.key), f" {problem.told}", lang="en", dir="ltr")
        items.append(make("li", "", place, " ", words))
    return make("ul", "told", *items)


def _facts(campaign: Campaign) -> Element:
    quiet, nudge = campaign.quiet_hours, campaign.nudge
    days = f"{campaign.starts or '…'} – {campaign.ends or '…'}"
    rows = [
        (("الاسم", "id"), campaign.id),
        (("النسخة", "version"), campaign.version),
        (("الأيام", "days"), days if campaign.starts or campaign.ends else "∞"),
        (("أكثر مرات السؤال في اليوم", "asked a day, at most"), str(nudge.per_day)),
        (("دقائق بين مرتين", "minutes apart"), str(nudge.cooldown_minutes)),
        (("لا يُسألون للمقارنة", "held out to compare"), f"{campaign.holdout.share:.0%}"),
        (("ساعات الهدوء", "quiet hours"), f"{quiet.starts} – {quiet.ends}" if quiet else "–"),
    ]
    return make(
        "dl",
        "facts",
        *(make("div", "", make("dt", "", both(*name)), make("dd", "", make("bdi", "", told))) for name, told in rows),
    )


def _spoken(campaign: Campaign, language: str) -> list[Element]:
    rows = [words for words in campaign.wording if words.language == language]
    title = make("h3", "", both(*LANGUAGES.get(language, (language, language))))
    return [title, make("div", "cards", *map(_words, rows))] if rows else []


def _words(words: Words) -> Element:
    where = [both(*SURFACES[surface], "badge") for surface in words.surfaces]
    caption = make("figcaption", "", both(*ARMS[words.arm], "badge arm"), *where, make("bdi", "", words.id))
    acts = make(
        "div",
        "acts",
        make("span", "main", words.edit),
        make("span", "", words.send),
        make("span", "plain", words.dispute),
    )
    nudge = make("div", "nudge", make("p", "ask", words.text), acts, lang=words.language, dir=direction_of(words.text))
    return make("figure", "seen", caption, nudge)


def _creators(read: Read) -> list[Element]:
    assert read.campaign is not None
    cards = []
    for creator in read.campaign.creators:
        texts = [said("p", "", words.text, words.language) for words in creator.messages]
        name = make("p", "title", creator.name, dir="auto")
        cards.append(_seat(creator.id, name, *texts, shown=creator.may_speak(read.today)))
    return _section(("صُنّاع المحتوى", "Creators"), cards)


def _seat(name: str, *body: Element, shown: bool) -> Element:
    """Something that is shown from one day to another, and says whether it is today."""
    badge = both(*(SHOWN if shown else HIDDEN), "badge" if shown else "badge off")
    caption = make("figcaption", "", make("bdi", "", name), badge)
    return make("figure", "seen" if shown else "seen hidden", caption, make("div", "nudge", *body))


def _asides(read: Read) -> list[Element]:
    campaign = read.campaign
    assert campaign is not None
    thanks = [_aside(language, said("p", "ask", text, language)) for language, text in campaign.thanks.items()]
    words = campaign.support.words if campaign.support else ()
    support = [_aside(each.language, said("p", "ask", each.text, each.language)) for each in words]
    cards = [
        _aside(card.language, said("p", "title", card.title, card.language), said("p", "", card.text, card.language))
        for card in (campaign.lesson.cards if campaign.lesson else ())
    ]
    return [
        *_section(("شكر بعد المراجعة", "Thanks, after a change"), thanks),
        *_section(("سند لمن قد يكون في خطر", "Support, where somebody may be in danger"), [*support, *_help(read)]),
        *_section(("بطاقات تعلّم", "Lesson cards"), cards),
    ]


def _help(read: Read) -> list[Element]:
    assert read.campaign is not None
    support, cards = read.campaign.support, []
    for place in support.help if support else ():
        shown = place.is_fresh(read.today, support.expires_after_days if support else 0)
        names = [said("p", "", name, language) for language, name in place.name.items()]
        number = make("p", "title", place.phone or place.url or "–", dir="ltr")
        cards.append(_seat(place.id, number, *names, shown=shown))
    return cards


def _aside(language: str, *body: Element) -> Element:
    caption = make("figcaption", "", both(*LANGUAGES.get(language, (language, language))))
    return make("figure", "seen", caption, make("div", "nudge", *body))


def _section(title: tuple[str, str], cards: Sequence[Element]) -> list[Element]:
    return [make("h3", "", both(*title)), make("div", "cards", *cards)] if cards else []
