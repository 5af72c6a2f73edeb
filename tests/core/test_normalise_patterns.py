"""Each pattern of the normaliser is linear: google-re2, which knows no other kind, takes it too.

Three things re2 cannot do are allowed for. Look-arounds are taken out first, after a check that they are of a fixed
small width, so that each costs a constant at each place. Possessive quantifiers are read as greedy ones: they only
forbid going back. Patterns with a back-reference are named in ``BACK_REFERENCES`` with the reason they are linear.
"""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest
import re2  # type: ignore[import-untyped]

import mahlan.core
from mahlan.core import arabizi, dialect, entities, language, latin, lexicon, spelling
from mahlan.languages import table

BACK_REFERENCES = {
    "mahlan.core.latin._DOUBLE": "one character compared with the one before it",
    "mahlan.core.spelling._GROUP": "one letter compared with the next; a match is at most two characters",
    "mahlan.core.steps.shape._ANY_RUN": "possessive run of one character, each compared once",
    "mahlan.core.steps.shape._DRAWN_OUT": "starts at the first letter of a word only, and passes over it once",
}
NOT_IN_UTF8 = {"mahlan.core.steps.characters._SURROGATE": "one character class, of characters re2 cannot be given"}


def patterns() -> dict[str, re.Pattern[str]]:
    """Every compiled pattern of the modules that normalise."""
    names = [module.__name__ for module in (arabizi, dialect, entities, language, latin, lexicon, spelling)]
    steps = importlib.import_module("mahlan.core.steps")
    names += [f"mahlan.core.steps.{module.name}" for module in pkgutil.iter_modules(steps.__path__)]
    found = {
        f"{name}.{key}": value
        for name in names
        for key, value in vars(importlib.import_module(name)).items()
        if isinstance(value, re.Pattern)
    }
    forms = [form["pattern"] for name in ("arz", "ar") for form in table(name)["forms"]]
    return found | {f"the form {pattern}": re.compile(pattern) for pattern in forms}


def closing(pattern: str, start: int) -> int:
    """Where the group that opens at ``start`` closes."""
    depth, inside, at = 0, False, start
    while True:
        char = pattern[at]
        if char == "\\":
            at += 1
        elif inside:
            inside = char != "]"
        elif char == "[":
            inside = True
            at += pattern[at + 1] in "^]"
        elif char in "()":
            depth += 1 if char == "(" else -1
            if depth == 0:
                return at
        at += 1


def without_look_arounds(pattern: str) -> str:
    while found := re.search(r"\(\?<?[=!]", pattern):
        end = closing(pattern, found.start())
        inner = re.sub(r"\[[^\]]*\]|\\.", "x", pattern[found.end() : end])
        assert not re.search(r"[*+{]", inner), f"a look-around of no fixed width: {inner}"
        pattern = pattern[: found.start()] + "(?:)" + pattern[end + 1 :]
    return pattern


FOUND = patterns()


def test_there_are_patterns_to_check() -> None:
    assert len(FOUND) > 30
    assert mahlan.core.__path__


@pytest.mark.parametrize("name", sorted(set(FOUND) - set(BACK_REFERENCES) - set(NOT_IN_UTF8)))
def test_re2_takes_the_pattern(name: str) -> None:
    plain = re.sub(r"(?<=[*+}?])\+", "", without_look_arounds(FOUND[name].pattern))
    plain = re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), plain)
    options = re2.Options()
    options.never_nl = False
    options.case_sensitive = not FOUND[name].flags & re.IGNORECASE
    assert re2.compile(plain, options=options)


@pytest.mark.parametrize("name", sorted(BACK_REFERENCES))
def test_a_named_exception_still_needs_its_name(name: str) -> None:
    assert re.search(r"\\[1-9]", FOUND[name].pattern)
