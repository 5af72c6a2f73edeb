"""Comments a second, tokenise and score together, on one thread: ``python -m training.speed --model fast@1``.

On the invented cases, or with ``--data`` on a folder's dev rows, normalised beforehand. A speed by itself says more of
the machine than of the model, so something that never changes runs beside it, in turns: counting the same texts' runs
of three characters in plain Python. ``--batch`` tries other batch sizes.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mahlan.core.normalise import normalise
from mahlan.scoring.cascade import Cascade
from mahlan.scoring.model import Model, Scorable
from mahlan.scoring.registry import find_model
from training.invented import read_cases
from training.judging import Scoring, loaded, markdown, options
from training.rows import read_rows

ROUNDS = 5
MOST = 400
POLL = 1024


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds of processor time for ``comments``: of the model, of counting, of another model where one ran beside."""

    comments: int
    model: float
    counting: float
    other: float | None = None

    @property
    def per_second(self) -> float:
        """Comments a second on one thread."""
        return self.comments / self.model

    @property
    def against_counting(self) -> float:
        """The model's time in times of counting; smaller is faster, and alike on any machine."""
        return self.model / self.counting

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        other = None if self.other is None else round(self.model / self.other, 3)
        found = {"comments": self.comments, "per_second": round(self.per_second)}
        return {**found, "times_counting": round(self.against_counting, 2), "times_predecessor": other}


def main() -> None:
    """The command."""
    parser = options("speed", __doc__)
    parser.add_argument("--data", type=Path, help="folder with dev/*.jsonl.gz, instead of the invented cases")
    parser.add_argument("--batch", type=int, nargs="*", help="texts of a batch; the manifest's by default")
    chosen = parser.parse_args()
    served = loaded(chosen)
    if chosen.batch and isinstance(served, Cascade):
        raise SystemExit(
            f"{served.name} is a cascade: --batch goes with one model, --model {served.fast.name} or the other"
        )
    items: Sequence[Scorable] = read_rows(chosen.data, "dev") if chosen.data else invented_items()
    if not chosen.batch:
        print(f"{served.name}\n\n{as_table(measure(served, items))}\n")
    for batch in chosen.batch or ():
        model = Model.load(find_model(chosen.models, chosen.model), batch=batch)
        print(f"{model.name}, batches of {batch}\n\n{as_table(measure(model, items))}\n")


def invented_items(most: int = MOST) -> list[Scorable]:
    """``most`` of the invented cases of the test part, evenly over all of them."""
    cases = read_cases(part="test")
    step = max(1, len(cases) // most)
    return [normalise(case.text) for case in cases[::step][:most]]


def measure(model: Scoring, items: Sequence[Scorable], other: Scoring | None = None, rounds: int = ROUNDS) -> Speed:
    """The model, the yardstick and perhaps another model on the same items: the least time of several rounds."""
    jobs: dict[str, Callable[[], object]] = {"model": lambda: polled(model, items), "counting": lambda: count(items)}
    if other is not None:
        jobs["other"] = lambda: polled(other, items)
    return Speed(len(items), **dict(zip(jobs, least_seconds(list(jobs.values()), rounds), strict=True)))


def least_seconds(jobs: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """The least processor time each job took in ``rounds`` rounds, in turns: what else runs then meets all alike."""
    least = [float("inf")] * len(jobs)
    for _ in range(rounds):
        for place, job in enumerate(jobs):
            begun = time.thread_time()
            job()
            least[place] = min(least[place], time.thread_time() - begun)
    return least


def count(items: Sequence[Scorable]) -> int:
    """How many different runs of three characters the readings hold: the yardstick."""
    found: Counter[str] = Counter()
    for item in items:
        for reading in item.readings:
            text = reading.text
            found.update(text[at : at + 3] for at in range(len(text) - 2))
    return len(found)


def as_table(speed: Speed) -> str:
    """Markdown."""
    head = ["comments", "a second, one thread", "times the time of counting trigrams beside it"]
    line = [f"{speed.comments:,}", f"{speed.per_second:,.0f}", f"{speed.against_counting:.2f}"]
    if speed.other is not None:
        head.append("times the time of its predecessor")
        line.append(f"{speed.model / speed.other:.2f}")
    return markdown(head, [line])


def polled(model: Scoring, items: Sequence[Scorable], poll: int = POLL) -> None:
    """Score ``items``, ``poll`` at a time."""
    for start in range(0, len(items), poll):
        model.score(items[start : start + poll])


if __name__ == "__main__":
    main()
