"""Campaigns from their folder: once for a command, and followed for as long as a service runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mahlan.core.campaign import Campaign
from mahlan.core.campaign_file import parse_campaign
from mahlan.errors import CampaignError
from mahlan.runtime.data import data_folder
from mahlan.runtime.followed import EVERY, Followed
from mahlan.runtime.http import Health
from mahlan.runtime.metrics import Metrics
from mahlan.runtime.settings import Settings

Texts = Sequence[tuple[str, str]]
"""The name of each file and what it says."""


@dataclass(frozen=True, slots=True)
class Campaigns:
    """Every campaign of the folder by id, and the one in force."""

    all: Mapping[str, Campaign]
    in_force: Campaign


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
    return _parsed(_texts(campaigns_folder(settings)))


def load_campaign(settings: Settings) -> Campaign:
    """The campaign in force. Raises ``CampaignError`` naming those there are."""
    return _in_force(load_campaigns(settings), settings.campaign)


class LiveCampaigns:
    """The campaigns as their files say now; ``value`` changes between two looks and never within a batch.

    A file that is wrong changes nothing: what was in force stays, and the log and ``/readyz`` say why. The salt of a
    holdout is one of a campaign for as long as a process runs: another would share its authors out anew.
    """

    def __init__(self, settings: Settings, health: Health, metrics: Metrics, service: str) -> None:
        self._campaign = settings.campaign
        self._salts: dict[str, str] = {}
        self._metrics, self._service = metrics, service
        folder = campaigns_folder(settings)
        self._followed = Followed("campaigns", lambda: _texts(folder), self._parse, health)
        self._tell(None, self.value.in_force)

    @property
    def value(self) -> Campaigns:
        """What is in force now."""
        return self._followed.value

    async def run(self, changed: Callable[[Campaigns], None]) -> None:
        """Look every second until cancelled; ``changed`` is given what is new."""
        while True:
            await asyncio.sleep(EVERY)
            self.look(changed)

    def look(self, changed: Callable[[Campaigns], None]) -> None:
        """Take over what changed since the last look."""
        before = self.value
        self._followed.look()
        if self.value is not before:
            self._tell(before.in_force, self.value.in_force)
            changed(self.value)

    def _parse(self, texts: Texts) -> Campaigns:
        found = _parsed(texts)
        for campaign in found.values():
            if self._salts.setdefault(campaign.id, campaign.holdout.salt) != campaign.holdout.salt:
                told = "never changes while a campaign runs; put it back, give the campaign a new id, or start anew"
                raise CampaignError(f"{campaign.id}: holdout.salt: {told}")
        return Campaigns(found, _in_force(found, self._campaign))

    def _tell(self, before: Campaign | None, now: Campaign) -> None:
        if before is not None:
            self._metrics.campaign_info.remove(self._service, before.id, before.version)
        self._metrics.campaign_info.labels(self._service, now.id, now.version).set(1)


def _texts(folder: Path) -> Texts:
    return tuple((path.name, read_text(path)) for path in sorted(folder.glob("*.toml")))


def _parsed(texts: Texts) -> dict[str, Campaign]:
    found: dict[str, Campaign] = {}
    for name, text in texts:
        campaign = parse_campaign(text, name)
        if campaign.id in found:
            raise CampaignError(f"{name}: id {campaign.id!r} is taken by another file; choose another id")
        found[campaign.id] = campaign
    return found


def _in_force(campaigns: Mapping[str, Campaign], name: str) -> Campaign:
    if name not in campaigns:
        there = ", ".join(campaigns) or "none"
        raise CampaignError(f"MAHLAN_CAMPAIGN: no campaign {name!r} in the folder; there are: {there}")
    return campaigns[name]
