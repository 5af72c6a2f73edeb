"""How often a brake is set though the budget holds, and how soon where it does not.

``python -m load_tests.false_brakes``. Months of a campaign in one language: so many nudges an hour, each disputed with
a true share that is a multiple of the share allowed; a look at the counters each 5 minutes, as the insights service
does. In one world everybody disputes by chance; in the other all disputes come from people who dispute each nudge they
see, three in a day.

The looks are `core/budget.py`'s, all of a month at once in numpy; ``tests/load`` holds them to it.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from mahlan.core.budget import BETS, BUCKET, ENOUGH, FALSE_ALARMS, MONTH, PAIRS, SUREST, Windows

Ints = NDArray[np.int64]

LOOKS = MONTH // BUCKET
A_DAY = 3
"""Nudges that an author may see in a day, as campaigns have it by default."""


@dataclass(frozen=True)
class World:
    """``rate`` nudges an hour, of which the share ``share`` is disputed; by ``serial`` disputers, or by chance."""

    rate: float
    share: float
    serial: bool = False
    allowed: float = 0.02


def month(world: World, dice: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Nudges shown, disputed and counted as evidence (each author once) in each bucket of a month."""
    hours = BUCKET / timedelta(hours=1)
    if not world.serial:
        shown = dice.poisson(world.rate * hours, LOOKS)
        disputed = dice.binomial(shown, world.share)
        return shown, disputed, disputed
    quiet = dice.poisson(world.rate * hours * (1 - world.share), LOOKS)
    authors = dice.poisson(world.rate * hours * world.share / A_DAY, LOOKS)
    disputed = authors.copy()
    for _ in range(A_DAY - 1):  # their other nudges, within the hour
        later = np.repeat(np.arange(LOOKS), authors) + dice.integers(2, 12, int(authors.sum()))
        disputed += np.bincount(later[later < LOOKS], minlength=LOOKS)
    return quiet + disputed, disputed, authors


def burning(shown: Ints, disputed: Ints, disputers: Ints, allowed: float) -> NDArray[np.bool_]:
    """At the end of which buckets ``find_burn`` finds one."""
    found = np.zeros(len(shown), dtype=bool)
    for pair in PAIRS:
        found |= _burning(pair, shown, disputed, disputers, allowed)
    return found


def _burning(pair: Windows, shown: Ints, disputed: Ints, disputers: Ints, allowed: float) -> NDArray[np.bool_]:
    fast = np.ones(len(shown), dtype=bool)
    for window in (pair.long, pair.short):
        seen = _sums(shown, window)
        fast &= (seen > 0) & (_sums(disputed, window) / np.maximum(seen, 1) / allowed >= pair.burn)
    fast[fast] = evidences(_sums(shown, pair.long)[fast], _sums(disputers, pair.long)[fast], allowed) >= ENOUGH
    return fast


def _sums(counts: Ints, window: timedelta) -> Ints:
    """Of each bucket and of as many before it as the window has."""
    whole = np.concatenate(([0], np.cumsum(counts)))
    first = np.maximum(0, np.arange(len(counts)) - window // BUCKET)
    return whole[1:] - whole[first]


def evidences(shown: Ints, disputers: Ints, allowed: float) -> NDArray[np.float64]:
    """``core.budget.evidence`` of each."""
    shares = np.minimum(np.array(BETS) * allowed, SUREST)[:, None]
    gains = disputers * np.log(shares / allowed) + (shown - disputers) * (np.log(1 - shares) - np.log(1 - allowed))
    return np.asarray(np.logaddexp.reduce(gains, axis=0) - np.log(len(BETS)))


def first_brakes(world: World, runs: int, seed: int) -> NDArray[np.float64]:
    """Hours until the brake was raised, of each month; infinite where it never was."""
    dice = np.random.default_rng([seed, int(world.rate * 1000), int(world.share * 1e6), world.serial])
    hours = np.full(runs, np.inf)
    for run in range(runs):
        found = burning(*month(world, dice), world.allowed)
        if found.any():
            hours[run] = (int(found.argmax()) + 1) * (BUCKET / timedelta(hours=1))
    return hours


def _false_brakes(runs: int, seed: int) -> None:
    print(f"Months in which a brake is set though the share is just the one allowed (of {runs:,}; by theory at most")
    print(f"{FALSE_ALARMS:.0%} of them), by nudges shown in an hour.\n")
    print("| who disputes | " + " | ".join(f"{rate:,}/h" for rate in RATES) + " |")
    print("|---|" + "---|" * len(RATES))
    for serial in (False, True):
        counts = [int(np.isfinite(first_brakes(World(r, 0.02, serial), runs, seed)).sum()) for r in RATES]
        who = "a few people, every nudge they see" if serial else "anybody, by chance"
        print(f"| {who} | " + " | ".join(str(n) for n in counts) + " |", flush=True)


def _detections(runs: int, seed: int) -> None:
    print(f"\nHours until the brake is raised once the share is over the budget: median (of {runs:,} months).\n")
    print("| true share | " + " | ".join(f"{rate:,}/h" for rate in RATES) + " |")
    print("|---|" + "---|" * len(RATES))
    for times in (1.5, 2, 3, 6, 14.4):
        medians = [np.median(first_brakes(World(rate, 0.02 * times), runs, seed)) for rate in RATES]
        told = [f"{hours:.1f}" if np.isfinite(hours) else "over a month" for hours in medians]
        print(f"| {0.02 * times:.1%} ({times:g}×) | " + " | ".join(told) + " |", flush=True)


#: Nudges shown in an hour, in one language.
RATES = (1, 10, 100, 1000)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--runs", type=int, default=10_000, help="months for each cell of the first table")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    _false_brakes(given.runs, given.seed)
    _detections(max(1, given.runs // 20), given.seed)


if __name__ == "__main__":
    main()
