"""``mahlan settings`` and ``mahlan campaigns check``: what an operator and a campaign writer are told."""

from __future__ import annotations

import dataclasses

import orjson

from mahlan.runtime.settings import Settings

SECRETS = {"MAHLAN_AUTHOR_SALT", "MAHLAN_KAFKA_PASSWORD", "MAHLAN_WEBHOOK_SECRETS"}


def rows(done) -> list[dict]:
    return [orjson.loads(line) for line in done.stdout.splitlines()]


def test_every_setting_is_listed_with_its_meaning(mahlan):
    found = {row["name"]: row for row in rows(mahlan("settings", env={"MAHLAN_SCORER_THREADS": "3"}))}
    assert len(found) == len(dataclasses.fields(Settings))
    assert found["MAHLAN_SCORER_THREADS"]["value"] == 3
    assert found["MAHLAN_SCORER_THREADS"]["default"] == 1
    assert all(row["meaning"] for row in found.values())


def test_secrets_are_masked(mahlan):
    done = mahlan("settings", env=dict.fromkeys(SECRETS, "hush-hush"))
    assert b"hush" not in done.stdout
    masked = {row["name"] for row in rows(done) if row["value"] == "********"}
    assert masked == SECRETS


def test_an_unset_secret_is_seen_to_be_unset(mahlan):
    assert {row["value"] for row in rows(mahlan("settings")) if row["name"] in SECRETS} == {""}


def test_the_campaign_that_comes_with_mahlan_is_right(mahlan):
    done = mahlan("campaigns", "check")
    (row,) = [row for row in rows(done) if row["id"] == "fakkar-eg"]
    assert done.returncode == 0
    assert row["ok"]
    assert "#Practicethepause" in row["hashtags"]


def test_a_wrong_campaign_is_told_by_file_and_key(mahlan, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('id = "mine"\ntitel = "x"\n', encoding="utf-8")
    done = mahlan("campaigns", "check", str(path), str(tmp_path / "nowhere.toml"))
    wrong, missing = rows(done)
    assert done.returncode == 1
    assert "titel" in wrong["error"]
    assert "title" in wrong["error"]
    assert "nowhere.toml" in missing["error"]
