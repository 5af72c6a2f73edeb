"""``mahlan campaigns``: is a campaign file right, and what will its authors see? For the people who write them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mahlan.cli import brakes
from mahlan.cli.examples import Group
from mahlan.cli.output import emit_all, is_terminal, json_option, note

if TYPE_CHECKING:
    from datetime import date

    from mahlan.core.campaign import Campaign
    from mahlan.core.campaign_file import Problem


@dataclass(frozen=True, slots=True)
class Read:
    """One file as it was checked on ``today``: its campaign where it is right, else problems; and what to look at."""

    path: Path
    campaign: Campaign | None
    problems: Sequence[Problem]
    advice: Sequence[Problem]
    today: date


@click.group("campaigns", cls=Group, examples=("mahlan campaigns check",))
def command() -> None:
    """Campaign files, and the brakes that hold campaigns back."""


@command.command(
    "check",
    examples=(
        "mahlan campaigns check campaigns/fakkar-eg.toml --preview",
        "mahlan campaigns check --html campaigns.html",
    ),
)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--preview", is_flag=True, help="Show every wording as its authors would read it.")
@click.option("--html", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Write a preview page.")
@json_option
def check(files: tuple[Path, ...], preview: bool, html: Path | None, as_json: bool) -> int:
    """Check campaign FILES; without any, all in the campaigns folder. The exit status is 1 when one is wrong.

    Every problem is told with its line. Advice is no problem: a creator's empty seat, help that grows old. The page of
    --html is one file that loads nothing, to be sent to whoever reads the words before they are shown.
    """
    found = [_read(path) for path in files or _all_files()]
    if as_json or not is_terminal():
        emit_all(_row(each) for each in found)
    else:
        from mahlan.cli.campaign_view import show

        for each in found:
            show(each, preview=preview)
    if html is not None:
        from mahlan.cli.campaign_page import page

        html.write_text(page(found), encoding="utf-8")
        note(f"wrote {html}")
    return 0 if all(each.campaign for each in found) else 1


def _all_files() -> list[Path]:
    from mahlan.campaign_files import campaigns_folder
    from mahlan.cli.runtime import settings_now
    from mahlan.errors import CampaignError

    folder = campaigns_folder(settings_now())
    found = sorted(folder.glob("*.toml"))
    if not found:
        raise CampaignError(f"no campaign files in {folder}: MAHLAN_CAMPAIGNS_DIR names the folder")
    return found


def _read(path: Path) -> Read:
    from datetime import UTC, datetime

    from mahlan.campaign_files import read_text
    from mahlan.core.campaign_advice import advice
    from mahlan.core.campaign_file import Problem, check_text, located
    from mahlan.errors import CampaignError

    now = datetime.now(UTC)
    try:
        text = read_text(path)
    except CampaignError as error:
        return Read(path, None, [Problem(None, "", str(error))], [], now.date())
    checked = check_text(text)
    if checked.campaign is None:
        return Read(path, None, checked.problems, [], now.date())
    today = checked.campaign.day_of(now)
    return Read(path, checked.campaign, [], located(advice(checked.campaign, today), text), today)


def _row(read: Read) -> dict[str, Any]:
    campaign = read.campaign
    if campaign is None:
        told = "\n".join(map(str, read.problems))
        problems = [asdict(problem) for problem in read.problems]
        return {"file": str(read.path), "ok": False, "error": told, "problems": problems}
    quiet = campaign.quiet_hours
    return {
        "file": str(read.path),
        "ok": True,
        "id": campaign.id,
        "version": campaign.version,
        "languages": campaign.languages,
        "wordings": len(campaign.wording),
        "arms": sorted({words.arm for words in campaign.wording}),
        "hashtags": campaign.hashtags.all,
        "active": campaign.active,
        "holdout": campaign.holdout.share,
        "per_day": campaign.nudge.per_day,
        "cooldown_minutes": campaign.nudge.cooldown_minutes,
        "quiet_hours": f"{quiet.starts}-{quiet.ends}" if quiet else None,
        "advice": [asdict(each) for each in read.advice],
    }


for _command in (brakes.brakes, brakes.release, brakes.pause):
    command.add_command(_command)
