"""Make the normaliser's table of which words follow which, ``services/mahlan/languages/context.bin``.

    python -m training.context --data DIR

Counted are pairs of words in the rows of sources with a stated licence (as for ``language_id``) and in the invented
cases for training. Kept are the ``--pairs`` that say most beyond how common their words are; as hashes with a cost, no
row.
``core/context.py`` reads it.
"""

from __future__ import annotations

import argparse
import math
import os
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from pathlib import Path

from mahlan.core.arabic import STEPS_A_NAT
from mahlan.core.context import BORDER, key, word_cost
from mahlan.core.steps.mistyped import TOKEN, mistyped_words
from training.disguises import read
from training.invented import read_cases
from training.language_id import LICENSED, TABLE, rows
from training.more_cases import read_more
from training.progress import shown

EGYPTIAN_WEIGHT = 5
INVENTED_WEIGHT = 3
SEEN = 3
"""Pairs that weigh less in all may be anything, a name too."""
TRUST = 0.7
DOUBT = 200.0
"""Pairs behind a word seen n times count ``TRUST * n / (n + DOUBT)``, how common a word is counts the rest."""

Pairs = Counter[tuple[str, str]]


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ (gzip JSON lines)")
    parser.add_argument("--pairs", type=int, default=80_000, help="pairs to keep (default: 80000)")
    parser.add_argument("--out", type=Path, default=TABLE, help="folder for the table")
    options = parser.parse_args(arguments)
    pairs = counted(list(texts(options.data)))
    costs = table(pairs, options.pairs)
    codes = array("I", costs)
    (options.out / "context.bin").write_bytes(codes.tobytes() + bytes(costs.values()))
    print(f"{len(pairs)} pairs counted, {len(costs)} costs kept")


def texts(data: Path) -> Iterator[tuple[str, int]]:
    """What is learnt from, with what each text counts."""
    for row in rows(data, "train", set(LICENSED)):
        if row.get("dialect") != "mor":
            yield row["text"], EGYPTIAN_WEIGHT if row["lang"] == "arz" else 1
    for case in read_cases(part="train") + read_more(fills=1):
        yield case.text, INVENTED_WEIGHT


def counted(found: list[tuple[str, int]]) -> Pairs:
    """Pairs of neighbours, ``BORDER`` at both ends and for every sign, weighed."""
    pairs: Pairs = Counter()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        work = pool.map(words, (text for text, _ in found), chunksize=512)
        told = shown(work, "reading", len(found))
        for (_, weight), row in zip(found, told, strict=True):
            for pair in pairwise(row):
                pairs[pair] += weight
    return pairs


def words(text: str) -> list[str]:
    """The words of a text, mended where each can be mended by itself."""
    found = (match[0] for match in TOKEN.finditer(read(text, (mistyped_words,))))
    return [BORDER, *(piece if piece.isalnum() else BORDER for piece in found), BORDER]


def table(pairs: Pairs, most: int) -> dict[int, int]:
    """``key`` → cost in sixteenths of a nat, for ``most`` pairs and for the words they begin with."""
    begun: Counter[str] = Counter()
    for (before, _), count in pairs.items():
        begun[before] += count
    costs = {pair: cost(pair, pairs, begun) for pair, count in pairs.items() if count >= SEEN}
    worth = {pair: pairs[pair] * (word_cost(pair[1]) + rest(begun[pair[0]]) - cost) for pair, cost in costs.items()}
    kept = sorted((pair for pair in costs if worth[pair] > 0), key=lambda pair: (-worth[pair], pair))[:most]
    firsts = sorted({before for before, _ in kept})
    return {key(before, ""): stepped(rest(begun[before])) for before in firsts} | {
        key(*pair): stepped(costs[pair]) for pair in kept
    }


def cost(pair: tuple[str, str], pairs: Pairs, begun: Mapping[str, int]) -> float:
    """Of a pair's second word behind its first: pairs and how common it is, interpolated."""
    count = begun[pair[0]]
    trust = TRUST * count / (count + DOUBT)
    return -math.log(trust * pairs[pair] / count + (1.0 - trust) * math.exp(-word_cost(pair[1])))


def rest(count: int) -> float:
    """What it costs behind a word seen ``count`` times that no kept pair comes."""
    return -math.log(1.0 - TRUST * count / (count + DOUBT))


def stepped(cost: float) -> int:
    """In the table's steps, within one byte."""
    return min(255, max(0, round(cost * STEPS_A_NAT)))


if __name__ == "__main__":
    main()
