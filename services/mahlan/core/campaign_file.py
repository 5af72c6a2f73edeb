"""From the text of a campaign file to a ``Campaign``, or to an error that a non-coder can act on.

Called by the dispatcher, the scorer and ``mahlan campaigns check``, which read the file.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from difflib import get_close_matches
from typing import Any, get_args, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from mahlan.core.campaign import Campaign
from mahlan.core.entities import fold_hashtag
from mahlan.errors import CampaignError
from mahlan.events.ruling import Wording

#: Below this share an effect cannot be told from chance in a campaign's lifetime (DESIGN: "always on").
LEAST_HOLDOUT = 0.05
MOST_SENTENCES = 2

_COMPUTED = {"version", "tags"}
#: What to write, where the type's own message is for programmers.
_HINTS = {
    "band": "write 'low', 'medium' or 'high'",
    "quiet_hours.starts": "write a time such as '23:00'",
    "quiet_hours.ends": "write a time such as '07:00'",
    "direction": "write 'rtl' (Arabic letters) or 'ltr' (Latin letters)",
    "budget.disputes": "write a share above 0 and up to 0.5, such as 0.02 for 2 %",
    "budget.brake": "write true or false",
    "id": "write small Latin letters, digits and hyphens",
}
_SENTENCE_END = re.compile(r"[.!?؟…]+(?=\s|$)")


def parse_campaign(text: str, name: str) -> Campaign:
    """The campaign written in ``text``; ``name`` is the file's, for errors.

    Raises ``CampaignError`` with the file, the key and what to write instead.
    """
    table = _toml(text, name)
    for problem in _unknown_keys(table, Campaign, ""):
        raise CampaignError(f"{name}: {problem}")
    try:
        campaign = msgspec.convert(table, Campaign)
    except msgspec.ValidationError as error:
        raise CampaignError(f"{name}: {_plain(str(error))}") from None
    for problem in _problems(campaign):
        raise CampaignError(f"{name}: {problem}")
    return replace(campaign, version=version_of(text), tags=_folded(campaign))


def version_of(text: str) -> str:
    """First 12 hex digits of the SHA-256 of the file: any change of it is another version."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _toml(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CampaignError(f"{name}: not valid TOML: {error}; is a quote or a bracket missing there?") from None


def _folded(campaign: Campaign) -> frozenset[str]:
    return frozenset(fold_hashtag(tag) for tag in (*campaign.hashtags.current, *campaign.hashtags.earlier))


def _unknown_keys(table: Mapping[str, Any], shape: type, path: str) -> Iterator[str]:
    hints = get_type_hints(shape)
    known = [field.name for field in fields(shape) if field.name not in _COMPUTED]
    for key, value in table.items():
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known keys here: {', '.join(known)}"
            yield f"unknown key {path}{key}; {hint}"
            continue
        inner = _dataclass_in(hints[key])
        rows = value if isinstance(value, list) else [value]
        for number, row in enumerate(rows):
            if inner is not None and isinstance(row, dict):
                where = f"{path}{key}[{number + 1}]." if isinstance(value, list) else f"{path}{key}."
                yield from _unknown_keys(row, inner, where)


def _dataclass_in(hint: Any) -> type | None:
    """The dataclass that a key holds, once or in a list: of ``X``, ``X | None`` and ``tuple[X, ...]`` it is X."""
    candidates = (hint, *get_args(hint))
    return next((kind for kind in candidates if isinstance(kind, type) and is_dataclass(kind)), None)


def _plain(message: str) -> str:
    """A message of msgspec, the key first and counted from 1: ``holdout.share: Expected `float` <= 0.5``."""
    what, _, where = message.partition(" - at `$.")
    key = re.sub(r"\[(\d+)\]", lambda found: f"[{int(found[1]) + 1}]", where.rstrip("`"))
    missing = re.match(r"Object missing required field `(\w+)`", what)
    if missing:
        inside = message.partition(" - at `$")[2].rstrip("`").lstrip(".")
        return f"key {'.'.join(filter(None, (inside, missing[1])))} is missing; add it"
    hints = (hint for end, hint in _HINTS.items() if f".{key}".endswith(f".{end}"))
    return f"{key}: {next(hints, what.replace('`', ''))}"


def _problems(campaign: Campaign) -> Iterator[str]:
    """What is wrong beyond the types, the first told."""
    checks: tuple[Callable[[Campaign], Iterator[str]], ...] = (
        _timing,
        _measuring,
        _tags,
        _languages,
        _words,
    )
    for check in checks:
        yield from check(campaign)


def _timing(campaign: Campaign) -> Iterator[str]:
    try:
        ZoneInfo(campaign.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        yield "timezone: not a time zone; write a name such as 'Africa/Cairo'"
    if campaign.starts and campaign.ends and campaign.ends < campaign.starts:
        yield "ends: the campaign ends before it starts; swap starts and ends"


def _measuring(campaign: Campaign) -> Iterator[str]:
    if campaign.holdout.share < LEAST_HOLDOUT and not campaign.test:
        yield f"holdout.share: at least {LEAST_HOLDOUT} is always held out; less only with test = true"


def _tags(campaign: Campaign) -> Iterator[str]:
    for name in ("current", "earlier"):
        for number, tag in enumerate(getattr(campaign.hashtags, name)):
            if not tag.startswith("#") or len(tag) < 2 or " " in tag:
                yield f"hashtags.{name}[{number + 1}]: write it as people do, '#' first and no spaces"


def _languages(campaign: Campaign) -> Iterator[str]:
    worded = {wording.language for wording in campaign.wording}
    for language in campaign.languages:
        if language not in worded:
            yield f"languages: {language} has no [[wording]]; write one, or take the language out of the list"
    for language in sorted(worded - set(campaign.languages)):
        yield f"wording: {language} is not in languages; add it there"
    for tag, wanted in campaign.fallback.items():
        for language in wanted:
            if language not in worded:
                yield f"fallback.{tag}: {language} has no [[wording]]"


def _words(campaign: Campaign) -> Iterator[str]:
    seen: set[str] = set()
    for number, wording in enumerate(campaign.wording):
        where = f"wording[{number + 1}]"
        if wording.id in seen:
            yield f"{where}.id: {wording.id!r} is used twice; give each wording an id of its own"
        seen.add(wording.id)
        if count_sentences(wording.text) > MOST_SENTENCES:
            yield f"{where}.text: more than {MOST_SENTENCES} sentences; people read one"
        if wording.direction != _direction(wording):
            yield f"{where}.direction: the text begins in the other direction; write {_direction(wording)!r}"


def count_sentences(text: str) -> int:
    """Sentences by their closing marks, Arabic ones too; words after the last mark are one more."""
    parts = _SENTENCE_END.split(text)
    return sum(1 for part in parts if part.strip())


def _direction(wording: Wording) -> str:
    """``rtl`` or ``ltr`` by the first strong character (UAX #9, rule P2)."""
    strong = (unicodedata.bidirectional(char) for char in wording.text)
    first = next((kind for kind in strong if kind in {"L", "R", "AL"}), "L")
    return "ltr" if first == "L" else "rtl"
