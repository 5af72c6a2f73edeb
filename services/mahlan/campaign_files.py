"""Campaigns from their folder. Called at start by the scorer (for hashtags), the dispatcher and the CLI."""

from __future__ import annotations

from pathlib import Path

from mahlan.core.campaign import Campaign
from mahlan.core.campaign_file import parse_campaign
from mahlan.errors import CampaignError
from mahlan.runtime.data import data_folder
from mahlan.runtime.settings import Settings


def campaigns_folder(settings: Settings) -> Path:
    """``MAHLAN_CAMPAIGNS_DIR``, or the folder that comes with mahlan."""
    return Path(settings.campaigns_dir) if settings.campaigns_dir else data_folder("campaigns")


def read_campaign(path: Path) -> Campaign:
    """One campaign file. Raises ``CampaignError`` naming the file and the key."""
    return parse_campaign(read_text(path), path.name)


def read_text(path: Path) -> str:
    """What the file says, without the mark that some editors put first. Raises ``CampaignError``."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise CampaignError(f"{path.name}: not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise CampaignError(f"{path.name}: cannot be read ({error.strerror})") from None


def load_campaigns(settings: Settings) -> dict[str, Campaign]:
    """Every campaign of the folder by id. Raises ``CampaignError``, also where two files share an id."""
    folder = campaigns_folder(settings)
    found: dict[str, Campaign] = {}
    for path in sorted(folder.glob("*.toml")):
        campaign = read_campaign(path)
        if campaign.id in found:
            raise CampaignError(f"{path.name}: id {campaign.id!r} is taken by another file; choose another id")
        found[campaign.id] = campaign
    return found


def load_campaign(settings: Settings) -> Campaign:
    """The campaign in force. Raises ``CampaignError`` naming those there are."""
    campaigns = load_campaigns(settings)
    if settings.campaign not in campaigns:
        there = ", ".join(campaigns) or "none"
        raise CampaignError(f"MAHLAN_CAMPAIGN: no campaign {settings.campaign!r} in the folder; there are: {there}")
    return campaigns[settings.campaign]
