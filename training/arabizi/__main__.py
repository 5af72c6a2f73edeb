"""How well Arabizi is read in Arabic letters.

    python -m training.arabizi                      # the invented pairs, by part and writer
    python -m training.arabizi --show dev           # and the words of a part that are read wrong
    python -m training.arabizi --data DIR           # and Egyptian rows of DIR/dev, machine-spelled and read back

A word is right when the reading is one of the spellings accepted for it, letters folded as readings have them.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from mahlan.core.arabizi import transliterate
from training.arabizi.pairs import Pair, Read, distance, folded, read_pairs, read_words
from training.language_id import ARABIC_WORD, rows, spell


def table(pairs: Sequence[Pair]) -> str:
    """Word accuracy and character error rate by writer and by part, as a Markdown table."""
    lines = [
        "| part | writer | words | right | character errors | English words kept |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for part in dict.fromkeys(pair.part for pair in pairs):
        mine = [pair for pair in pairs if pair.part == part]
        for writer in (*dict.fromkeys(pair.writer for pair in mine), "all"):
            found = [read for pair in mine if writer in (pair.writer, "all") for read in read_words(pair)]
            lines.append(_line(part, writer, found))
    return "\n".join(lines)


def _line(part: str, writer: str, found: Sequence[Read]) -> str:
    right, errors, size = rates([read for read in found if not read.english])
    kept, _, latin = rates([read for read in found if read.english])
    english = f"{kept:.2f} of {latin}" if latin else ""
    return f"| {part} | {writer} | {size} | {right:.3f} | {errors:.3f} | {english} |"


def rates(found: Sequence[Read]) -> tuple[float, float, int]:
    """Share of words read right, wrong characters by character, number of words."""
    size, letters = max(len(found), 1), max(sum(read.letters for read in found), 1)
    return sum(not read.errors for read in found) / size, sum(read.errors for read in found) / letters, len(found)


def read_back(words: Sequence[str], seed: int, read: Callable[[str], str]) -> tuple[float, float]:
    """Word accuracy and character error rate on words spelled by ``language_id.spell`` and read by ``read``."""
    dice = random.Random(seed)
    errors = [distance(read(spell(word, dice)), word) for word in words]
    return sum(not error for error in errors) / len(words), sum(errors) / sum(map(len, words))


def egyptian_words(data: Path, limit: int, seed: int) -> list[str]:
    """Words, as often as they stand there, of a sample of the Egyptian rows of dev."""
    texts = [folded(row["text"]) for row in rows(data, "dev") if row["lang"] == "arz"]
    random.Random(seed).shuffle(texts)
    return [word for text in texts for word in ARABIC_WORD.findall(text)][:limit]


def main(argv: list[str]) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with dev/ (gzip JSON lines)")
    parser.add_argument("--show", choices=["dev", "test"], help="list the words of this part that are read wrong")
    parser.add_argument("--words", type=int, default=5000, help="words of dev rows to spell and read back")
    options = parser.parse_args(argv)
    pairs = read_pairs()
    print(table(pairs))
    for pair in pairs if options.show else ():
        wrong = [read for read in read_words(pair) if read.errors] if pair.part == options.show else []
        print(*(f"{pair.writer:10} {read.word:14} {read.found:14} {read.wanted}\n" for read in wrong), sep="", end="")
    if options.data:
        words = egyptian_words(options.data, options.words, seed=5)
        began = time.perf_counter()
        right, errors = read_back(words, seed=7, read=getattr(transliterate, "__wrapped__", transliterate))
        spent = (time.perf_counter() - began) / len(words) * 1e6
        print(f"spelled and read back: {len(words)} words, right {right:.3f}, character errors {errors:.3f}")
        print(f"at most {spent:.0f} microseconds a word, nothing remembered")


if __name__ == "__main__":
    main(sys.argv[1:])
