"""The grammars of ``training/cases/contrast``, read and checked. Called by ``contrast_cases``.

One TOML file a language. ``[said]`` holds what is said of a group or to a person, ``[frames]`` the sentences around it,
``[plain]`` what stands without a frame. ``training/cases/README.md`` says how a file is written.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SLOT = re.compile(r"\{(\w+)\}")
CHOICE = re.compile(r"\[([^\[\]|]*)\|([^\[\]|]*)\]")
"""What changes with the sex of who is meant: ``[masculine|feminine]``."""
ANY = "any"
GROUP, THAT = "group", "that"
"""A group's first form, and the key of a grammar that names the form to take instead of it behind "that"."""
SAID = ("group_clauses", "group_sayings", "group_praise", "person_clauses", "person_sayings", "person_praise")
PLAIN = ("contrast_fine", "contrast_degraded", "contrast_things", "contrast_crowds")
KEYS = {
    "forms",
    "that",
    "joins",
    "swaps",
    "feminine",
    "openers",
    "closers",
    "mixes",
    "groups",
    "slots",
    "said",
    "frames",
    "plain",
}
CLAUSE, QUOTE = "{s}", "{q}"


@dataclass(frozen=True, slots=True)
class Said:
    """A text about a group of one of ``kinds``, or to a person. A ``clause`` may stand behind "that"."""

    text: str
    name: str
    kinds: tuple[str, ...]
    clause: bool
    praise: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """A sentence around something said. ``contempt``, ``praise``: 1 where that in it hurts, None where it cannot be."""

    text: str
    capability: str
    name: str
    about: str
    contempt: int | None
    praise: int | None

    def fits(self, clause: bool) -> bool:
        """Whether a said text that is a clause, or is not, may stand in it."""
        return clause or CLAUSE not in self.text

    @property
    def has_words(self) -> bool:
        """Whether it says anything itself, so that its language can be told."""
        return any(letter.isalpha() for letter in SLOT.sub("", self.text))


@dataclass(frozen=True, slots=True)
class Grammar:
    """A language's file. ``groups``: by kind, each its forms by name, and ``sex`` 0 or 1.

    ``joins``: what two words become that met where a said text begins. ``swaps``: spellings that some people use.
    ``mixes``: languages of frame and said text.
    """

    groups: Mapping[str, Sequence[Mapping[str, str]]]
    slots: Mapping[str, Sequence[str]]
    said: Mapping[str, Sequence[Said]]
    plain: Mapping[str, Sequence[Said]]
    frames: Sequence[Frame]
    openers: Sequence[str]
    closers: Sequence[str]
    joins: Sequence[Sequence[str]]
    swaps: Sequence[Sequence[str]]
    mixes: Sequence[Sequence[str]]


def read_grammar(file: Path) -> Grammar:
    """The grammar in ``file``. Raises ``ValueError`` naming the file and what is wrong in it."""
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
        return _grammar(told)
    except (ValueError, KeyError) as error:
        raise ValueError(f"{file}: {error}") from None


def _grammar(told: Mapping[str, Any]) -> Grammar:
    if unknown := sorted(set(told) - KEYS):
        raise ValueError(f"{unknown[0]}: no such key; there are {', '.join(sorted(KEYS))}")
    groups, slots = _groups(told), told.get("slots", {})
    known = {*told["forms"], *slots}
    said = {name: list(_said(name, told["said"].get(name, {}), groups)) for name in SAID}
    plain = {name: list(_said(name, told["plain"].get(name, {}), groups)) for name in PLAIN}
    frames = [frame for name, one in told["frames"].items() for frame in _frames(name, one)]
    for one in (text for texts in [*said.values(), *plain.values()] for text in texts):
        if missing := [slot for slot in SLOT.findall(one.text) if slot not in known]:
            raise ValueError(f"{one.name}: slot {missing[0]} is neither a form nor among [slots]")
    changes = [told.get(name, []) for name in ("joins", "swaps", "mixes")]
    return Grammar(groups, slots, said, plain, frames, told["openers"], told["closers"], *changes)


def _groups(told: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
    forms, feminine = told["forms"], set(told.get("feminine", []))
    found: dict[str, list[dict[str, str]]] = {}
    for kind, entries in told["groups"].items():
        for entry in entries:
            parts = entry.split("/")
            if len(parts) != len(forms):
                raise ValueError(f"groups.{kind}: {entry!r} has {len(parts)} forms, wants {len(forms)}: {forms}")
            named = dict(zip(forms, parts, strict=True))
            behind = {THAT: named[told.get(THAT, GROUP)], "sex": str(int(named[GROUP] in feminine))}
            found.setdefault(kind, []).append({**named, **behind})
    return found


def _said(name: str, blocks: Mapping[str, str], groups: Mapping[str, Any]) -> Iterator[Said]:
    for block, text in blocks.items():
        kinds = tuple(groups) if block == ANY else tuple(block.split("-"))
        if wrong := [kind for kind in kinds if kind not in groups]:
            raise ValueError(f"{name}.{block}: {wrong[0]} is no kind of group; there are {', '.join(groups)}")
        for place, line in enumerate(_lines(text), start=1):
            named = f"{name}.{block}_{place}"
            yield Said(line, named, kinds, clause=not name.endswith("sayings"), praise=name.endswith("praise"))


def _frames(name: str, told: Mapping[str, Any]) -> Iterator[Frame]:
    for block, text in told["lines"].items():
        for place, line in enumerate(_lines(text), start=1):
            if SLOT.findall(line) not in (["s"], ["q"]):
                raise ValueError(f"frames.{name}.{block}: {line!r} wants one slot, {CLAUSE} or {QUOTE}")
            named = f"{name}.{block}_{place}"
            yield Frame(line, name, named, told["about"], told.get("contempt"), told.get("praise"))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
