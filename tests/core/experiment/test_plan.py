"""The plan that a campaign file makes, and how it is shared out among languages and arms."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mahlan.campaign_files import read_campaign
from mahlan.core.experiment.plan import Plan, plan_of
from mahlan.core.messages import Creator
from mahlan.runtime.data import data_folder


@pytest.fixture
def campaign():
    return read_campaign(data_folder("campaigns") / "fakkar-eg.toml")


def test_a_campaign_file_makes_a_plan(campaign):
    plan = plan_of(campaign)
    assert (plan.holdout, plan.authors, plan.follow_up_days) == (0.1, 20_000, 7.0)
    assert plan.languages == campaign.languages
    assert plan.arms[0] == "plain"
    assert len(set(plan.arms)) == len(plan.arms)


def test_creators_are_an_arm_once_one_of_them_is_more_than_an_empty_seat(campaign):
    alone = replace(campaign, wording=campaign.wording[:1], creators=(Creator(id="creator-1", placeholder=True),))
    assert plan_of(alone).arms == ("plain",)
    assert plan_of(replace(alone, creators=(Creator(id="salma"),))).arms == ("plain", "creator")


def test_the_planned_authors_are_shared_out():
    plan = Plan(holdout=0.2, languages=("arz", "en"), arms=("plain", "norm"), authors=10_000)
    assert plan.authors_of_language() == 5000
    assert plan.authors_of_arm() == pytest.approx(2000 + 4000)
    assert plan.authors_of_two_arms() == pytest.approx(8000)
