"""From the registry to loaded, tested models. Called by the scorer at its start and at each change, in a thread.

What decides must all be fit, or nothing changes; a shadow that is not fit is left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mahlan.core.verdict import DEFAULT
from mahlan.errors import ModelError, UnfitError
from mahlan.scoring.folder import GRAPH
from mahlan.scoring.lineup import Lineup, alone
from mahlan.scoring.manifest import FILE
from mahlan.scoring.model import Model, Scorable
from mahlan.scoring.onnx import CPU
from mahlan.scoring.registry import REGISTRY, Registry, find_model, parse_registry, read_registry
from mahlan.scoring.selftest import check_fitness

TOLERABLE = frozenset({"golden", "slow"})
"""Reasons that do not keep the only champion there is from serving after a start."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A model that is not served though the registry names it. ``reason`` is a stable code, ``message`` for people."""

    model: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """A line-up to serve, and what the registry names that is not in it."""

    lineup: Lineup
    refused: tuple[Refusal, ...] = ()


class RefusedError(Exception):
    """A change is refused as a whole; ``refusal`` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Loader:
    """Loads from the models folder with the operator's threads and providers.

    ``slowest`` is seconds a comment; ``registry`` a file elsewhere than in the models folder.
    """

    folder: Path
    threads: int = 1
    providers: Sequence[str] = (CPU,)
    slowest: float = 1.0
    pinned: str = ""
    registry: Path | None = None

    def first(self) -> Loaded:
        """What to serve at the start. Raises ``ModelError`` where no champion, present or earlier, can be served.

        A champion that is unfit is passed over for the one before it: a restart must not put into service what the
        running scorers refused. A pinned model is not tested: whoever pins it decides.
        """
        if self.pinned:
            return Loaded(alone(self._model(find_model(self.folder, self.pinned))))
        registry = read_registry(self.folder, self.registry)
        refusals: list[Refusal] = []
        for attempt in (registry, replace(registry, canary=None)):
            try:
                loaded = self.prepared(attempt, {}, ())
            except RefusedError as error:
                refusals.append(error.refusal)
            else:
                return replace(loaded, refused=(*refusals, *loaded.refused))
        return self._earlier(registry, refusals[0])

    def prepared(self, registry: Registry, have: Mapping[str, Model], recent: Sequence[Scorable]) -> Loaded:
        """The registry's line-up; models in ``have`` are taken as they are, others loaded and tested on ``recent``.

        Raises ``RefusedError`` where a model that decides cannot be served.
        """
        deciding = registry.deciding
        models = {name: have.get(name) or self._fit(name, recent) for name in deciding}
        refused: list[Refusal] = []
        for name in registry.shadows:
            try:
                models[name] = models.get(name) or have.get(name) or self._fit(name, recent)
            except RefusedError as error:
                refused.append(error.refusal)
        shadows = tuple(name for name in dict.fromkeys(registry.shadows) if name in models and name not in deciding)
        return Loaded(Lineup(registry.routes, models, shadows), tuple(refused))

    def mark(self, serving: Iterable[str]) -> str:
        """A digest of all that a change could come from: the registry's bytes, and models it names but nobody serves.

        Bytes, not times: a ConfigMap changes by a link that now points elsewhere.
        """
        found = hashlib.sha256()
        try:
            data = (self.registry or self.folder / REGISTRY).read_bytes()
            found.update(data)
            registry = parse_registry(data)
            for name in sorted({*registry.deciding, *registry.shadows} - set(serving)):
                found.update(self._state(name).encode())
        except OSError as error:
            found.update(type(error).__name__.encode())
        except ModelError:
            pass  # its bytes are in the digest
        return found.hexdigest()

    def _state(self, name: str) -> str:
        """When the files of a model changed: one that was refused is tried again once they have."""
        folder = self.folder / name.replace("@", "/")
        stats = [path.stat() for path in (folder / FILE, folder / GRAPH) if path.exists()]
        return f"{name} {[(stat.st_mtime_ns, stat.st_size, stat.st_ino) for stat in stats]}"

    def _fit(self, name: str, recent: Sequence[Scorable]) -> Model:
        try:
            folder = find_model(self.folder, name)
            model = _called(name, self._model(folder))
            check_fitness(model, folder, recent, slowest=self.slowest)
        except UnfitError as error:
            raise RefusedError(Refusal(name, error.reason, str(error))) from None
        except ModelError as error:
            raise RefusedError(Refusal(name, "folder", str(error))) from None
        return model

    def _model(self, folder: Path) -> Model:
        return Model.load(folder, threads=self.threads, providers=self.providers)

    def _earlier(self, registry: Registry, why: Refusal) -> Loaded:
        """The newest champion of all languages that can be served, alone.

        Where there is none, one that only differs from its golden file is better than no nudges at all.
        """
        for name in reversed(registry.stacks[DEFAULT]):
            try:
                return Loaded(alone(self._fit(name, ())), (why,))
            except RefusedError:
                continue
        if why.reason not in TOLERABLE:
            raise ModelError(f"{why.model} cannot be served: {why.message}")
        return Loaded(alone(self._model(find_model(self.folder, registry.routes.champions[DEFAULT]))), (why,))


def _called(name: str, model: Model) -> Model:
    if model.name != name:
        raise ModelError(f"the manifest in the folder of {name} says that it is {model.name}")
    return model
