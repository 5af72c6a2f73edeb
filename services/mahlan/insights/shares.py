"""What one partition knows of a campaign: told by the worker that has it, put together by the one that is asked.

A share is numbers and sketches only. While partitions move, two workers may tell the same one: the one that has read
further counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from mahlan.core.experiment.totals import Totals, merge
from mahlan.core.insights.figures import Sums
from mahlan.insights.keys import SKETCH, TOTALS, WINDOW, read_key
from mahlan.insights.state import PartitionState

_COUNTS = msgspec.json.Decoder(dict[str, int])
_TOTALS = msgspec.json.Decoder(Totals)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One partition's part of a campaign. Sketches are by ``WINDOW|NAME``, totals by ``LANGUAGE|ARM``.

    ``age``: seconds since it was up to date, where that is known; ``read_to``: how far its state is known.
    """

    partition: int
    read_to: int
    age: float | None
    windows: dict[str, dict[str, int]] = field(default_factory=dict)
    sketches: dict[str, bytes] = field(default_factory=dict)
    totals: dict[str, Totals] = field(default_factory=dict)


def share_of(state: PartitionState, campaign: str, age: float | None) -> Share:
    """The partition's part of a campaign, as the log has it. What cannot be read is left out."""
    share = Share(partition=state.number, read_to=state.read_to, age=age)
    for key, value in state.sums.items():
        told = read_key(key)
        if told.campaign != campaign:
            continue
        try:
            if told.kind == WINDOW:
                share.windows[told.window] = _COUNTS.decode(value)
            elif told.kind == SKETCH:
                share.sketches[f"{told.window}|{told.name}"] = value
            elif told.kind == TOTALS:
                share.totals[f"{told.window}|{told.name}"] = _TOTALS.decode(value)
        except msgspec.DecodeError:
            continue  # counted and begun anew when it is written next
    return share


def campaigns_of(states: Iterable[PartitionState]) -> set[str]:
    """Every campaign that anything was counted of."""
    return {told.campaign for state in states for told in map(read_key, state.sums) if told.kind == WINDOW}


def newest(shares: Iterable[Share]) -> dict[int, Share]:
    """One share of each partition."""
    found: dict[int, Share] = {}
    for share in shares:
        known = found.get(share.partition)
        if known is None or share.read_to > known.read_to:
            found[share.partition] = share
    return found


def sum_up(shares: Iterable[Share]) -> Sums:
    """The sums over partitions."""
    windows: dict[str, dict[str, int]] = {}
    sums = Sums()
    for share in shares:
        for window, counts in share.windows.items():
            _add(windows.setdefault(window, {}), counts)
        for name, sketch in share.sketches.items():
            window, _, of = name.partition("|")
            sums.sketches[window, of] = [*sums.sketches.get((window, of), ()), sketch]
        for name, totals in share.totals.items():
            language, _, arm = name.partition("|")
            sums.totals[language, arm] = merge(sums.totals.get((language, arm), Totals()), totals)
    sums.windows.update(windows)
    return sums


def _add(total: dict[str, int], counts: Mapping[str, int]) -> None:
    for name, number in counts.items():
        total[name] = total.get(name, 0) + number
