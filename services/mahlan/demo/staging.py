"""The campaign of a simulated week: a copy of the one in force, in the run's folder, with what a minute needs.

Decisions are made by the clock on the wall, so a week's caps would all fall into one minute; and in a minute nobody can
be followed for a week. So the copy asks without a pause, holds out more authors and follows them for a day. It has an
id of its own: nothing that is counted before or after is mixed with it. Called by the scenario.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from mahlan.campaign_files import campaigns_folder, load_campaign, read_campaign
from mahlan.core.campaign import Campaign
from mahlan.runtime.settings import Settings

#: An author is held out with this chance: of some hundred authors, enough on both sides to compare.
HOLDOUT = 0.5
#: A day is the least a campaign may follow an author for: those of the first days are counted when the week ends.
FOLLOW_UP_DAYS = 1
#: Authors entered, as a share of comments: where the intervals are narrowest.
PLANNED = 0.1
#: What stands for a creator's words, so that the comparison of creators has rows. Nobody is quoted.
CREATOR_WORDS = "[DEMO: a creator's own words stand here]"
#: Keys of the file that would keep a week in a minute from being what it is: dates, hours, audiences.
LEFT_OUT = ("starts", "ends", "quiet_hours", "audience", "surfaces")


def stage_campaign(settings: Settings, folder: Path, name: str, comments: int) -> Campaign:
    """Write all campaigns into ``folder``, and the staged copy of the one in force as ``name``; returns the copy.

    The others are there so that whatever else is on the Kafka keeps its terms. Raises ``CampaignError``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    original, wanted = "", load_campaign(settings).id
    for path in sorted(campaigns_folder(settings).glob("*.toml")):
        if read_campaign(path).id == wanted:
            original = path.read_text("utf-8")
        (folder / path.name).write_bytes(path.read_bytes())
    copy = folder / f"{name}.toml"
    copy.write_text(_written(_staged(tomllib.loads(original), name, comments)), "utf-8")
    return read_campaign(copy)


def _staged(table: dict[str, Any], name: str, comments: int) -> dict[str, Any]:
    kept = {key: value for key, value in table.items() if key not in LEFT_OUT}
    creators = [creator for creator in table.get("creators", []) if not creator.get("placeholder")]
    return {
        **kept,
        "id": name,
        "title": f"{table['title']} (demo: a simulated week)",
        "active": True,
        "nudge": {**table.get("nudge", {}), "per_day": 20, "cooldown_minutes": 0},
        "holdout": {"share": HOLDOUT, "salt": f"the salt of {name}"},
        "experiment": {"follow_up_days": FOLLOW_UP_DAYS, "planned_authors": max(100, round(comments * PLANNED))},
        "board": {"public": True},
        "creators": creators or [_creator(number, table["languages"]) for number in (1, 2)],
    }


def _creator(number: int, languages: list[str]) -> dict[str, Any]:
    messages = [{"language": language, "text": CREATOR_WORDS} for language in languages]
    consent = "none is needed: nobody is quoted"
    return {"id": f"demo-creator-{number}", "name": "[DEMO]", "consent": consent, "messages": messages}


def _written(table: Mapping[str, Any]) -> str:
    """As TOML, each key of the file on one line."""
    return "".join(f"{json.dumps(key)} = {_value(value)}\n" for key, value in table.items())


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        pairs = (f"{json.dumps(key, ensure_ascii=False)} = {_value(each)}" for key, each in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)
