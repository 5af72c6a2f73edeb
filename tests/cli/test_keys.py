"""``mahlan keys``: shown once, listed without secrets, revoked, and two at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from mahlan.cli.keys import SCOPES
from mahlan.gateway import keys

PEPPER = "a pepper for tests"


@pytest.fixture
def run(mahlan: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    env = {"MAHLAN_GATEWAY_PEPPER": PEPPER, "MAHLAN_GATEWAY_KEYS_FILE": str(tmp_path / "folder" / "keys.toml")}

    def run(*arguments: str, **changes: str) -> Any:
        return mahlan("keys", *arguments, env={**env, **changes})

    return run


def rows(done: Any) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return [orjson.loads(line) for line in done.stdout.splitlines()]


def test_the_command_offers_the_scopes_there_are() -> None:
    assert SCOPES == keys.SCOPES


def test_a_key_is_made_shown_once_and_works(run: Callable[..., Any], tmp_path: Path) -> None:
    options = ("--origin", "https://site.example", "--platform", "site.example", "--rate", "5/minute", "--days", "30")
    (made,) = rows(run("new", "--name", "my site", "--scope", "check", "--scope", "outcomes", *options))
    file = tmp_path / "folder" / "keys.toml"
    assert file.stat().st_mode & 0o777 == 0o600
    assert made["key"] not in file.read_text("utf-8")
    (key,) = keys.parse_keys(file.read_bytes())
    assert keys.matches(made["key"], key.hash, PEPPER)
    assert (key.id, key.name, key.scopes, key.platform) == (
        made["id"],
        "my site",
        ("check", "outcomes"),
        "site.example",
    )
    assert (key.origins, key.rate) == (("https://site.example",), "5/minute")
    assert (key.expires - key.created).days == 30
    listed = run("list")
    assert made["key"].encode() not in listed.stdout
    (row,) = rows(listed)
    assert (row["id"], row["state"], row["scopes"]) == (made["id"], "active", ["check", "outcomes"])


def test_a_key_is_revoked_and_stays_in_the_list(run: Callable[..., Any]) -> None:
    first, second = (rows(run("new", "--name", name, "--scope", "check"))[0]["id"] for name in ("one", "two"))
    assert rows(run("revoke", first))[0]["state"] == "revoked"
    assert {row["id"]: row["state"] for row in rows(run("list"))} == {first: "revoked", second: "active"}
    assert run("revoke", "00000000").returncode == 2


@pytest.mark.parametrize(
    ("arguments", "changes", "says"),
    [
        (("new", "--name", "x"), {}, b"--scope"),
        (("new", "--name", "x", "--scope", "kanarya"), {}, b"'kanarya' is not one of"),
        (("new", "--name", "x", "--scope", "check", "--rate", "5"), {}, b"rate: must look like 50/second"),
        (("new", "--name", "x", "--scope", "check", "--origin", "site"), {}, b"must look like https://site.example"),
        (("new", "--name", "x", "--scope", "check"), {"MAHLAN_GATEWAY_PEPPER": "short"}, b"16 characters or more"),
        (("new", "--name", "x", "--scope", "check"), {"MAHLAN_GATEWAY_KEYS_FILE": ""}, b"MAHLAN_GATEWAY_KEYS_FILE"),
        (("new", "--name", "x", "--scope", "check"), {"MAHLAN_GATEWAY_KEYS_FILE": "/proc/x"}, b"cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said(
    run: Callable[..., Any], arguments: tuple[str, ...], changes: dict[str, str], says: bytes
) -> None:
    done = run(*arguments, **changes)
    assert done.returncode == 2
    assert says in done.stderr
    assert rows(run("list")) == []


def test_commands_at_once_lose_no_key(run: Callable[..., Any], environment: dict[str, str], tmp_path: Path) -> None:
    env = {
        **environment,
        "MAHLAN_GATEWAY_PEPPER": PEPPER,
        "MAHLAN_GATEWAY_KEYS_FILE": str(tmp_path / "folder" / "keys.toml"),
    }
    command = [sys.executable, "-m", "mahlan", "keys", "new", "--name", "x", "--scope", "check"]
    running = [subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL) for _ in range(6)]
    assert [process.wait(60) for process in running] == [0] * 6
    assert len(rows(run("list"))) == 6


def test_the_command_needs_no_web_framework() -> None:
    code = "import sys, mahlan.gateway.keys, mahlan.gateway.key_file; print({'litestar', 'uvicorn'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_once_makes_no_second_key_of_a_name_that_works(run: Callable[..., Any], tmp_path: Path) -> None:
    options = ("--once", "--name", "compose", "--scope", "check")
    (made,) = rows(run("new", *options))
    again = run("new", *options)
    assert rows(again) == []
    assert b"already" in again.stderr
    assert [row["id"] for row in rows(run("list"))] == [made["id"]]
    run("revoke", made["id"])
    assert len(rows(run("new", *options))) == 1
    assert len(rows(run("list"))) == 2
