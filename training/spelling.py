"""Egyptian rows spelled in Latin letters, since no labelled Egyptian Arabizi exists. Called by ``fast``, ``evaluate``.

Machine-spelled, by the seeded rules the language tables were trained with (``language_id.spell``): on dev they say
whether a spelling is seen through, not how people really spell.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from training.language_id import spell
from training.rows import Row, normalised

SOURCE = "spelled_arabizi"
ARABIC = re.compile("[\u0621-\u063a\u0641-\u064a]+")


def spelled_rows(rows: Sequence[Row], seed: int) -> list[Row]:
    """Each row served as ``arz``, typed in Latin letters and read by the normaliser again."""
    dice = random.Random(seed)
    raw = [
        {
            "text": ARABIC.sub(lambda word: spell(word[0], dice), row.readings[0].text),
            "lang": "arabizi",
            "toxic": row.toxic,
            "source": SOURCE,
            "weak": row.weak,
        }
        for row in rows
        if row.language == "arz"
    ]
    return normalised(raw, "normalising spelled rows")
