"""Make the tables that rank spellings: ``egyptian_words.bin`` and ``egyptian_grams.bin`` of ``mahlan.languages``.

    python -m training.arabizi.tables --data DIR

The first holds CRC-32s of common words, commonest first; the second a character 5-gram model of how Egyptian words are
built, which judges a word that no list knows (``core.arabic``). Both hold statistics only: no word stands in them, and
both are learnt from words seen three times or more and from words written for this project. The words: Arabic rows of
the sources in ``language_id.LICENSED``, of which Egyptian ones count more (Moroccan ones are read because Moroccan is
typed in Latin letters as well); the train part of the invented cases; the list of ``arabizi.toml``; ``egyptian.toml``
with the endings and prefixes of the dialect.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from mahlan.core.arabic import END, LETTERS, ORDER, START, STEPS_A_NAT, advance, code_of, key
from mahlan.core.latin import arabizi_words
from mahlan.core.steps.letters import arabic_letters
from training.arabizi.forms import egyptian_forms
from training.invented import read_cases
from training.language_id import ARABIC_WORD, LICENSED, TABLE, rows

EGYPTIAN_WEIGHT = 5
INVENTED_WEIGHT = 5
LISTED_WEIGHT = 30
RARE = 3
ALL_OF = 2
"""Contexts shorter than this are kept whole."""

ARTICLES = ("ال", "وال", "بال")
Following = dict[int, dict[int, float]]
_MARKS = re.compile("[\u0640\u064b-\u0652\u0670]")


def folded_words(text: str) -> list[str]:
    """The Arabic words of a text, letters folded as readings have them."""
    plain = _MARKS.sub("", text)
    folded = arabic_letters(plain)
    return ARABIC_WORD.findall(folded if isinstance(folded, str) else plain)


def counted(data: Path) -> tuple[Counter[str], Counter[str]]:
    """Words of the rows and invented cases: as often as they stand there, and with Egyptian ones counting more."""
    seen: Counter[str] = Counter()
    weighed: Counter[str] = Counter()
    for text, weight in _texts(data):
        for word in folded_words(text):
            seen[word] += 1
            weighed[word] += weight
    return seen, weighed


def _texts(data: Path) -> Iterator[tuple[str, int]]:
    for row in rows(data, "train", set(LICENSED)):
        if row["lang"] in ("ar", "arz"):
            yield row["text"], EGYPTIAN_WEIGHT if row["lang"] == "arz" else 1
    for case in read_cases(part="train"):
        if case.language in ("arz", "ar"):
            yield case.text, INVENTED_WEIGHT if case.language == "arz" else 1


def vocabulary(data: Path) -> Counter[str]:
    """Words and how much each counts: those seen often enough, those listed, and the forms made by rule."""
    seen, weighed = counted(data)
    for word in tuple(seen):
        for article in ARTICLES:
            if word.startswith(article) and len(word) > len(article) + 2:
                seen[word[len(article) :]] += seen[word]
                weighed[word[len(article) :]] += weighed[word]
    found = Counter({word: weight for word, weight in weighed.items() if seen[word] >= RARE})
    found.update(egyptian_forms())
    for arabic in arabizi_words().values():
        found.update(dict.fromkeys(arabic.split(), LISTED_WEIGHT))
    return found


def grams(words: Counter[str]) -> list[Following]:
    """By the size of the context, 0 first: context → letter → weight. A word counts by its logarithm."""
    found: list[Following] = [{} for _ in range(ORDER)]
    for word, count in words.items():
        weight, behind = math.log2(1 + count), START
        for code in (*map(code_of, word), END):
            for size, contexts in enumerate(found):
                row = contexts.setdefault(behind & ((1 << 5 * size) - 1), {})
                row[code] = row.get(code, 0.0) + weight
            behind = advance(behind, code)
    return found


def model(found: list[Following], keep: int) -> dict[int, float]:
    """Key (``core.arabic.key``) → cost in nats: Witten-Bell interpolation, of long n-grams those that matter most."""
    chances: dict[int, float] = {}
    gains: list[tuple[float, int]] = []
    for size, contexts in enumerate(found):
        for context, row in contexts.items():
            share = len(row) / (len(row) + sum(row.values()))
            chances[key(size, context, 0)] = share
            for code, weight in row.items():
                shorter = key(size - 1, context & ((1 << 5 * (size - 1)) - 1), code) if size else -1
                lower = share * chances.get(shorter, 1 / (len(LETTERS) + 1))
                at = key(size, context, code)
                chances[at] = weight * (1 - share) / sum(row.values()) + lower
                gains.append((math.inf if size < ALL_OF else weight * math.log(chances[at] / lower), at))
    kept: dict[int, float] = {}
    for _, at in sorted(gains, reverse=True):
        if len(kept) >= keep:
            break
        kept[at] = -math.log(chances[at])
        kept[at >> 5 << 5] = -math.log(chances[at >> 5 << 5])
    return kept


def write(folder: Path, words: Sequence[str], costs: dict[int, float]) -> None:
    """The words file: CRC-32 of each word; the n-grams': the keys (32 bits each), then their costs (bytes)."""
    ranked = [zlib.crc32(word.encode()) for word in words]
    (folder / "egyptian_words.bin").write_bytes(array("I", ranked).tobytes())
    keys = sorted(costs)
    steps = bytes(min(255, round(costs[at] * STEPS_A_NAT)) for at in keys)
    (folder / "egyptian_grams.bin").write_bytes(array("I", keys).tobytes() + steps)


def main(argv: list[str]) -> None:
    """Count, reckon, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ (gzip JSON lines)")
    parser.add_argument("--words", type=int, default=60_000, help="common words to keep")
    parser.add_argument("--grams", type=int, default=70_000, help="n-grams to keep")
    parser.add_argument("--out", type=Path, default=TABLE, help="folder to write to (default: the product's tables)")
    options = parser.parse_args(argv)
    words = vocabulary(options.data)
    costs = model(grams(words), options.grams)
    ranked = [word for word, _ in words.most_common(options.words)]
    write(options.out, ranked, costs)
    print(f"{len(words)} words, {len(ranked)} kept; {len(costs)} n-grams kept")


if __name__ == "__main__":
    main(sys.argv[1:])
