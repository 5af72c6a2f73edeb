"""Changes of the canary and the shadows in ``registry.toml``: each is one more line. Called by ``mahlan models``.

As in ``changes.py``, which changes the champion: the file is edited as text and read back before it counts.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from mahlan.core.routing import champion_of
from mahlan.errors import ModelError
from mahlan.scoring.changes import Place, alone_in, check_reason, put, stamp
from mahlan.scoring.keys import nearest
from mahlan.scoring.registry import Canary, Registry, Shadow, parse_registry, read_registry
from mahlan.scoring.served import find_served


def start_canary(
    place: Place, model: str, *, share: float, reason: str, at: datetime, languages: Sequence[str] | None = None
) -> Canary:
    """Let ``model`` decide for ``share`` (above 0, to 1) of the authors, in these languages (none of them: in all).

    ``languages`` None keeps those it had, where it was the canary last. Raises ``ModelError`` as ``promote``.
    """
    model = find_served(place.models, model, place.file).name
    with alone_in(place.file.parent):
        registry = read_registry(place.models, place.file)
        last = next(reversed(registry.canaries), None)
        same = last if last is not None and last.model == model else None
        kept = tuple(languages) if languages is not None else (same.languages if same else ())
        # The salt stays, so that a growing share keeps the authors who are in.
        new = Canary(model, share, same.salt if same else "", kept, stamp(at), reason)
        _check_canary(registry, new, same)
        return _add_canary(place, registry, new)


def end_canary(place: Place, *, reason: str, at: datetime, model: str | None = None) -> Canary:
    """Let the champions decide for everybody again. ``model``: only if that is the canary. Raises ``ModelError``."""
    with alone_in(place.file.parent):
        registry = read_registry(place.models, place.file)
        last = next(reversed(registry.canaries), None)
        if last is None or not last.share:
            raise ModelError("there is no canary to take off")
        if model not in (None, last.model):
            raise ModelError(f"the canary is {last.model}, not {model}")
        return _add_canary(place, registry, replace(last, share=0.0, at=stamp(at), reason=reason))


def start_shadow(place: Place, model: str, *, reason: str, at: datetime) -> Shadow:
    """Let ``model`` score along. Raises ``ModelError`` as ``promote``."""
    model = find_served(place.models, model, place.file).name
    with alone_in(place.file.parent):
        registry = read_registry(place.models, place.file)
        if model in registry.shadows:
            raise ModelError(f"{model} is a shadow already")
        if model in registry.deciding:
            raise ModelError(f"{model} decides on comments already; a shadow is another model, beside it")
        return _add_shadow(place, registry, Shadow(model, stamp(at), reason))


def end_shadow(place: Place, model: str, *, reason: str, at: datetime) -> Shadow:
    """Let ``model`` no longer score along. Raises ``ModelError`` that names the shadows there are."""
    with alone_in(place.file.parent):
        registry = read_registry(place.models, place.file)
        if model not in registry.shadows:
            there = nearest(model, registry.shadows) or f"; there are {', '.join(registry.shadows) or 'none'}"
            raise ModelError(f"{model} is no shadow{there}")
        return _add_shadow(place, registry, Shadow(model, stamp(at), reason, off=True))


def _check_canary(registry: Registry, new: Canary, same: Canary | None) -> None:
    if not 0.0 < new.share <= 1.0:
        raise ModelError("a canary's share of the authors is above 0 and at most 1")
    if same is not None and (same.share, same.languages) == (new.share, new.languages):
        raise ModelError(f"{new.model} is the canary for {new.share:g} of the authors already")
    champions = registry.routes.champions
    if {champion_of(language, champions) for language in new.languages or champions} == {new.model}:
        raise ModelError(f"{new.model} is the champion there already; a canary is another model, beside it")


def _add_canary(place: Place, before: Registry, new: Canary) -> Canary:
    parts = [f"model = {json.dumps(new.model)}", f"share = {new.share!r}"]
    if new.salt:
        parts.append(f"salt = {json.dumps(new.salt, ensure_ascii=False)}")
    if new.languages:
        parts.append(f"languages = {json.dumps(new.languages)}")
    after = replace(before, canary=(*before.canaries, new))
    _add(place.file.resolve(), "canary", [*parts, *_record(new)], after)
    return new


def _add_shadow(place: Place, before: Registry, new: Shadow) -> Shadow:
    parts = [f"model = {json.dumps(new.model)}", *(["off = true"] if new.off else [])]
    there = (before.shadow,) if isinstance(before.shadow, str) else before.shadow
    _add(place.file.resolve(), "shadow", [*parts, *_record(new)], replace(before, shadow=(*there, new)))
    return new


def _record(line: Canary | Shadow) -> list[str]:
    at = line.at or datetime.now(UTC)
    return [f"at = {at:%Y-%m-%dT%H:%M:%SZ}", f"reason = {json.dumps(line.reason, ensure_ascii=False)}"]


def _add(path: Path, key: str, parts: Sequence[str], after: Registry) -> None:
    """Write the line, if the file then says ``after`` and nothing else."""
    check_reason(getattr(after, key)[-1].reason)
    text = _with_line(path.read_text(encoding="utf-8"), key, f"  {{ {', '.join(parts)} }},\n")
    if text is None or not _says(text, after):
        raise ModelError(
            f"{path}: a line cannot be added here; write {key} = [ on a line of its own above every [table], then one "
            "{ model = … } a line with a comma after it, then ]"
        )
    put(path, text)


def _says(text: str, wanted: Registry) -> bool:
    try:
        return parse_registry(text.encode()) == wanted
    except ModelError:
        return False


def _with_line(text: str, key: str, line: str) -> str | None:
    """The file with one more line in the list ``key``, which is made where it is not there; None: no way we know."""
    if (place := _statement(text, key)) is None:
        champion = _statement(text, "champion")
        at = champion[1] if champion else 0
        end = "" if text[:at].endswith("\n") else "\n"
        return f"{text[:at]}{end}{key} = [\n{line}]\n{text[at:]}"
    begin, end_ = place
    *lines, last = text[begin:end_].splitlines(keepends=True)
    if lines:
        return f"{text[:begin]}{''.join(lines)}{line}{last}{text[end_:]}" if last.startswith("]") else None
    value, rest = _split(last)
    old = value[1:-1].strip().rstrip(",") if value.startswith("[") else value
    first = f"  {old},\n" if old else ""
    return f"{text[:begin]}{key} = [{rest}\n{first}{line}]\n{text[end_:]}"


def _statement(text: str, key: str) -> tuple[int, int] | None:
    """Where ``key = …`` begins, and where the line ends on which its value does."""
    found = re.search(rf"^{key}[ \t]*=", text, re.MULTILINE)
    if found is None:
        return None
    for line in re.finditer(r"\n|\Z", text[found.start() :]):
        end = found.start() + line.end()
        if _is_toml(text[found.start() : end]):
            return found.start(), end
    return None


def _split(line: str) -> tuple[str, str]:
    """The value of ``key = value  # comment``, and what follows it."""
    right = line.partition("=")[2].strip()
    ends = (number for number in range(1, len(right) + 1) if _is_toml(f"value = {right[:number]}"))
    end = next(ends, len(right))
    return right[:end], right[end:]


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True
