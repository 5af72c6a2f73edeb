"""Egyptian rows and invented cases spelled in Latin letters, since no labelled Egyptian Arabizi exists.

Called by ``fast`` and ``evaluate``.

Machine-spelled, by the seeded rules the language tables were trained with (``language_id.spell``): on dev they say
whether a spelling is seen through, not how people really spell.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from training.invented import read_cases
from training.language_id import spell
from training.rows import TAGS, Row, normalised

SOURCE = "spelled_arabizi"
INVENTED = "invented"
INVENTED_SPELLED = "invented_spelled"
CONTRAST = "contrast"
MADE = frozenset({SOURCE, INVENTED, INVENTED_SPELLED, CONTRAST})
"""Sources whose comments nobody wrote to anybody."""
ARABIC = re.compile("[\u0621-\u063a\u0641-\u064a]+")


def spelled_rows(rows: Sequence[Row], seed: int) -> list[Row]:
    """Each row served as ``arz``, typed in Latin letters and read by the normaliser again."""
    dice = random.Random(seed)
    raw = [
        {
            "text": in_latin(row.readings[0].text, dice),
            "lang": "arabizi",
            "toxic": row.toxic,
            "source": SOURCE,
            "weak": row.weak,
        }
        for row in rows
        if row.language == "arz"
    ]
    return normalised(raw, "normalising spelled rows")


def invented_rows(spellings: int, seed: int) -> list[Row]:
    """The train part of ``training/cases``, and its Egyptian cases in ``spellings`` Latin spellings each."""
    dice = random.Random(seed)
    cases = read_cases(part="train")
    told = {tag: name for name, tag in TAGS.items()}
    raw = [(case.text, told.get(case.language, case.language), case.toxic, INVENTED) for case in cases]
    raw += [
        (in_latin(case.text, dice), "arabizi", case.toxic, INVENTED_SPELLED)
        for case in cases
        if case.language == "arz"
        for _ in range(spellings)
    ]
    keys = ("text", "lang", "toxic", "source")
    return normalised([dict(zip(keys, row, strict=True)) for row in raw], "normalising invented cases")


def in_latin(text: str, dice: random.Random) -> str:
    """``text`` with its Arabic words typed in Latin letters."""
    return ARABIC.sub(lambda word: spell(word[0], dice), text)
