"""Whether a campaign file has the keys it may have, each with a value of its kind: every problem, in plain words.

The kinds are those of the dataclasses in ``core/campaign.py``; msgspec converts and says what does not fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from difflib import get_close_matches
from types import NoneType
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

import msgspec

from mahlan.core.campaign_source import Place

COMPUTED = {"version", "tags"}

#: What to write, where the type's own message is for programmers. By the end of the key.
_HINTS = {
    "starts": "write a time such as '23:00'",
    "ends": "write a time such as '07:00'",
    "id": "write small Latin letters, digits and hyphens",
    "phone": "write the number as it is dialled, digits and spaces",
    "url": "write an address that begins with https:// and has no spaces",
}
#: The same, whatever is wrong with the value.
_ALWAYS = {"disputes": "write a share above 0 and up to 0.5, such as 0.02 for 2 %"}
_KINDS = {
    "int": "a whole number without quotes, such as 3",
    "float": "a number without quotes, such as 0.1",
    "str": "a text in quotes",
    "bool": "true or false, without quotes",
    "date": "a date without quotes, such as 2026-11-20",
    "array": 'a list in brackets, such as ["a", "b"]',
    "object": "a table of keys and values",
}


class Trouble(NamedTuple):
    """Something to put right: where it is, and what to write instead."""

    place: Place
    told: str


def shape_troubles(value: Any, hint: Any, place: Place = ()) -> Iterator[Trouble]:
    """What in ``value`` does not fit the type ``hint``, deepest first. Nothing: ``msgspec.convert`` takes it."""
    inner = _without_none(hint)
    found = list(_inside(value, inner, place))
    yield from found
    if not found and not is_dataclass(inner):
        try:
            msgspec.convert(value, hint)
        except msgspec.ValidationError as error:
            yield Trouble(place, _plain(str(error), place, inner))


def _inside(value: Any, hint: Any, place: Place) -> Iterator[Trouble]:
    origin, given = get_origin(hint), get_args(hint)
    if is_dataclass(hint):
        if isinstance(value, dict):
            yield from _in_table(value, hint if isinstance(hint, type) else type(hint), place)
        else:
            yield Trouble(place, f"write {_KINDS['object']}: [{'.'.join(map(str, place))}] on a line of its own")
    elif origin is tuple and isinstance(value, list):
        for number, item in enumerate(value):
            yield from shape_troubles(item, given[0], (*place, number))
    elif origin is dict and isinstance(value, dict):
        for key, item in value.items():
            yield from shape_troubles(key, given[0], (*place, key))
            yield from shape_troubles(item, given[1], (*place, key))
    elif hasattr(hint, "__metadata__"):
        yield from _inside(value, hint.__origin__, place)


def _in_table(table: Mapping[str, Any], shape: type, place: Place) -> Iterator[Trouble]:
    hints = get_type_hints(shape, include_extras=True)
    known = {field.name: field for field in fields(shape) if field.name not in COMPUTED}
    for key, value in table.items():
        if key in known:
            yield from shape_troubles(value, hints[key], (*place, key))
        else:
            near = get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known keys here: {', '.join(known)}"
            yield Trouble((*place, key), f"no such key; {hint}")
    for name, field in known.items():
        if name not in table and not _has_default(field):
            yield Trouble((*place, name), "this key is missing; add it")


def _has_default(field: Field[Any]) -> bool:
    return field.default is not MISSING or field.default_factory is not MISSING


def _without_none(hint: Any) -> Any:
    """``X`` of ``X | None``."""
    kinds = [kind for kind in get_args(hint) if kind is not NoneType]
    return kinds[0] if len(kinds) == 1 and NoneType in get_args(hint) else hint


def _plain(message: str, place: Place, hint: Any) -> str:
    """What msgspec says, for somebody who does not program."""
    if known := _ALWAYS.get(str(place[-1])) or _choices(hint):
        return known
    ends = (told for end, told in _HINTS.items() if str(place[-1]).endswith(end))
    what = message.partition(" - at `")[0].replace("`", "")
    if "matching regex" in what:
        return next(ends, "some of its letters or signs are not allowed here")
    if size := re.search(r"(str|array) of length (<=|>=) (\d+)", what):
        unit = "characters" if size[1] == "str" else "entries"
        return f"at {'most' if size[2] == '<=' else 'least'} {size[3]} {unit}"
    if limit := re.search(r"(<=|>=) ([\d.]+)", what):
        return f"at {'most' if limit[1] == '<=' else 'least'} {limit[2]}"
    kind = re.search(r"Expected (\w+)", what)
    if "date" in what:
        return f"write {_KINDS['date']}"
    return f"write {_KINDS.get(kind[1], what)}" if kind else what


def _choices(hint: Any) -> str:
    if get_origin(hint) is Literal:
        *first, last = (f"'{choice}'" for choice in get_args(hint))
        return f"write {', '.join(first)} or {last}"
    return _choices(hint.__origin__) if hasattr(hint, "__metadata__") else ""
