"""Settings: a typo is an error with the nearest name, a bad value names its variable and is never repeated."""

from __future__ import annotations

from dataclasses import fields

import pytest

from mahlan.errors import SettingsError
from mahlan.runtime.settings import PREFIX, Settings, read_settings, setting_name
from mahlan.runtime.settings_table import described_settings

CANARY = "qanary7391"


def refused(environment):
    with pytest.raises(SettingsError) as caught:
        read_settings(environment)
    return str(caught.value)


def test_nothing_set_is_every_default():
    assert read_settings({}) == Settings()


def test_other_programs_variables_are_left_alone():
    assert read_settings({"PATH": "/bin", "MAHLANX": "1", "KAFKA_OPTS": "x"}) == Settings()


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("MAHLAN_BOOTSTRAP_SERVER", "MAHLAN_BOOTSTRAP_SERVERS"),
        ("MAHLAN_AUTOR_SALT", "MAHLAN_AUTHOR_SALT"),
        ("MAHLAN_SCORER_THREAD", "MAHLAN_SCORER_THREADS"),
    ],
)
def test_an_unknown_setting_suggests_the_nearest(typo, meant):
    told = refused({typo: CANARY})
    assert typo in told
    assert f"did you mean {meant}?" in told
    assert CANARY not in told


def test_an_unknown_setting_like_nothing_points_at_the_list():
    assert "`mahlan settings`" in refused({"MAHLAN_ZZZZZZZZZZZZ": "1"})


def test_all_unknown_settings_are_told_at_once():
    told = refused({"MAHLAN_ONE_X": "1", "MAHLAN_TWO_Y": "2"})
    assert "MAHLAN_ONE_X" in told
    assert "MAHLAN_TWO_Y" in told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAHLAN_PORT", CANARY),
        ("MAHLAN_PORT", "65536"),
        ("MAHLAN_PARTITIONS", "0"),
        ("MAHLAN_PARTITIONS", "1.5"),
        ("MAHLAN_SESSION_TIMEOUT", "-1"),
        ("MAHLAN_SESSION_TIMEOUT", "nan"),
        ("MAHLAN_LOG_LEVEL", CANARY),
        ("MAHLAN_KAFKA_SECURITY_PROTOCOL", CANARY),
        ("MAHLAN_GROUP_PREFIX", ""),
        ("MAHLAN_WEBHOOK_ALLOW_PRIVATE", CANARY),
    ],
)
def test_a_bad_value_names_the_variable_and_not_the_value(name, value):
    told = refused({name: value})
    assert name in told
    assert CANARY not in told


@pytest.mark.parametrize(("text", "meant"), [("true", True), ("1", True), ("false", False), ("0", False)])
def test_switches_are_read(text, meant):
    assert read_settings({"MAHLAN_WEBHOOK_ALLOW_PRIVATE": text}).webhook_allow_private is meant


def test_kafkas_own_variable_wins_unless_it_is_empty():
    ours = {"MAHLAN_BOOTSTRAP_SERVERS": "ours:1"}
    assert read_settings(ours).bootstrap_servers == "ours:1"
    assert read_settings({**ours, "KAFKA_BOOTSTRAP_SERVERS": "theirs:2"}).bootstrap_servers == "theirs:2"
    assert read_settings({**ours, "KAFKA_BOOTSTRAP_SERVERS": ""}).bootstrap_servers == "ours:1"


def test_a_heartbeat_too_rare_for_the_session_is_refused():
    told = refused({"MAHLAN_SESSION_TIMEOUT": "6", "MAHLAN_HEARTBEAT_INTERVAL": "3"})
    assert "MAHLAN_HEARTBEAT_INTERVAL" in told


def test_every_setting_has_a_meaning_a_type_and_a_default():
    rows = described_settings()
    assert [row["name"] for row in rows] == [setting_name(field.name) for field in fields(Settings)]
    for row in rows:
        assert row["name"].startswith(PREFIX)
        assert len(row["meaning"]) > 10, row["name"]
        assert row["type"], row["name"]
        assert row["default"] is not None, row["name"]


def test_defaults_given_as_text_mean_the_same():
    environment = {row["name"]: _as_text(row["default"]) for row in described_settings()}
    assert read_settings(environment) == Settings()


def _as_text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_secrets_have_no_default():
    rows = [row for row in described_settings() if "secret" in row["meaning"]]
    assert {row["name"] for row in rows} >= {"MAHLAN_AUTHOR_SALT", "MAHLAN_KAFKA_PASSWORD", "MAHLAN_WEBHOOK_SECRETS"}
    assert all(row["default"] == "" for row in rows)
