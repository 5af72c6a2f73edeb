"""Make the normaliser's table of common words, ``services/mahlan/languages/words.bin``.

    python -m training.lexicon --data DIR --arabic ar.json.gz --english en.json.gz

Counted are words that stand three times or more in the rows of sources with a stated licence (as for ``language_id``),
those of the invented cases for training, and of two dictionaries ``{"word": count}``: those of pyspellchecker (MIT), as
its package holds them. Only hashes of words come into the table, no row. ``core/lexicon.py`` reads it.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import re
import zlib
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from mahlan.core import lexicon
from mahlan.core.latin import arabizi_words
from mahlan.core.lexicon import ARABIC, ARABIZI, ENGLISH, KINDS
from mahlan.core.steps import repair
from mahlan.core.steps.letters import arabic_letters
from training.arabizi.forms import egyptian_forms
from training.arabizi.tables import counted
from training.invented import read_cases
from training.language_id import ARABIC_WORD, ARABIZI_WORD, LATIN_WORD, TABLE, counted_words
from training.more_cases import read_more

Rates = dict[str, float]
"""Word → how often it stands among a million words."""

SIZES = {ARABIC: 24_000, ENGLISH: 14_000, ARABIZI: 6_000}
MARKS = re.compile("[\u0640\u064b-\u0652\u0670]")
SEEN = 3
"""Words of the rows that stand there less often are left out: they may be anything, a name too."""
SLIP = 40.0
"""A rare word that a word so many times commoner explains, and no dictionary knows, is a slip and not kept."""
SLIP_LISTED = {(ARABIC, "doubled"): 60.0, (ENGLISH, "doubled"): 3_000.0, (ENGLISH, "swapped"): 10_000.0}
"""The same for words of the dictionaries, which hold slips too (the Arabic one is made of subtitles), by their counts
there."""
LISTED = 1_000
"""How often a form made by rule from this project's Egyptian words counts as a word of the dictionary."""
LEAST = 0.9
"""Words rarer than this a million are kept only where the dictionary of their language has them."""


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ (gzip JSON lines)")
    parser.add_argument("--arabic", type=Path, required=True, help="Arabic words with counts, gzip JSON")
    parser.add_argument("--english", type=Path, required=True, help="English words with counts, gzip JSON")
    options = parser.parse_args()
    dictionaries = {ARABIC: dictionary(options.arabic), ENGLISH: dictionary(options.english)}
    rates = all_rates(options.data, dictionaries)
    ranked = {kind: commonest(rates[kind], SIZES[kind]) for kind in KINDS}
    write(ranked, ())
    kept: set[str] = set()
    rates[ARABIC] = dict.fromkeys(egyptian_forms(), LEAST) | rates[ARABIC]
    dictionaries[ARABIC].update(dict.fromkeys(egyptian_forms(), LISTED))
    for kind in KINDS:
        kept.update(to_keep(rates[kind], dictionaries.get(kind, Counter()), halves_of(ranked[kind]), kind))
    write(ranked, sorted(kept))
    print({kind: len(found) for kind, found in ranked.items()} | {"kept": len(kept)})


def dictionary(path: Path) -> Counter[str]:
    """The words of a dictionary file, folded as the normaliser folds, with their counts. Exits where it is none."""
    try:
        counts = json.loads(gzip.decompress(path.read_bytes()))
    except (OSError, EOFError, ValueError) as error:
        raise SystemExit(
            f"{path}: no gzip JSON of words and counts ({error}); pyspellchecker's package has them"
        ) from None
    found: Counter[str] = Counter()
    for word, count in counts.items():
        found[folded(word)] += count
    return found


def folded(text: str) -> str:
    """``text`` as the normaliser's steps about letters leave it."""
    bare = MARKS.sub("", text.lower())
    changed = arabic_letters(bare)
    return changed if isinstance(changed, str) else bare


