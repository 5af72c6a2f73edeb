"""``mahlan campaigns``: is a campaign file right? For the people who write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mahlan.cli import brakes
from mahlan.cli.examples import Group
from mahlan.cli.output import emit_all, is_terminal, json_option


@click.group("campaigns", cls=Group, examples=("mahlan campaigns check",))
def command() -> None:
    """Campaign files, and the brakes that hold campaigns back."""


@command.command("check", examples=("mahlan campaigns check campaigns/fakkar-eg.toml",))
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@json_option
def check(files: tuple[Path, ...], as_json: bool) -> int:
    """Check campaign FILES; without any, all in the campaigns folder. The exit status is 1 when one is wrong."""
    rows = [_row(path) for path in files or _all_files()]
    if as_json or not is_terminal():
        emit_all(rows)
    else:
        for row in rows:
            _show(row)
    return 0 if all(row["ok"] for row in rows) else 1


def _all_files() -> list[Path]:
    from mahlan.campaign_files import campaigns_folder
    from mahlan.cli.runtime import settings_now
    from mahlan.errors import CampaignError

    folder = campaigns_folder(settings_now())
    found = sorted(folder.glob("*.toml"))
    if not found:
        raise CampaignError(f"no campaign files in {folder}")
    return found


def _row(path: Path) -> dict[str, Any]:
    from mahlan.campaign_files import read_campaign
    from mahlan.errors import CampaignError

    try:
        campaign = read_campaign(path)
    except CampaignError as error:
        return {"file": str(path), "ok": False, "error": str(error)}
    return {
        "file": str(path),
        "ok": True,
        "id": campaign.id,
        "version": campaign.version,
        "languages": campaign.languages,
        "wordings": len(campaign.wording),
        "hashtags": (*campaign.hashtags.current, *campaign.hashtags.earlier),
        "active": campaign.active,
        "holdout": campaign.holdout.share,
        "per_day": campaign.nudge.per_day,
        "cooldown_minutes": campaign.nudge.cooldown_minutes,
        "quiet_hours": f"{campaign.quiet_hours.starts}-{campaign.quiet_hours.ends}" if campaign.quiet_hours else None,
    }


def _show(row: dict[str, Any]) -> None:
    if not row["ok"]:
        click.secho(f"wrong  {row['file']}", fg="red", bold=True)
        click.echo(f"  {row['error']}")
        return
    click.secho(f"right  {row['file']}", fg="green", bold=True)
    click.echo(f"  id {row['id']}, version {row['version']}, {'active' if row['active'] else 'switched off'}")
    click.echo(f"  {row['wordings']} wordings in {', '.join(row['languages'])}")
    click.echo(
        f"  at most {row['per_day']} a day, {row['cooldown_minutes']} minutes apart, {row['holdout']:.0%} held out"
    )
    click.echo(f"  quiet hours: {row['quiet_hours'] or 'none'}")
    for tag in row["hashtags"]:
        click.echo(f"  {tag}")


for _command in (brakes.brakes, brakes.release, brakes.pause):
    command.add_command(_command)
