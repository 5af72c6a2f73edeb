"""How many comments the cue phrases speak for: ``python -m training.cues --data DIR``.

Of hurtful rows it is the price of the cues: nobody is asked about those. Of the others it tells how rare cues are.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import orjson

from mahlan.core.signals import SIGNALS, find_signals
from training.rows import Row, read_rows


def count(rows: Iterable[Row]) -> dict[str, dict[str, int]]:
    """For hurtful and other rows: how many there are, how many have any cue (``any``), and how many each signal."""
    counts = {True: Counter[str](), False: Counter[str]()}
    for row in rows:
        found = find_signals(reading.text for reading in row.readings)
        counts[bool(row.toxic)].update(["rows", *(["any"] if found else []), *found])
    return {
        name: {each: counts[toxic][each] for each in ("rows", "any", *SIGNALS)}
        for name, toxic in (("hurtful", True), ("other", False))
    }


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m training.cues", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with dev/*.jsonl.gz")
    parser.add_argument("--split", default="dev")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    given = parser.parse_args()
    counts = count(read_rows(given.data, given.split))
    if given.json:
        print(orjson.dumps(counts).decode())
        return
    for name, told in counts.items():
        total = max(told["rows"], 1)
        each = ", ".join(f"{signal} {told[signal]}" for signal in SIGNALS)
        print(f"{name}: {told['any']} of {told['rows']} ({told['any'] / total:.2%}) carry a cue: {each}")


if __name__ == "__main__":
    main()
