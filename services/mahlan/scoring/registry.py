"""``models/registry.toml``: which model serves. Called by the scorer, the gateway and the CLI.

A model lives at ``<models>/<name>/<version>/`` and is called ``name@version``. ``docs/swapping.md`` shows the file;
``scoring/changes.py`` writes it.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from mahlan.core.routing import Routes, Trial
from mahlan.core.verdict import DEFAULT
from mahlan.errors import ModelError
from mahlan.scoring.keys import in_words, unknown_keys
from mahlan.scoring.manifest import FILE
from mahlan.scoring.plan import Language, Name, Plan, read_plans

REGISTRY = "registry.toml"


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the registry's history: from ``at`` on, ``model`` is the champion of ``language``."""

    model: Name
    at: datetime | None = None
    reason: str = ""
    language: Language = DEFAULT
    rollback: bool = False


@dataclass(frozen=True, slots=True)
class Canary:
    """The registry's ``canary``: the model that decides for ``share`` of the authors; a share of 0: there is none."""

    model: Name
    share: Annotated[float, Meta(ge=0.0, le=1.0)]
    salt: str = ""
    languages: tuple[Language, ...] = ()
    at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Shadow:
    """One line of the history of the shadows: from ``at`` on, ``model`` is one, or with ``off`` is one no more."""

    model: Name
    at: datetime | None = None
    reason: str = ""
    off: bool = False


@dataclass(frozen=True, slots=True)
class Registry:
    """The file: the history of champion, shadows and canary (one alone where there is none), cascades by name."""

    champion: Name | tuple[Change, ...]
    shadow: Name | tuple[Name | Shadow, ...] = ()
    canary: Canary | tuple[Canary, ...] | None = None
    cascade: dict[str, Plan] = field(default_factory=dict)

    @property
    def changes(self) -> tuple[Change, ...]:
        """The history, oldest first."""
        return (Change(self.champion),) if isinstance(self.champion, str) else self.champion

    @property
    def shadows(self) -> tuple[str, ...]:
        """Models that score along and never decide."""
        found: dict[str, None] = {}
        for line in self.shadow_lines:
            if line.off:
                found.pop(line.model, None)
            else:
                found[line.model] = None
        return tuple(found)

    @property
    def shadow_lines(self) -> tuple[Shadow, ...]:
        """Their history, oldest first."""
        lines = (self.shadow,) if isinstance(self.shadow, str) else self.shadow
        return tuple(Shadow(line) if isinstance(line, str) else line for line in lines)

    @property
    def canaries(self) -> tuple[Canary, ...]:
        """The history of the canary, oldest first; the last line counts."""
        if self.canary is None:
            return ()
        return (self.canary,) if isinstance(self.canary, Canary) else self.canary

    @property
    def stacks(self) -> dict[str, list[str]]:
        """Champions by language, the serving one last; what a rollback took off is gone."""
        found: dict[str, list[str]] = {}
        for change in self.changes:
            stack = found.setdefault(change.language, [])
            if change.rollback and change.model in stack:
                del stack[len(stack) - stack[::-1].index(change.model) :]
            elif stack[-1:] != [change.model]:
                stack.append(change.model)
        return found

    @property
    def routes(self) -> Routes:
        """Who decides on what."""
        canary = next(reversed(self.canaries), None)
        trial = Trial(canary.model, canary.share, canary.salt, canary.languages) if canary and canary.share else None
        return Routes({language: stack[-1] for language, stack in self.stacks.items()}, trial)

    @property
    def serving(self) -> str:
        """The champion of every language without one of its own."""
        return self.routes.champions[DEFAULT]

    @property
    def deciding(self) -> tuple[str, ...]:
        """Every model that decides on something, the champion first."""
        routes = self.routes
        trial = [routes.trial.model] if routes.trial else []
        return tuple(dict.fromkeys([routes.champions[DEFAULT], *routes.champions.values(), *trial]))

    @property
    def folders(self) -> tuple[str, ...]:
        """Every model with a folder that is wanted for something: of a cascade both parts."""
        names = (*self.deciding, *self.shadows)
        parts = [self.cascade[name].parts if name in self.cascade else (name,) for name in names]
        return tuple(dict.fromkeys(part for own in parts for part in own))


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model folder found under the models directory."""

    name: str
    path: Path
    champion: bool


def find_model(models_dir: Path, wanted: str | None = None, registry: Path | None = None) -> Path:
    """The folder of ``wanted`` (``name@version``, or ``name`` where it has one version), or of the champion.

    ``registry`` is the file where it is not the one in ``models_dir``, here and below. Raises ``ModelError`` that
    names what there is, or the parts where the champion is a cascade.
    """
    asked = wanted if wanted is not None else _one_folder(read_registry(models_dir, registry))
    known = {entry.name: entry.path for entry in list_models(models_dir, mark=False)}
    if asked in known:
        return known[asked]
    versions = [name for name in known if name.partition("@")[0] == asked]
    if len(versions) == 1:
        return known[versions[0]]
    raise ModelError(f"there is no model {asked} in {models_dir}{_hint(asked, versions, known)}")


def list_models(models_dir: Path, *, mark: bool = True, registry: Path | None = None) -> list[ModelEntry]:
    """Every folder with a manifest, by name. ``mark`` reads the registry to say which one is the champion."""
    best = champion(models_dir, registry) if mark and (registry or models_dir / REGISTRY).exists() else None
    found = sorted(path.parent for path in models_dir.glob(f"*/*/{FILE}"))
    names = [(f"{path.parent.name}@{path.name}", path) for path in found]
    return [ModelEntry(name=name, path=path, champion=name == best) for name, path in names]


def champion(models_dir: Path, registry: Path | None = None) -> str:
    """The registry's champion, ``name@version``. Raises ``ModelError`` where the file is missing or wrong."""
    return read_registry(models_dir, registry).serving


