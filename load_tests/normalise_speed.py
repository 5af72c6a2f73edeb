"""How long normalising takes, by language, over the golden texts.

    PYTHONPATH=services python load_tests/normalise_speed.py [--rounds N]

Prints microseconds of processor time a text, once with warm word caches (a word seen before is remembered) and once
with the caches emptied before every round, which is the dearest case.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from functools import _lru_cache_wrapper
from pathlib import Path
from typing import Any

from mahlan.core.normalise import normalise
from mahlan.core.remember import CACHES

GOLDEN = Path(__file__).parent.parent / "tests" / "golden" / "normalise"


def microseconds(texts: list[str], rounds: int, caches: Sequence[_lru_cache_wrapper[Any]]) -> float:
    """The best round's processor time a text; ``caches`` are emptied before each round."""
    best = float("inf")
    for _ in range(rounds):
        for cache in caches:
            cache.cache_clear()
        start = time.process_time()
        for text in texts:
            normalise(text)
        best = min(best, (time.process_time() - start) / len(texts) * 1e6)
    return best


def main() -> None:
    """Measure each golden file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    start = time.process_time()
    normalise("ana mesh 3aref, gr8 اوي")
    print(f"first text of a process  {(time.process_time() - start) * 1e3:8.1f} ms (tables read)")
    for path in sorted(GOLDEN.glob("*.jsonl")):
        texts = [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
        warm = microseconds(texts, options.rounds, ())
        new = microseconds(texts, options.rounds, CACHES)
        length = sum(map(len, texts)) / len(texts)
        print(
            f"{path.stem:10} {len(texts):4} texts of {length:5.1f} characters  {warm:7.1f} µs  new words {new:7.1f} µs"
        )


if __name__ == "__main__":
    main()
