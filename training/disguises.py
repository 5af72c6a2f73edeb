"""How often the steps that undo disguised words change comments that hide nothing. Needs rows, writes nothing.

    python -m training.disguises --data DIR --show 60

Prints the share of the rows of DIR/dev that these steps change, by language, and some of the words changed, to read.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Collection, Iterator
from difflib import SequenceMatcher
from pathlib import Path

from mahlan.core.draft import Step, apply_edits, identity
from mahlan.core.normalise import MAX_ROUNDS, STEPS
from mahlan.core.steps.arabic_leet import arabic_leet
from mahlan.core.steps.hidden import hidden_letters
from mahlan.core.steps.mistyped import mistyped_words
from mahlan.core.steps.repair import disguised_words
from training.language_id import rows

UNDOING: tuple[Step, ...] = (arabic_leet, mistyped_words, hidden_letters, disguised_words)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with dev/ (gzip JSON lines)")
    parser.add_argument("--rows", type=int, default=10_000, help="rows of all sources to look at")
    parser.add_argument("--show", type=int, default=0, help="changes to print for each language")
    options = parser.parse_args()
    by_language: dict[str, list[str]] = {}
    found = sorted(rows(options.data, "dev"), key=lambda row: row["text"])
    for row in random.Random(1).sample(found, min(options.rows, len(found))):
        by_language.setdefault(row["lang"], []).append(row["text"])
    for language, texts in sorted(by_language.items()):
        told = [list(changes(text)) for text in texts]
        changed = sum(map(bool, told))
        print(f"{language:10} {len(texts):6} rows {changed:5} changed {changed / len(texts):.4f}")
        for before, after in [one for several in told for one in several][: options.show]:
            print(f"    {before} -> {after}")


def changes(text: str) -> Iterator[tuple[str, str]]:
    """What the steps of ``UNDOING`` make of a text, words before and after."""
    before, after = read(text, UNDOING).split(), read(text).split()
    for kind, start, end, other_start, other_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            yield " ".join(before[start:end]), " ".join(after[other_start:other_end])


def read(text: str, without: Collection[Step] = ()) -> str:
    """The original reading of a text, some steps left out."""
    for _ in range(MAX_ROUNDS):
        before = text
        for step in STEPS:
            change = None if step in without else step(text)
            if change is not None:
                text = change if isinstance(change, str) else apply_edits(text, identity(len(text)), change)[0]
        if text == before:
            break
    return text


if __name__ == "__main__":
    main()
