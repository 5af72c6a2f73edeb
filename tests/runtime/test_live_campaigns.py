"""Campaign files that change while a service runs: taken over when they are right, and only then."""

from __future__ import annotations

from pathlib import Path

import pytest

from mahlan.campaign_files import Campaigns, LiveCampaigns
from mahlan.errors import CampaignError
from mahlan.runtime.http import Health
from mahlan.runtime.metrics import build_metrics
from mahlan.runtime.settings import Settings
from tests.core.policy_cases import CAMPAIGN_FILE

SHIPPED = CAMPAIGN_FILE.read_text(encoding="utf-8")


class Shelf:
    """A folder of campaigns, followed."""

    def __init__(self, folder: Path, **files: str) -> None:
        self.folder, self.health, self.metrics = folder, Health(), build_metrics()
        self.taken: list[Campaigns] = []
        self.write(**files or {"one": SHIPPED})
        settings = Settings(campaigns_dir=str(folder))
        self.live = LiveCampaigns(settings, self.health, self.metrics, "test")

    def write(self, **files: str) -> None:
        for name, text in files.items():
            (self.folder / f"{name}.toml").write_text(text, encoding="utf-8")

    def look(self, **files: str) -> Campaigns:
        self.write(**files)
        self.live.look(self.taken.append)
        return self.live.value

    def versions(self) -> list[str]:
        """The versions that the metric shows."""
        found = [sample for family in self.metrics.registry.collect() for sample in family.samples]
        return [each.labels["version"] for each in found if each.name == "mahlan_campaign_info"]


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path)


def test_a_change_is_taken_over_once_with_its_version(shelf):
    before = shelf.live.value.in_force
    after = shelf.look(one=SHIPPED.replace("per_day = 3", "per_day = 2")).in_force
    assert (before.nudge.per_day, after.nudge.per_day) == (3, 2)
    assert shelf.versions() == [after.version] != [before.version]
    shelf.look()
    assert [each.in_force for each in shelf.taken] == [after]


def test_a_wrong_file_changes_nothing_and_is_told_until_it_is_right(shelf):
    before = shelf.live.value
    assert shelf.look(one=SHIPPED.replace("per_day = 3", "per_dya = 3")) is before
    assert "per_dya" in shelf.health.detail["campaigns"]
    assert "line " in shelf.health.detail["campaigns"]
    assert shelf.look(one=SHIPPED) is before
    assert "campaigns" not in shelf.health.detail
    assert shelf.taken == []


def test_another_campaign_comes_beside_it_and_the_one_in_force_cannot_go(shelf):
    found = shelf.look(two=SHIPPED.replace('id = "fakkar-eg"', 'id = "two"'))
    assert set(found.all) == {"fakkar-eg", "two"}
    (shelf.folder / "one.toml").unlink()
    assert shelf.look() is found
    assert "no campaign 'fakkar-eg'" in shelf.health.detail["campaigns"]


def test_the_salt_of_the_holdout_cannot_change_while_it_runs(shelf):
    before = shelf.live.value
    assert shelf.look(one=SHIPPED.replace("-wave-1", "-wave-2")) is before
    assert "holdout.salt" in shelf.health.detail["campaigns"]
    assert shelf.look(one=SHIPPED.replace("share = 0.10", "share = 0.20")).in_force.holdout.share == 0.2


def test_what_is_wrong_at_the_start_is_raised(tmp_path):
    with pytest.raises(CampaignError, match=r"one\.toml"):
        Shelf(tmp_path, one="nothing")
