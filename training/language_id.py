"""Train the table that tells Arabizi from English: ``services/mahlan/languages/latin.bin``.

    python training/language_id.py --data DIR            # train, write, print accuracy on DIR/dev
    python training/language_id.py --data DIR --check    # print accuracy of the committed tables only

Only rows of sources with a stated licence are learnt from (``LICENSED``). Their Arabizi is Moroccan, so Egyptian
Arabizi is machine-spelled: Arabic words of those rows written in Latin letters by seeded random rules, beside the
word list of ``languages/arabizi.toml``. The other Arabizi rows are only used to measure.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import sys
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from mahlan.core.latin import arabizi_odds, arabizi_words, latin_table
from mahlan.core.normalise import normalise
from mahlan.core.steps.letters import arabic_letters
from training.rows import read_lines, row_files

LICENSED = {
    "davidson": "MIT", "edos": "CC0 1.0", "hatemoji_build": "CC BY 4.0", "paradetox": "CC0 1.0",
    "toxic_spans": "CC0 1.0", "arsarcasm2_weak": "MIT", "mlma_ar": "MIT", "osact4_offenseval2020": "CC BY",
    "mdold_moroccan": "Mendeley Data, CC BY 4.0 as usual there",
}  # fmt: skip
ORDERS = (1, 2, 3, 4)
STEPS_A_NAT = 16
TABLE = Path(__file__).parent.parent / "services" / "mahlan" / "languages"
ARABIC_WORD = re.compile("[\u0621-\u063a\u0641-\u064a]{2,14}")
LATIN_WORD = re.compile(r"(?<![@#&\w/.])[a-z]+(?:'[a-z]+)?(?![\w/@.]\w)")
ARABIZI_WORD = re.compile(r"(?<![@\w])[a-z2-9]*[a-z][a-z2-9]*(?!\w)")
SPELLINGS = {
    "ا": ["a"], "ب": ["b"], "ت": ["t"], "ث": ["s", "th"], "ج": ["g", "g", "j"], "ح": ["7", "7", "h"],
    "خ": ["5", "kh"], "د": ["d"], "ذ": ["z", "th"], "ر": ["r"], "ز": ["z"], "س": ["s"], "ش": ["sh", "sh", "ch"],
    "ص": ["s", "s", "9"], "ض": ["d"], "ط": ["t", "t", "6"], "ظ": ["z"], "ع": ["3", "3", "3", "a"],
    "غ": ["8", "gh"], "ف": ["f"], "ق": ["2", "2", "q", "k"], "ك": ["k"], "ل": ["l"], "م": ["m"], "ن": ["n"],
    "ه": ["h"], "و": ["w", "o", "ou", "oo"], "ي": ["y", "i", "ee"], "ء": ["2", ""],
}  # fmt: skip
REAL_WEIGHT = 20
EGYPTIAN_WEIGHT = 5
SHORT_ENGLISH = frozenset(
    """a i u r am an as at be by do go he hi if in is it me my no of oh ok on or so to up us we im id ur""".split()  # noqa: SIM905
)
VOWELS = "aaaaeeeiio"


def rows(data: Path, split: str, sources: set[str] | None = None) -> Iterator[dict[str, str]]:
    """The rows of a split, of the named sources or of all. Exits with one clear line where there are none."""
    for path in row_files(data, split, sources):
        yield from read_lines(path)


def counted_words(data: Path) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """English, (folded) Arabic and Arabizi words of the licensed rows, counted."""
    english: Counter[str] = Counter()
    arabic: Counter[str] = Counter()
    arabizi: Counter[str] = Counter()
    for row in rows(data, "train", set(LICENSED)):
        if row["lang"] == "en":
            english.update(LATIN_WORD.findall(row["text"].lower()))
        elif row["lang"] == "arabizi":
            arabizi.update(ARABIZI_WORD.findall(row["text"].lower()))
        elif row["lang"] in ("ar", "arz") and row.get("dialect") != "mor":
            text = re.sub("[\u0640\u064b-\u0652\u0670]", "", row["text"])
            folded = arabic_letters(text)
            for word in ARABIC_WORD.findall(folded if isinstance(folded, str) else text):
                arabic[word] += EGYPTIAN_WEIGHT if row["lang"] == "arz" else 1
    return english, arabic, arabizi


def spell(word: str, dice: random.Random) -> str:
    """One way to type an Arabic word in Latin letters, short vowels guessed."""
    out: list[str] = []
    body = word
    if word.startswith("ال") and len(word) > 4:
        out.append(dice.choice(["el", "el", "el", "il", "al"]))
        body = word[2:]
    for at, letter in enumerate(body):
        last = at == len(body) - 1
        if letter == "ه" and last and at:
            out.append(dice.choice(["a", "a", "ah", "o"]))
            continue
        latin = dice.choice(SPELLINGS.get(letter, [""]))
        if letter == "ا" and at == 0:
            latin = dice.choice(["a", "e", "i", "o"])
        if letter == "و" and at == 0:
            latin = dice.choice(["w", "we", "wa"])
        out.append(latin)
        follower = body[at + 1] if not last else ""
        if letter not in "اوي" and follower and follower not in "اوي" and not (follower == "ه" and at == len(body) - 2):
            out.append(dice.choice(VOWELS) if dice.random() < 0.62 else "")
    return "".join(out)


def spelled(arabic: Counter[str], seed: int) -> Counter[str]:
    """Machine-spelled Arabizi: frequent words in several spellings, and the list's own spellings."""
    dice = random.Random(seed)
    found: Counter[str] = Counter()
    for word, count in arabic.items():
        for _ in range(min(6, 1 + int(math.log2(count)))):
            found[spell(word, dice)] += max(1, count // 6)
    for spelling in arabizi_words():
        found[spelling] += 200
    return found


def common_english(english: Counter[str], arabizi: Counter[str]) -> list[str]:
    """English words by frequency, without stray letters and without words that real Arabizi rows use more."""
    share = sum(english.values()) / sum(arabizi.values())
    return [
        word
        for word, count in english.most_common()
        if (len(word) > 2 or word in SHORT_ENGLISH) and count > arabizi[word] * share
    ]


def grams(word: str) -> Iterator[str]:
    """The character n-grams of ``<word>``."""
    marked = f"<{word}>"
    for order in ORDERS:
        for at in range(len(marked) - order + 1):
            yield marked[at : at + order]


def odds(english: Counter[str], arabizi: Counter[str], keep: int) -> dict[str, float]:
    """The ``keep`` n-grams that move the decision most, with their log-odds (naive Bayes on damped counts)."""
    tables: list[Counter[str]] = []
    for counts in (arabizi, english):
        table: Counter[str] = Counter()
        for word, count in counts.items():
            weight = count**0.5
            for gram in grams(word):
                table[gram] += weight
        tables.append(table)
    sums = [{n: sum(v for g, v in t.items() if len(g) == n) for n in ORDERS} for t in tables]
    scored: dict[str, tuple[float, float]] = {}
    for gram in set(tables[0]) | set(tables[1]):
        n = len(gram)
        rate = [(t[gram] + 2.0) / (s[n] + 2.0 * 20_000) for t, s in zip(tables, sums, strict=True)]
        logit = math.log(rate[0] / rate[1]) / len(ORDERS) * 1.5
        scored[gram] = (abs(logit) * max(rate), logit)
    best = sorted(scored, key=lambda gram: (-scored[gram][0], gram))[:keep]
    return {gram: scored[gram][1] for gram in best if gram.isascii()}


def packed(table: Mapping[str, float], steps: int, encoding: str) -> bytes:
    """A table of n-grams as ``mahlan.languages.grams`` reads it, weights rounded to 1/``steps``."""
    ordered = sorted(table, key=lambda gram: (len(gram), gram))
    counts = Counter(map(len, ordered))
    weights = array("b", (max(-127, min(127, round(table[gram] * steps))) for gram in ordered))
    head = json.dumps({"grams": {str(order): counts[order] for order in sorted(counts)}, "steps": steps})
    return head.encode() + b"\n" + "".join(ordered).encode(encoding) + weights.tobytes()


def write(table: dict[str, float], english: list[str]) -> None:
    """``latin.bin``: the n-grams, weights in 1/16 nat, then the CRC-32 of words."""
    words = array("I", sorted(zlib.crc32(word.encode()) for word in english))
    (TABLE / "latin.bin").write_bytes(packed(table, STEPS_A_NAT, "ascii") + words.tobytes())
    latin_table.cache_clear()
    arabizi_odds.cache_clear()


def measure(data: Path) -> None:
    """Accuracy on dev rows: language found by language given."""
    found: dict[str, Counter[str]] = {}
    for row in rows(data, "dev"):
        name = f"{row['lang']:8} {row['source'] if row['lang'] == 'arabizi' else ''}"
        found.setdefault(name, Counter())[normalise(row["text"]).language] += 1
    for name, counts in sorted(found.items()):
        total = sum(counts.values())
        shares = "  ".join(f"{tag} {count / total:.3f}" for tag, count in counts.most_common())
        print(f"{name:30} n={total:6}  {shares}")


def main(argv: list[str]) -> None:
    """Train and write the tables, then measure them; or only measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ and dev/ (gzip JSON lines)")
    parser.add_argument("--check", action="store_true", help="measure the committed tables only")
    parser.add_argument("--grams", type=int, default=11000)
    parser.add_argument("--english", type=int, default=7000)
    options = parser.parse_args(argv)
    if not options.check:
        english, arabic, arabizi = counted_words(options.data)
        known = common_english(english, arabizi)[: options.english]
        both = Counter({word: count * REAL_WEIGHT for word, count in arabizi.items()}) + spelled(arabic, seed=3)
        write(odds(english, both, options.grams), known)
    measure(options.data)


if __name__ == "__main__":
    main(sys.argv[1:])