def read_registry(models_dir: Path, registry: Path | None = None) -> Registry:
    """Read and check the registry. Raises ``ModelError`` that names the key and the fix."""
    path = registry or models_dir / REGISTRY
    try:
        return parse_registry(path.read_bytes())
    except FileNotFoundError:
        raise ModelError(f'{path} is missing: write one line, champion = "name@version"') from None
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from None


def parse_registry(data: bytes) -> Registry:
    """The registry in these bytes. Raises ``ModelError``, with the key first."""
    try:
        raw = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"not valid TOML: {error}") from None
    for problem in _unknown(raw):
        raise ModelError(problem)
    plans = read_plans(raw.pop("cascade", {}))
    try:
        registry = replace(msgspec.convert(raw, Registry), cascade=plans)
    except msgspec.ValidationError as error:
        raise ModelError(_explained(in_words(str(error), REGISTRY))) from None
    if DEFAULT not in registry.stacks:
        raise ModelError("champion: no line without a language: some model must serve all the others")
    return registry


def _unknown(raw: Mapping[str, Any]) -> Iterator[str]:
    yield from unknown_keys(Registry, raw, {(Registry, "canary"): Canary})
    for key, shape in _LINES.items():
        lines = raw.get(key)
        for number, line in enumerate(lines if isinstance(lines, list) else ()):
            if isinstance(line, dict):
                yield from unknown_keys(shape, line, {}, f"{key}[{number}].")


_LINES: dict[str, type] = {"champion": Change, "shadow": Shadow, "canary": Canary}


def _one_folder(registry: Registry) -> str:
    """The champion, where it is one model."""
    name = registry.serving
    if (plan := registry.cascade.get(name)) is not None:
        raise ModelError(f"the champion {name} is a cascade, not one model: name {plan.fast} or {plan.accurate}")
    return name


def _explained(problem: str) -> str:
    """The same with an example of what to write."""
    key = problem.partition(":")[0]
    if key == "champion is missing":
        return 'champion is missing: champion = "fast@1"'
    if "matching regex" not in problem and key != "champion":
        return problem
    example = 'tag like "arz-Latn"' if "language" in key else 'text like "fast@1"'
    return f"{key}: must be a {example}"


def _hint(asked: str, versions: list[str], known: Mapping[str, Path]) -> str:
    if len(versions) > 1:
        return f"; say which version: {', '.join(versions)}"
    near = difflib.get_close_matches(asked, list(known), n=1)
    if near:
        return f" (did you mean {near[0]}?)"
    return f"; there are {', '.join(known)}" if known else "; the directory holds no model folder"