def all_rates(data: Path, dictionaries: dict[str, Counter[str]]) -> dict[str, Rates]:
    """How common each word is, by kind: rows, dictionary and invented cases weighed together."""
    english, arabic, _ = counted_words(data)
    seen, _ = counted(data)
    arabic = Counter({word: count for word, count in arabic.items() if seen[word] >= SEEN})
    english = Counter({word: count for word, count in english.items() if count >= SEEN})
    invented: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for case in read_cases(part="train") + read_more(fills=1):
        text = folded(case.text)
        invented[ARABIC].update(ARABIC_WORD.findall(text))
        if case.language == "en":
            invented[ENGLISH].update(LATIN_WORD.findall(text))
        if case.language == "arz-Latn":
            invented[ARABIZI].update(ARABIZI_WORD.findall(text))
    listed = Counter(arabizi_words().keys())
    return {
        ARABIC: mixed((arabic, 0.45), (dictionaries[ARABIC], 0.25), (invented[ARABIC], 0.3)),
        ENGLISH: mixed((english, 0.5), (dictionaries[ENGLISH], 0.3), (invented[ENGLISH], 0.2)),
        ARABIZI: mixed((invented[ARABIZI], 0.8), (listed, 0.2)),
    }


def mixed(*parts: tuple[Counter[str], float]) -> Rates:
    """Rates in a million, the parts weighed."""
    found: Counter[str] = Counter()
    for counts, weight in parts:
        scale = weight * 1e6 / sum(counts.values())
        for word, count in counts.items():
            found[word] += count * scale  # type: ignore[assignment]
    return dict(found)


def commonest(rates: Rates, size: int) -> list[str]:
    """The ``size`` commonest words of two characters or more, without apostrophes; ties by the word itself."""
    words = [word for word in rates if len(word) > 1 and word.isalnum()]
    return sorted(words, key=lambda word: (-rates[word], word))[:size]


def to_keep(rates: Rates, listed: Counter[str], halves: set[str], kind: str) -> Iterable[str]:
    """Words that the repair would change, or join to a neighbour, although they are words."""
    for word, rate in rates.items():
        if len(word) < 3 or not word.isalpha() or lexicon.is_settled(word) or (rate < LEAST and word not in listed):
            continue
        guess = repair.best_guess(word, kind)
        if (
            (word in halves and not lexicon.is_known(word))
            if guess == word
            else not is_slip(word, guess, rates, listed, kind)
        ):
            yield word


def is_slip(word: str, guess: str, rates: Rates, listed: Counter[str], kind: str) -> bool:
    """Whether ``word`` is more likely a slip of somebody who meant ``guess`` than a word."""
    what = "doubled" if len(guess) < len(word) else "swapped" if len(guess) == len(word) else "dropped"
    if word in listed:
        return listed.get(guess, 0) > SLIP_LISTED.get((kind, what), math.inf) * listed[word]
    return rates.get(guess, 0.0) > SLIP * rates[word]


def halves_of(words: Iterable[str]) -> set[str]:
    """What ``words`` start or end with, of four letters or more."""
    found: set[str] = set()
    for word in words:
        found.update(word[:at] for at in range(4, len(word)))
        found.update(word[at:] for at in range(1, len(word) - 3))
    return found


def write(ranked: dict[str, list[str]], kept: Sequence[str]) -> None:
    """``words.bin``: see ``core.lexicon.lexicon``."""
    counts = {kind: len(ranked[kind]) for kind in KINDS}
    common = [word.encode() for kind in KINDS for word in ranked[kind]]
    codes = array("I", map(zlib.crc32, common + [word.encode() for word in kept]))
    (TABLE / "words.bin").write_bytes(
        json.dumps(counts).encode() + b"\n" + bytes(map(lexicon.check, common)) + codes.tobytes()
    )
    for cached in (lexicon.lexicon, lexicon.is_known, repair.best_guess):
        cached.cache_clear()


if __name__ == "__main__":
    main()
