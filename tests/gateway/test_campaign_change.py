"""A campaign's file changes while the gateway runs: the next check goes by it; a mistake changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from mahlan.runtime.settings import Settings
from tests.gateway.stage import CAMPAIGN, Stage


def file_of(stage: Stage) -> Path:
    return stage.folder / "campaigns" / f"{CAMPAIGN}.toml"


async def test_new_words_and_caps_count_at_once_and_are_in_the_version(stage: Stage) -> None:
    before = (await stage.check("c-1", author_key="author-1")).json
    text = file_of(stage).read_text("utf-8")
    assert "\nactive = true" in text
    file_of(stage).write_text(text.replace("\nactive = true", "\nactive = false"), "utf-8")
    await stage.until(lambda: not stage.parts().campaigns[CAMPAIGN].active)
    after = (await stage.check("c-2", author_key="author-2")).json
    assert (before["decision"], after["decision"], after["reason"]) == ("nudge", "none", "campaign_inactive")
    assert before["campaign_version"] != after["campaign_version"]
    told = {name: stage.counted("mahlan_campaign_info", campaign=CAMPAIGN, version=name) for name in
            (before["campaign_version"], after["campaign_version"])}  # fmt: skip
    assert list(told.values()) == [0, 1]
    # What was answered before stays so.
    again = (await stage.check("c-1", author_key="author-1")).json
    assert (again["decision"], again["campaign_version"]) == ("nudge", before["campaign_version"])


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("\nactive = true", "\nactive = maybe", "TOML"),
        ("per_day = 3", "per_day = 0", "per_day"),
        ('salt = "', 'salt = "another-', "fixed while the campaign runs"),
        (f'id = "{CAMPAIGN}"', 'id = "another"', "no campaign"),
    ],
)
async def test_a_mistake_changes_nothing_and_stands_in_readyz(stage: Stage, before: str, after: str, says: str) -> None:
    version = (await stage.check("c-1", author_key="author-1")).json["campaign_version"]
    right = file_of(stage).read_text("utf-8")
    assert before in right
    file_of(stage).write_text(right.replace(before, after, 1), "utf-8")
    await stage.until(lambda: "campaigns" in stage.health.detail)
    assert says in stage.health.detail["campaigns"]
    answer = (await stage.check("c-2", author_key="author-2")).json
    assert (answer["decision"], answer["campaign_version"]) == ("nudge", version)
    file_of(stage).write_text(right, "utf-8")
    await stage.until(lambda: "campaigns" not in stage.health.detail)


def test_the_shipped_campaign_is_the_one_that_serves_by_default() -> None:
    assert Settings().campaign == CAMPAIGN
