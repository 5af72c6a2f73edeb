"""How ``mahlan campaigns check`` looks on a terminal.

Texts stand on lines of their own: a terminal that knows right-to-left script orders a line by its first letters, so
nothing in Latin letters may come before Arabic ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mahlan.cli.campaigns import Read
    from mahlan.core.campaign import Campaign
    from mahlan.core.messages import Words


def show(read: Read, *, preview: bool) -> None:
    """Print what was found, and with ``preview`` every wording."""
    from mahlan.cli.output import console

    out = console()
    if read.campaign is None:
        out.print(f"wrong  {read.path}", style="bold red")
        _list(out, read.problems, "")
        out.print()
        return
    out.print(f"right  {read.path}", style="bold green")
    _show_summary(out, read.campaign)
    _list(out, read.advice, "yellow")
    if preview:
        _show_wordings(out, read.campaign)
        _show_creators(out, read)
        _show_asides(out, read)
    out.print()


def _list(out: Any, problems: Any, style: str) -> None:
    for problem in problems:
        out.print(f"  {problem}", style=style)


def _show_summary(out: Any, campaign: Campaign) -> None:
    quiet = campaign.quiet_hours
    out.print(f"  id {campaign.id}, version {campaign.version}, {'active' if campaign.active else 'switched off'}")
    out.print(f"  {len(campaign.wording)} wordings in {', '.join(campaign.languages)}")
    asking = f"at most {campaign.nudge.per_day} a day, {campaign.nudge.cooldown_minutes} minutes apart"
    out.print(f"  {asking}, {campaign.holdout.share:.0%} held out")
    out.print(f"  quiet hours: {f'{quiet.starts} to {quiet.ends}' if quiet else 'none'}")
    for tag in campaign.hashtags.all:
        out.print(f"  {tag}")


def _show_wordings(out: Any, campaign: Campaign) -> None:
    for language in campaign.languages:
        out.print()
        out.print(f"language {language}", style="bold")
        for words in campaign.wording:
            if words.language == language:
                _show_words(out, words)


def _show_words(out: Any, words: Words) -> None:
    where = f", on {', '.join(words.surfaces)}" if words.surfaces else ""
    out.print(f"{words.id}: arm {words.arm}{where}", style="dim")
    out.print(f"  {words.text}", style="yellow")
    out.print(f"  {words.edit}", style="reverse")
    out.print(f"  {words.send}")
    out.print(f"  {words.dispute}", style="dim")


def _show_creators(out: Any, read: Read) -> None:
    assert read.campaign is not None
    for creator in read.campaign.creators:
        out.print()
        heard = "shown" if creator.may_speak(read.today) else "not shown"
        out.print(f"creator {creator.id}: {heard}", style="bold")
        for said in creator.messages:
            out.print(f"  {said.text}", style="yellow")


def _show_asides(out: Any, read: Read) -> None:
    campaign = read.campaign
    assert campaign is not None
    support, lesson = campaign.support, campaign.lesson
    _show_texts(out, "thanks, after a change", campaign.thanks.values())
    _show_texts(
        out, "support, where somebody may be in danger", [each.text for each in support.words] if support else ()
    )
    for place in support.help if support else ():
        shown = "shown" if place.is_fresh(read.today, support.expires_after_days if support else 0) else "not shown"
        out.print(f"  help {place.id}, {place.phone or place.url or 'no address'}: {shown}", style="dim")
    _show_texts(
        out, "lesson cards", [line for card in lesson.cards for line in (card.title, card.text)] if lesson else ()
    )


def _show_texts(out: Any, title: str, texts: Iterable[str]) -> None:
    for number, text in enumerate(texts):
        if not number:
            out.print()
            out.print(title, style="bold")
        out.print(f"  {text}", style="yellow")
