"""From the text of a campaign file to a ``Campaign``, or to problems that a non-coder can act on.

Called by the services, through ``campaign_files.py``, and by ``mahlan campaigns check``.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from mahlan.core.campaign import Campaign
from mahlan.core.campaign_meaning import CHECKS
from mahlan.core.campaign_shape import Trouble, shape_troubles
from mahlan.core.campaign_source import Place, Source, read_source
from mahlan.core.entities import fold_hashtag
from mahlan.errors import CampaignError

#: Stands in for keys that are wrong, so that what does not depend on them is checked all the same.
_STAND_IN: Mapping[str, Any] = {
    "id": "x",
    "title": "x",
    "languages": ["en"],
    "hashtags": {"current": ["#x"]},
    "holdout": {"share": 0.1, "salt": "a stand-in"},
    "wording": [{"id": "x", "language": "en", "text": "x", "edit": "x", "send": "x", "dispute": "x"}],
}
#: What tomllib says, and what to do about it.
_SYNTAX = (
    ("Unterminated string", "a quote is missing at the end of the text"),
    ("Illegal character '\\n'", "a quote is missing at the end of the text"),
    ("Expected '=' after a key", "write key = value: the = is missing"),
    ("Cannot overwrite", "this key was written before; keep one of them"),
    ("twice", "this table was written before; keep one of them"),
    ("Cannot declare", "this table was written before; keep one of them"),
    ("Unclosed array", "a bracket ] or a comma is missing in the list"),
    ("Invalid value", "write a text in quotes, a number, true or false, or a date"),
    ("Expected newline", "one key a line: something stands behind the value, or a quote is missing"),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right. ``line`` counts from 1; None where the file as a whole is meant."""

    line: int | None
    key: str
    told: str

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        return where + (f"{self.key}: {self.told}" if self.key else self.told)


@dataclass(frozen=True, slots=True)
class Checked:
    """A file as it was read: the campaign, or all that keeps it from being one. ``source`` tells lines."""

    campaign: Campaign | None
    problems: tuple[Problem, ...]


def parse_campaign(text: str, name: str) -> Campaign:
    """The campaign written in ``text``; ``name`` is the file's, for errors.

    Raises ``CampaignError`` with the file, the line, the key and what to write instead, of every problem.
    """
    checked = check_text(text)
    if checked.campaign is None:
        raise CampaignError("\n".join(f"{name}: {problem}" for problem in checked.problems))
    return checked.campaign


def check_text(text: str) -> Checked:
    """The campaign written in ``text``, or every problem in the order of its lines. Total."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Checked(None, tuple(_syntax(str(error), read_source(text))))
    troubles, campaign = _read(table)
    if campaign is None:
        return Checked(None, tuple(located(troubles, text)))
    return Checked(replace(campaign, version=version_of(text), tags=_folded(campaign)), ())


def version_of(text: str) -> str:
    """First 12 hex digits of the SHA-256 of the file: any change of it is another version."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def located(troubles: Iterable[Trouble], text: str) -> list[Problem]:
    """Troubles with their lines, first lines first."""
    source = read_source(text)
    found = [Problem(source.line_of(place), key_name(place), told) for place, told in troubles]
    return sorted(found, key=lambda problem: problem.line or 0)


def key_name(place: Place) -> str:
    """A key as people find it: ``wording[2].text``, lists counted from 1."""
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place)
    return "".join(parts).removeprefix(".")


def _read(table: dict[str, Any]) -> tuple[list[Trouble], Campaign | None]:
    """What is wrong in a file that is TOML, or the campaign it is."""
    troubles = list(shape_troubles(table, Campaign))
    wrong = {str(trouble.place[0]) for trouble in troubles}
    right = {key: value for key, value in table.items() if key not in wrong}
    stand_in = {key: value for key, value in _STAND_IN.items() if key in wrong}
    campaign = msgspec.convert({**right, **stand_in}, Campaign)
    for check, keys in CHECKS:
        if not keys & wrong:
            troubles += check(campaign)
    return troubles, campaign if not troubles else None


def _syntax(message: str, source: Source) -> Iterator[Problem]:
    """The line on which tomllib gives up, and the others that are no TOML either."""
    at = re.search(r"at line (\d+)", message)
    first = int(at[1]) if at else (source.broken[0] if source.broken else None)
    told = next((told for said, told in _SYNTAX if said in message), message.partition(" (at ")[0])
    found: dict[int | None, str] = {first: f"not valid TOML: {told}"}
    for line in source.broken:
        found.setdefault(line, "not valid TOML: is a quote, a bracket or an = missing on this line?")
    for where in sorted(found, key=lambda line: line or 0):
        yield Problem(where, "", found[where])


def _folded(campaign: Campaign) -> dict[str, str]:
    tags = campaign.hashtags
    spelled = {fold_hashtag(spelling): tag for tag, each in tags.variants.items() for spelling in each}
    return spelled | {fold_hashtag(tag): tag for tag in (*tags.earlier, *tags.current)}
