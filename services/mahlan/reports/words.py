"""What a report says, in Arabic and English: ``ar.toml`` and ``en.toml`` beside this file. And how it writes numbers.

Numbers are written with European digits in both languages, as the board does, and as one left-to-right run: a minus
stays in front of its number in Arabic text too.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mahlan.core.experiment.comparison import YES_NO
from mahlan.core.experiment.observation import Measure

LANGUAGES = ("ar", "en")
ISOLATE, END = "\u2066", "\u2069"  # left-to-right isolate, and its end (Unicode UAX #9)
MINUS = "\u2212"
NOT_KNOWN = "\u2013"


@dataclass(frozen=True, slots=True)
class Words:
    """One language's words by part and key; keys that a table lacks are shown as they are (new arms and languages)."""

    table: Mapping[str, Any]

    @property
    def language(self) -> str:
        """BCP 47."""
        return str(self.table["language"])

    @property
    def direction(self) -> str:
        """``rtl`` or ``ltr``."""
        return str(self.table["direction"])

    def say(self, part: str, key: str, **filled: object) -> str:
        """The sentence of that key, its braces filled in."""
        return str(self.table[part][key]).format(**filled)

    def name(self, part: str, code: str) -> str:
        """What a code (of an arm, a language, a state) is called."""
        return str(self.table[part].get(code, code))

    def all(self, part: str, key: str) -> list[Any]:
        """A list of that part."""
        found: list[Any] = self.table[part][key]
        return found

    def amount(self, measure: Measure, value: float, *, signed: bool = False) -> str:
        """A difference: in percentage points of a yes-or-no measure, else per author."""
        if measure in YES_NO:
            return self.say("tables", "points", number=number(100 * value, 1, signed=signed))
        return self.say("tables", "count", number=number(value, 2, signed=signed))

    def span(self, measure: Measure, low: float, high: float, *, signed: bool = True) -> str:
        """From one difference to another, in the unit of the measure."""
        if measure in YES_NO:
            ends = (number(100 * value, 1, signed=signed) for value in (low, high))
            return self.say("tables", "range_points", **dict(zip(("low", "high"), ends, strict=True)))
        ends = (number(value, 2, signed=signed) for value in (low, high))
        return self.say("tables", "range_count", **dict(zip(("low", "high"), ends, strict=True)))

    def mean(self, measure: Measure, value: float | None) -> str:
        """The mean of an arm: a share in per cent, or a count."""
        if value is None:
            return NOT_KNOWN
        if measure in YES_NO:
            return self.say("tables", "percent", number=number(100 * value, 1))
        return number(value, 2)

    def percent(self, share: float) -> str:
        """A share in per cent, with a digit after the point where there is one."""
        return self.say("tables", "percent", number=number(100 * share, int(round(1000 * share) % 10 != 0)))


@cache
def words_of(language: str) -> Words:
    """The words of ``ar`` or ``en``."""
    return Words(tomllib.loads(Path(__file__).with_name(f"{language}.toml").read_text("utf-8")))


def number(value: float, digits: int = 0, *, signed: bool = False) -> str:
    """As people read it: thousands apart, a real minus, in a run of its own.

    >>> number(-1234.5, 1) == "\u2066\u22121,234.5\u2069"
    True
    """
    text = f"{abs(value):,.{digits}f}"
    is_zero = not any(digit in text for digit in "123456789")
    sign = "" if is_zero else MINUS if value < 0 else "+" if signed else ""
    return f"{ISOLATE}{sign}{text}{END}"
