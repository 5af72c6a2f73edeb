"""Keys over HTTP: where they may stand, scopes, origins, rates, revoking; and no key at all on this machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from mahlan.errors import SettingsError
from mahlan.gateway.access import check_loopback
from mahlan.gateway.app import routes
from mahlan.gateway.document import render
from mahlan.gateway.keys import new_secret
from mahlan.runtime.settings import Settings
from tests.gateway.stage import FRIENDLY, Answer, Stage

BODY = {"comment_id": "c-1", "text": FRIENDLY, "author_key": "author-1", "record": False}
SITE = "https://site.example"
EVERY_ROUTE = [
    ("POST", "/v1/checks", "check"),
    ("POST", "/v1/comments", "publish"),
    ("POST", "/v1/nudges/" + "0" * 32 + "/outcomes", "outcomes"),
    ("GET", "/v1/nudges/stream", "stream"),
    ("DELETE", "/v1/authors/somebody/data", "erase"),
    ("GET", "/v1/board", "board"),
    ("GET", "/v1/board/fakkar-eg", "board"),
]
OF_OTHERS = [
    ("POST", "/v1alpha1/comments:analyze", "score"),
    ("POST", "/v1alpha1/comments:suggestscore", "score"),
    ("POST", "/v1/moderations", "score"),
]


async def ask(stage: Stage, **options: Any) -> Answer:
    return await stage.ask("POST", "/v1/checks", json=BODY, **options)


@pytest.mark.parametrize(("method", "path", "scope"), EVERY_ROUTE)
async def test_every_route_wants_a_key_with_its_scope(stage: Stage, method: str, path: str, scope: str) -> None:
    without = await stage.ask(method, path, key=None)
    assert (without.status, without.code) == (401, "unauthorized")
    assert without.headers["www-authenticate"] == 'Bearer realm="mahlan"'
    others = [name for name in ("check", "publish", "outcomes", "stream", "erase", "score", "board") if name != scope]
    key = stage.add_key(*others)
    await stage.until_known(key)
    wrong = await stage.ask(method, path, key=key)
    assert (wrong.status, wrong.code) == (403, "forbidden")
    assert wrong.json["detail"] == f"this key has not the scope {scope}"


@pytest.mark.parametrize(("method", "path", "scope"), OF_OTHERS)
async def test_so_do_those_that_speak_others_formats(stage: Stage, method: str, path: str, scope: str) -> None:
    assert (await stage.ask(method, path, key=None)).status == 401
    key = stage.add_key("check", "publish", "outcomes", "stream", "erase")
    await stage.until_known(key)
    wrong = await stage.ask(method, path, key=key)
    assert (wrong.status, f"has not the scope {scope}" in wrong.json["error"]["message"]) == (403, True)


def test_no_route_is_forgotten_here() -> None:
    documented = orjson.loads(render(routes()))["paths"]
    closed = {path for path, item in documented.items() if any(one.get("security") != [] for one in item.values())}
    asked = {path.replace("0" * 32, "{nudge_id}").replace("somebody", "{author_key}").replace("fakkar-eg", "{campaign}")
             for _, path, _ in (*EVERY_ROUTE, *OF_OTHERS)}  # fmt: skip
    assert closed == asked
    assert set(documented) - closed == {"/$discovery/rest", "/v1/public-board/{campaign}"}


async def test_a_key_may_stand_in_four_places(stage: Stage) -> None:
    for headers in (
        {"Authorization": f"Bearer {stage.key}"},
        {"authorization": f"bearer {stage.key}"},
        {"X-API-Key": stage.key},
        {"x-goog-api-key": stage.key},
    ):
        assert (await ask(stage, key=None, headers=headers)).status == 200
    answer = await stage.ask("POST", f"/v1/checks?key={stage.key}", json=BODY, key=None)
    assert answer.status == 200


async def test_what_is_not_a_key_is_refused(stage: Stage) -> None:
    unknown, _ = new_secret()
    altered = stage.key[:-1] + ("A" if stage.key[-1] != "A" else "B")
    for wrong in (unknown, altered, stage.key[:-1], stage.key + "A", "", "é", stage.key.upper()):
        answer = await ask(stage, key=None, headers={"X-API-Key": wrong})
        assert (answer.status, answer.code) == (401, "unauthorized")
        assert not wrong or wrong.encode() not in answer.body
    # The first place that holds something counts: a wrong bearer is not made good by another header.
    assert (await ask(stage, key=unknown, headers={"X-API-Key": stage.key})).status == 401


async def test_an_expired_and_a_revoked_key_are_refused_as_if_there_were_none(stage: Stage) -> None:
    expires = stage.add_key("check", expires=stage.clock.now + timedelta(days=1))
    await stage.until_known(expires)
    assert (await ask(stage, key=expires)).status == 200
    stage.clock.forward(days=2)
    assert (await ask(stage, key=expires)).code == "unauthorized"
    stage.keys[0] = replace(stage.keys[0], revoked=stage.clock.now)
    stage.write_keys()
    await stage.until_known(stage.key, known=False)
    assert (await ask(stage)).code == "unauthorized"


async def test_a_file_that_cannot_be_used_leaves_the_keys_as_they_were(stage: Stage) -> None:
    file = stage.folder / "keys.toml"
    good = file.read_text("utf-8")
    for bad in ('[[key]]\nid = "kanarya"\n', "kanarya = [", "", None):
        if bad is None:
            file.unlink()
        else:
            file.write_text(bad, "utf-8")
        if bad != "":
            await stage.until(lambda: "keys" in stage.health.detail)
            assert "kanarya" not in stage.health.detail["keys"]
            assert (await ask(stage)).status == 200
        file.write_text(good, "utf-8")
        await stage.until(lambda: "keys" not in stage.health.detail)
        await stage.until_known(stage.key)


async def test_a_pace_is_kept_for_each_key(stage: Stage) -> None:
    slow, other = stage.add_key("check", rate="3/hour"), stage.add_key("check", rate="3/hour")
    await stage.until_known(other)  # one of its three, whatever came of it
    assert [(await ask(stage, key=slow)).status for _ in range(4)] == [200, 200, 200, 429]
    told = await ask(stage, key=slow)
    assert told.code == "rate_limited"
    assert 3500 < int(told.headers["retry-after"]) <= 3600
    assert (await ask(stage, key=other)).status == 200


async def test_a_page_may_use_a_key_of_its_own_site_only(stage: Stage) -> None:
    key = stage.add_key("check", origins=(SITE,))
    await stage.until_known(key)
    mine = await ask(stage, key=key, headers={"origin": SITE})
    assert (mine.status, mine.headers["access-control-allow-origin"]) == (200, SITE)
    assert mine.headers["vary"] == "Origin"
    other = await ask(stage, key=key, headers={"origin": "https://evil.example"})
    assert (other.status, other.json["field"]) == (403, "Origin")
    assert "access-control-allow-origin" not in other.headers
    # A key for servers is of no use in any page, not even of a site that has a key of its own.
    assert (await ask(stage, headers={"origin": SITE})).status == 403
    # An error can be read by the page too.
    bad = await stage.ask("POST", "/v1/checks", json={}, key=key, headers={"origin": SITE})
    assert (bad.status, bad.headers["access-control-allow-origin"]) == (400, SITE)


async def test_a_preflight_is_answered_for_the_origins_of_all_keys(stage: Stage) -> None:
    key = stage.add_key("check", origins=(SITE,))
    await stage.until_known(key)
    preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    mine = await stage.ask("OPTIONS", "/v1/checks", key=None, headers={"origin": SITE, **preflight})
    assert (mine.status, mine.headers["access-control-allow-origin"]) == (204, SITE)
    assert "authorization" in mine.headers["access-control-allow-headers"]
    other = await stage.ask("OPTIONS", "/v1/checks", key=None, headers={"origin": "https://evil.example", **preflight})
    assert other.status == 400
    assert "access-control-allow-origin" not in other.headers


async def test_without_keys_this_machine_may_do_everything_and_no_other_site(tmp_path: Path) -> None:
    async with Stage(tmp_path, {"gateway_auth": "off", "gateway_keys_file": ""}).running() as stage:
        assert (await ask(stage, key=None)).status == 200
        local = await ask(stage, key=None, headers={"origin": "http://localhost:5173"})
        assert local.headers["access-control-allow-origin"] == "http://localhost:5173"
        for headers in (
            {"origin": "https://evil.example"},
            {"origin": "null"},
            {"origin": "http://127.0.0.1.evil.example"},
            {"host": "evil.example"},
            {"host": "127.0.0.1.evil.example:80"},
        ):
            assert (await ask(stage, key=None, headers=headers)).status == 403, headers


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "gateway.example", "", "127.0.0.1.evil.example"])
def test_without_keys_the_gateway_refuses_to_listen_elsewhere(host: str) -> None:
    with pytest.raises(SettingsError, match="MAHLAN_GATEWAY_AUTH=off serves this machine alone"):
        check_loopback(Settings(gateway_auth="off", gateway_host=host))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_without_keys_it_listens_on_loopback(host: str) -> None:
    check_loopback(Settings(gateway_auth="off", gateway_host=host))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"gateway_keys_file": ""}, "MAHLAN_GATEWAY_KEYS_FILE is not set"),
        ({"gateway_keys_file": "/nowhere/keys.toml"}, "MAHLAN_GATEWAY_KEYS_FILE cannot be read"),
        ({"gateway_pepper": "short"}, "MAHLAN_GATEWAY_PEPPER must have 16 characters"),
    ],
)
async def test_keys_that_cannot_work_are_told_at_the_start(tmp_path: Path, options: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        async with Stage(tmp_path, options).running():
            pytest.fail("it must not start")
