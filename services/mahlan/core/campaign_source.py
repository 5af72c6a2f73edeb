"""Where in a campaign file each key stands, and which lines cannot be read. Asked only when something is wrong.

The values themselves come from ``tomllib``; it says nothing of lines, so tree-sitter's grammar of TOML finds them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tree_sitter import Node

Place = tuple[str | int, ...]
"""The way to a value: keys, and places in lists counted from 0."""

_HEADERS = {"table", "table_array_element"}
_KEYS = {"bare_key", "quoted_key", "dotted_key"}


@dataclass(slots=True)
class Source:
    """``lines``: the line of each key, counted from 1. ``broken``: lines that are no TOML, in their order."""

    lines: dict[Place, int] = field(default_factory=dict)
    broken: list[int] = field(default_factory=list)

    def line_of(self, place: Place) -> int | None:
        """The line of a key; of the nearest table around it where it is not there. None where that is the file."""
        while place:
            if place in self.lines:
                return self.lines[place]
            place = place[:-1]
        return None


def read_source(text: str) -> Source:
    """The places of a file's keys. Total: what cannot be read is in ``broken``."""
    # Not loaded by a service whose campaigns are right.
    import tree_sitter_toml
    from tree_sitter import Language, Parser

    root = Parser(Language(tree_sitter_toml.language())).parse(text.encode("utf-8", "surrogatepass")).root_node
    source = Source()
    counts: dict[Place, int] = {}
    source.broken = sorted({node.start_point.row + 1 for node in _errors(root)})
    for node in root.named_children:
        if node.type in _HEADERS:
            _read_table(node, source, counts)
        elif node.type == "pair":
            _read_pair(node, (), source)
    return source


def _read_table(node: Node, source: Source, counts: dict[Place, int]) -> None:
    place: Place = ()
    key = next((child for child in node.named_children if child.type in _KEYS), None)
    parts = _parts(key)
    for number, part in enumerate(parts):
        place = (*place, part)
        if number == len(parts) - 1 and node.type == "table_array_element":
            counts[place] = counts.get(place, 0) + 1
            source.lines.setdefault(place, node.start_point.row + 1)
        if place in counts:  # the last table of a list is the one that goes on
            place = (*place, counts[place] - 1)
    source.lines.setdefault(place, node.start_point.row + 1)
    for pair in node.named_children:
        if pair.type == "pair":
            _read_pair(pair, place, source)


def _read_pair(pair: Node, table: Place, source: Source) -> None:
    children = [child for child in pair.named_children if child.type != "comment"]
    parts = _parts(children[0] if children else None)
    for size in range(1, len(parts) + 1):
        source.lines.setdefault((*table, *parts[:size]), pair.start_point.row + 1)
    if len(children) > 1:
        _read_value(children[-1], (*table, *parts), source)


def _read_value(value: Node, place: Place, source: Source) -> None:
    if value.type == "array":
        items = [item for item in value.named_children if item.type != "comment"]
        for number, item in enumerate(items):
            source.lines.setdefault((*place, number), item.start_point.row + 1)
            _read_value(item, (*place, number), source)
    elif value.type == "inline_table":
        for pair in value.named_children:
            if pair.type == "pair":
                _read_pair(pair, place, source)


def _parts(key: Node | None) -> Place:
    """The names of a key as TOML reads them: ``hashtags."#a b"`` is two."""
    if key is None or key.text is None:
        return ()
    try:
        found: Any = tomllib.loads(f"{key.text.decode()} = 0")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return ()
    parts: list[str] = []
    while isinstance(found, dict):
        name = next(iter(found))
        parts.append(name)
        found = found[name]
    return tuple(parts)


def _errors(node: Node) -> Iterator[Node]:
    if node.is_error or node.is_missing:
        yield node
    elif node.has_error:
        for child in node.children:
            yield from _errors(child)
