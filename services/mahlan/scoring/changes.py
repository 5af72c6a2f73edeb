"""Changes of the champion in ``registry.toml``: each is one more line, with its time and reason.

Called by ``mahlan models``; ``trials.py`` changes canary and shadows.

The file is edited as text, so that comments and order stay, read back before it counts, and put in place by a rename:
whoever reads it sees the old one or the new one.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from mahlan.core.verdict import DEFAULT
from mahlan.errors import ModelError
from mahlan.scoring.registry import REGISTRY, Change, Registry, parse_registry, read_registry
from mahlan.scoring.served import find_served

_ALONE = re.compile(r'^champion\s*=\s*"([^"\n]*)"[^\n]*\n?', re.MULTILINE)
_LIST = re.compile(r"^champion\s*=\s*\[[^\n]*\n(?:.*\n)*?(?=\])", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where models are and which file says who serves (``registry.toml`` beside them unless it is elsewhere)."""

    models: Path
    registry: Path | None = None

    @property
    def file(self) -> Path:
        """The registry."""
        return self.registry or self.models / REGISTRY


def promote(place: Place, model: str, *, reason: str, at: datetime, language: str = DEFAULT) -> Change:
    """Make ``model`` the champion, of one language or of all without their own.

    It must have a folder, or be a cascade of two that have. Raises ``ModelError`` where there is nothing to change or
    the file cannot be written.
    """
    find_served(place.models, model, place.file)
    with alone_in(place.file.parent):
        registry = read_registry(place.models, place.file)
        if registry.stacks.get(language, [""])[-1] == model:
            raise ModelError(f"{model} is the champion{_of(language)} already")
        return _append(place.file.resolve(), registry, Change(model, at, reason, language))


def rollback(place: Place, *, reason: str, at: datetime, language: str = DEFAULT) -> Change:
    """Make the model champion again that was it before the present one. Raises ``ModelError`` as ``promote``."""
    with alone_in(place.file.parent):
        registry = read_registry(place.models, place.file)
        stack = registry.stacks.get(language, [])
        if len(stack) < 2:
            raise ModelError(f"there is no earlier champion{_of(language)} to go back to")
        find_served(place.models, stack[-2], place.file)
        return _append(place.file.resolve(), registry, Change(stack[-2], at, reason, language, rollback=True))


def check_reason(reason: str) -> None:
    """Raise ``ModelError`` where a reason would not fit on the line, or is none."""
    if not reason.strip() or not reason.isprintable():
        raise ModelError("a reason is one line of plain text")


def stamp(at: datetime) -> datetime:
    """A time as the file holds it: UTC, whole seconds."""
    return at.astimezone(UTC).replace(microsecond=0)


def _append(path: Path, before: Registry, change: Change) -> Change:
    check_reason(change.reason)
    change = replace(change, at=stamp(change.at or datetime.now(UTC)))
    text = _with_line(path.read_text(encoding="utf-8"), _line(change))
    if text is None or parse_registry(text.encode()) != replace(before, champion=(*before.changes, change)):
        raise ModelError(
            f"{path}: a line cannot be added here; write champion = [ on a line of its own, then one "
            "{ model = … } a line with a comma after it, then ]"
        )
    put(path, text)
    return change


def _with_line(text: str, line: str) -> str | None:
    """The file with one more change; None where the champion is written in no way we know."""
    if alone := _ALONE.search(text):
        first = _line(Change(alone[1]))
        return f"{text[: alone.start()]}champion = [\n{first}{line}]\n{text[alone.end() :]}"
    if entries := _LIST.search(text):
        return f"{text[: entries.end()]}{line}{text[entries.end() :]}"
    return None


def _line(change: Change) -> str:
    parts = [f"model = {json.dumps(change.model)}"]
    if change.language != DEFAULT:
        parts.append(f"language = {json.dumps(change.language)}")
    if change.rollback:
        parts.append("rollback = true")
    if change.at is not None:
        parts.append(f"at = {change.at:%Y-%m-%dT%H:%M:%SZ}")
    if change.reason:
        parts.append(f"reason = {json.dumps(change.reason, ensure_ascii=False)}")
    return f"  {{ {', '.join(parts)} }},\n"


def put(path: Path, text: str) -> None:
    """Replace the file: a reader, or a power cut, finds the old one whole or the new one whole."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, prefix=".registry-", encoding="utf-8", delete=False
        ) as new:
            new.write(text)
            new.flush()
            os.fsync(new.fileno())
        temporary = Path(new.name)
        temporary.chmod(path.stat().st_mode)
        temporary.replace(path)
    except OSError as error:
        raise ModelError(f"{path} cannot be written ({error.strerror}): change it where it comes from") from None


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Two changes at once must not lose one: the second waits."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise ModelError(f"{folder}: {error.strerror}") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _of(language: str) -> str:
    return "" if language == DEFAULT else f" of {language}"
