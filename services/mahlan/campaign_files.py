"""Campaigns from their folder.

The scorer (for hashtags), the dispatcher, the gateway and insights follow them; the commands read them once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

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
    return _parsed(_texts(settings))


def load_campaign(settings: Settings) -> Campaign:
    """The campaign in force. Raises ``CampaignError`` naming those there are."""
    return _chosen(load_campaigns(settings), settings)


if TYPE_CHECKING:  # `mahlan check` needs no event loop
    from mahlan.runtime.followed import Followed
    from mahlan.runtime.http import Health

Whole = TypeVar("Whole")


@dataclass(frozen=True, slots=True)
class Campaigns:
    """The campaigns of the folder by id, and the one in force."""

    all: Mapping[str, Campaign]
    in_force: Campaign


Texts = dict[str, str]
"""What each file says, by its name."""


def follow_campaigns(
    settings: Settings, health: Health, changed: Callable[[Campaigns], None]
) -> Followed[Texts, Campaigns]:
    """The campaigns now, and whenever a file changes: ``changed`` is told. Raises ``CampaignError`` at the start.

    A file that is wrong, and one that moves the holdout of a campaign that goes on, leave all as they were.
    """
    from mahlan.runtime.followed import Followed

    known = _Known()

    def parse(texts: Texts) -> Campaigns:
        found = _parsed(texts)
        return known.checked(found, Campaigns(found, _chosen(found, settings)))

    return Followed("campaigns", lambda: _texts(settings), parse, health, changed)


def follow_all(
    settings: Settings, health: Health, changed: Callable[[Mapping[str, Campaign]], None]
) -> Followed[Texts, Mapping[str, Campaign]]:
    """As ``follow_campaigns``, by id, for whoever decides by none of them: none need be in force."""
    from mahlan.runtime.followed import Followed

    known = _Known()

    def parse(texts: Texts) -> Mapping[str, Campaign]:
        found = _parsed(texts)
        return known.checked(found, found)

    return Followed("campaigns", lambda: _texts(settings), parse, health, changed)


class _Known:
    """Every campaign there ever was, as it was last."""

    def __init__(self) -> None:
        self._last: dict[str, Campaign] = {}

    def checked(self, found: Mapping[str, Campaign], whole: Whole) -> Whole:
        """``whole``, unless a holdout moved."""
        for campaign in found.values():
            _check_frozen(self._last.get(campaign.id, campaign), campaign)
        self._last.update(found)
        return whole


def _texts(settings: Settings) -> Texts:
    return {path.name: read_text(path) for path in sorted(campaigns_folder(settings).glob("*.toml"))}


def _parsed(texts: Mapping[str, str]) -> dict[str, Campaign]:
    found: dict[str, Campaign] = {}
    for name, text in texts.items():
        campaign = parse_campaign(text, name)
        if campaign.id in found:
            raise CampaignError(f"{name}: id {campaign.id!r} is taken by another file; choose another id")
        found[campaign.id] = campaign
    return found


def _chosen(campaigns: Mapping[str, Campaign], settings: Settings) -> Campaign:
    if settings.campaign not in campaigns:
        there = ", ".join(campaigns) or "none"
        raise CampaignError(f"MAHLAN_CAMPAIGN: no campaign {settings.campaign!r} in the folder; there are: {there}")
    return campaigns[settings.campaign]


def _check_frozen(before: Campaign, after: Campaign) -> None:
    """Whoever was held out stays so: a group that changes on the way can no longer be compared with."""
    if before.holdout != after.holdout:
        raise CampaignError(
            f"{after.id}: share and salt of the holdout are fixed while the campaign runs; "
            "put them back, or begin a campaign with another id"
        )
