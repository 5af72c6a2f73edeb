"""A board's numbers beside the recount: every difference, one line each. Called by the scenario.

Authors of the challenge are estimated by a sketch: they may be off by three of its standard deviations
(``ERROR``; 1.04 / sqrt(2**13) each), and small numbers not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isclose
from typing import Any

from mahlan.core.campaign import Campaign
from mahlan.demo.recount.authors import experiment
from mahlan.demo.recount.budget import budget
from mahlan.demo.recount.challenge import challenge
from mahlan.demo.recount.facts import facts_of, log_of
from mahlan.demo.recount.nudges import nudges
from mahlan.runtime.broker import Record

ERROR = 3 * 1.04 / 2**6.5
#: What tells the rows of a list apart.
KEYS = ("day", "hour", "language", "hashtag", "label", "surface", "arm", "creator")
EFFECT = ("measure", "language", "arm", "against")
ESTIMATED = "authors"
#: Not counted from the topics: when the answer was made, of what, and how old it is.
NOT_COUNTED = {"campaign", "as_of", "data_age_seconds", "complete", "partitions", "first_day", "last_day"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A number of which the board says one thing and the topics another."""

    number: str
    board: Any
    recount: Any


def recount(records: Sequence[Record], campaign: Campaign, as_of: datetime, outcome_hours: int) -> dict[str, Any]:
    """Everything a board of this moment must say of these records. Lists are told by what tells their rows apart."""
    log, facts = log_of(records, campaign.id), facts_of(campaign, as_of, outcome_hours)
    counted = {"challenge": challenge(log, facts), "nudges": nudges(log, facts)}
    return dict(_keyed({**counted, **experiment(log, facts), "budget": budget(log, facts)}))


def compare(board: Mapping[str, Any], counted: Mapping[str, Any]) -> list[Difference]:
    """Where the board (``GET /v1/board/{campaign}``: ``numbers``) differs from a recount of the same moment."""
    told = _keyed({name: value for name, value in board.items() if name not in NOT_COUNTED})
    told["challenge"]["authors"] = told["challenge"]["authors"]["estimate"]
    return list(_differences("", told, counted))


def count_numbers(counted: Any) -> int:
    """How many numbers there are."""
    return sum(map(count_numbers, counted.values())) if isinstance(counted, Mapping) else 1


def _differences(path: str, board: Any, counted: Any) -> Iterator[Difference]:
    if isinstance(board, Mapping) or isinstance(counted, Mapping):
        both = (board or {}, counted or {})
        for name in sorted({str(key) for side in both for key in side}):
            yield from _differences(f"{path}.{name}" if path else name, *(side.get(name) for side in both))
    elif not _same(path, board, counted):
        yield Difference(path, board, counted)


def _same(path: str, board: Any, counted: Any) -> bool:
    if {board, counted} == {None, 0}:
        return True  # a row that one side leaves out, since nothing was counted, says the same as one of zeros
    if isinstance(board, int | float) and isinstance(counted, int | float):
        if path.startswith("challenge.") and path.endswith(f".{ESTIMATED}"):
            return abs(board - counted) <= ERROR * counted
        return isclose(board, counted, rel_tol=1e-9, abs_tol=1e-12)
    return bool(_moment(board) == _moment(counted))


def _moment(value: Any) -> Any:
    """A time told as text, as a time: the two need not be written alike."""
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _keyed(value: Any) -> Any:
    """The same with every list of rows as a mapping."""
    if isinstance(value, Mapping):
        return {name: _keyed(each) for name, each in value.items()}
    if isinstance(value, list):
        return {_name(row): _keyed({key: each for key, each in row.items() if key != _key(row)}) for row in value}
    return value


def _name(row: Mapping[str, Any]) -> str:
    if "measure" in row:
        return "/".join(str(row.get(key)) for key in EFFECT)
    return str(row[_key(row)])


def _key(row: Mapping[str, Any]) -> str:
    return next(key for key in KEYS if key in row) if "measure" not in row else ""
