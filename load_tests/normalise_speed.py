"""How long normalising takes, by language, over the golden texts.

    PYTHONPATH=services python load_tests/normalise_speed.py [--rounds N]

Prints microseconds of processor time a text, once with warm word caches (a word seen before is remembered) and once
with the caches emptied before every round, which is the dearest case.
"""

from __future__ import annotations

import argparse
import gc
import json
import time
from collections.abc import Iterator
from functools import _lru_cache_wrapper
from pathlib import Path

from mahlan.core.normalise import normalise

GOLDEN = Path(__file__).parent.parent / "tests" / "golden" / "normalise"
KEPT = {
    "table",
    "words",
    "latin_table",
    "lexicon",
    "_ranks",
    "_grams",
    "letter_cost",
    "arabizi_words",
    "arabizi_skeletons",
    "undigited_words",
    "_affixes",
    "_arabic_affixes",
    "_choices",
}


def word_caches() -> Iterator[_lru_cache_wrapper[object]]:
    """Every cache of single words (not the tables, which a process reads once)."""
    for found in gc.get_objects():
        of_core = isinstance(found, _lru_cache_wrapper) and str(found.__module__).startswith("mahlan.core")
        if of_core and found.__name__ not in KEPT:
            yield found


def microseconds(texts: list[str], rounds: int, caches: list[_lru_cache_wrapper[object]]) -> float:
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
    caches = list(word_caches())
    for path in sorted(GOLDEN.glob("*.jsonl")):
        texts = [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
        warm = microseconds(texts, options.rounds, [])
        new = microseconds(texts, options.rounds, caches)
        length = sum(map(len, texts)) / len(texts)
        print(
            f"{path.stem:10} {len(texts):4} texts of {length:5.1f} characters  {warm:7.1f} µs  new words {new:7.1f} µs"
        )


if __name__ == "__main__":
    main()
