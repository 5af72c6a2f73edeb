"""Words that are changed while the gateway answers."""

from __future__ import annotations

from tests.gateway.stage import CAMPAIGN, Stage


async def test_a_campaign_file_is_followed_while_checks_come_in(stage: Stage) -> None:
    path = stage.folder / "campaigns" / f"{CAMPAIGN}.toml"
    text = path.read_text("utf-8")
    first = (await stage.check()).json
    assert first["decision"] == "nudge"
    path.write_text(text.replace("active = true", "active = false"), "utf-8")
    await stage.until(lambda: not stage.parts().checking.campaign.active)
    off = (await stage.check("c-2", author_key="author-2")).json
    assert (off["reason"], off["campaign_version"] != first["campaign_version"]) == ("campaign_inactive", True)
    assert (await stage.check()).json == first, "who was asked has the answer they had"
    path.write_text(text.replace("active = true", "active = maybe"), "utf-8")
    await stage.until(lambda: "campaigns" in stage.health.detail)
    assert (await stage.check("c-3", author_key="author-3")).json["campaign_version"] == off["campaign_version"]
    told = {"outcome": "revised", "comment_id": "c-1", "author_key": "author-1"}
    assert (await stage.ask("POST", f"/v1/nudges/{first['nudge_id']}/outcomes", json=told)).status == 202
