"""From the registry to loaded, tested models. Called at a service's start and at each change, in a thread.

What decides must all be fit, or nothing changes; a shadow that is not fit is left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mahlan.core.verdict import DEFAULT
from mahlan.errors import ModelError, UnfitError
from mahlan.runtime.data import data_folder
from mahlan.runtime.settings import Settings
from mahlan.scoring.cascade import Cascade, Served
from mahlan.scoring.folder import GRAPH
from mahlan.scoring.lineup import Lineup, alone, with_parts
from mahlan.scoring.manifest import FILE
from mahlan.scoring.model import Model, Scorable
from mahlan.scoring.onnx import CPU, named_providers
from mahlan.scoring.plan import Plan
from mahlan.scoring.registry import REGISTRY, Registry, find_model, parse_registry, read_registry
from mahlan.scoring.selftest import check_fitness, self_test
from mahlan.scoring.served import find_served, load_served
from mahlan.scoring.signature import SIGNATURE, Trusted, read_trusted

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

    ``slowest`` is seconds a comment; ``registry`` a file elsewhere than in the models folder; ``trusted`` are the keys
    of which one must have signed each model (none: signatures are not asked for).
    """

    folder: Path
    threads: int = 1
    providers: Sequence[str] = (CPU,)
    slowest: float = 1.0
    pinned: str = ""
    registry: Path | None = None
    trusted: Trusted = ()

    def first(self) -> Loaded:
        """What to serve at the start. Raises ``ModelError`` where no champion, present or earlier, can be served.

        A champion that is unfit is passed over for the one before it: a restart must not put into service what the
        running scorers refused. A pinned model is not tested: whoever pins it decides.
        """
        if self.pinned:
            return Loaded(alone(self._untested(self.pinned)))
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

    def prepared(self, registry: Registry, have: Mapping[str, Served], recent: Sequence[Scorable]) -> Loaded:
        """The registry's line-up; models in ``have`` are taken as they are, others loaded and tested on ``recent``.

        Raises ``RefusedError`` where a model that decides cannot be served.
        """
        deciding = registry.deciding
        pool = dict(have)
        models = [self._taken(name, registry, pool, recent) for name in deciding]
        shadows: list[str] = []
        refused: list[Refusal] = []
        for name in dict.fromkeys(registry.shadows):
            try:
                models.append(self._taken(name, registry, pool, recent))
            except RefusedError as error:
                refused.append(error.refusal)
            else:
                shadows += [name] if name not in deciding else []
        return Loaded(Lineup(registry.routes, with_parts(models), tuple(shadows)), tuple(refused))

    def mark(self, serving: Iterable[str]) -> str:
        """A digest of all that a change could come from: the registry's bytes, and models it names but nobody serves.

        Bytes, not times: a ConfigMap changes by a link that now points elsewhere.
        """
        found = hashlib.sha256()
        try:
            data = (self.registry or self.folder / REGISTRY).read_bytes()
            found.update(data)
            registry = parse_registry(data)
            for name in sorted({*registry.folders} - set(serving)):
                found.update(self._state(name).encode())
        except OSError as error:
            found.update(type(error).__name__.encode())
        except ModelError:
            pass  # its bytes are in the digest
        return found.hexdigest()

    def _state(self, name: str) -> str:
        """When the files of a model changed: one that was refused is tried again once they have."""
        folder = self.folder / name.replace("@", "/")
        stats = [path.stat() for path in (folder / FILE, folder / SIGNATURE, folder / GRAPH) if path.exists()]
        return f"{name} {[(stat.st_mtime_ns, stat.st_size, stat.st_ino) for stat in stats]}"

    def _taken(self, name: str, registry: Registry, pool: dict[str, Served], recent: Sequence[Scorable]) -> Served:
        """The model from ``pool``, or loaded, tested and put there."""
        if (plan := registry.cascade.get(name)) is None:
            return self._part(name, pool, recent)
        try:
            fast, accurate = (self._part(part, pool, recent) for part in plan.parts)
        except RefusedError as error:
            why = error.refusal
            raise RefusedError(Refusal(name, why.reason, f"its part {why.model}: {why.message}")) from None
        found = self._joined(name, plan, fast, accurate)
        if found.is_the_same(pool.get(name)):
            return pool[name]
        try:
            self_test(found, recent, slowest=self.slowest)
        except UnfitError as error:
            raise RefusedError(Refusal(name, error.reason, str(error))) from None
        pool[name] = found
        return found

    def _part(self, name: str, pool: dict[str, Served], recent: Sequence[Scorable]) -> Model:
        found = pool.get(name)
        if found is None or isinstance(found, Cascade):
            pool[name] = found = self._fit(name, recent)
        return found

    def _joined(self, name: str, plan: Plan, fast: Model, accurate: Model) -> Cascade:
        if (self.folder / name.replace("@", "/") / FILE).exists():
            raise RefusedError(Refusal(name, "cascade", f"there is a model folder {name} too: rename the cascade"))
        try:
            return Cascade(name, plan, fast, accurate)
        except ModelError as error:
            raise RefusedError(Refusal(name, "cascade", str(error))) from None

    def _fit(self, name: str, recent: Sequence[Scorable]) -> Model:
        try:
            folder = find_model(self.folder, name)
            loaded = Model.load(folder, threads=self.threads, providers=self.providers, trusted=self.trusted)
            model = _called(name, loaded)
            check_fitness(model, folder, recent, slowest=self.slowest)
        except UnfitError as error:
            raise RefusedError(Refusal(name, error.reason, str(error))) from None
        except ModelError as error:
            raise RefusedError(Refusal(name, "folder", str(error))) from None
        return model

    def _untested(self, name: str) -> Served:
        found = find_served(self.folder, name, self.registry)
        return load_served(found, threads=self.threads, providers=self.providers, trusted=self.trusted)

    def _earlier(self, registry: Registry, why: Refusal) -> Loaded:
        """The newest champion of all languages that can be served, alone.

        Where there is none, one that only differs from its golden file is better than no nudges at all.
        """
        for name in reversed(registry.stacks[DEFAULT]):
            try:
                return Loaded(alone(self._taken(name, registry, {}, ())), (why,))
            except RefusedError:
                continue
        if why.reason not in TOLERABLE:
            raise ModelError(f"{why.model} cannot be served: {why.message}")
        return Loaded(alone(self._untested(registry.serving)), (why,))


def _called(name: str, model: Model) -> Model:
    if model.name != name:
        raise ModelError(f"the manifest in the folder of {name} says that it is {model.name}")
    return model


def build_loader(settings: Settings) -> Loader:
    """Loads what the settings and the registry name. Raises ``SettingsError``."""
    return Loader(
        folder=Path(settings.models_dir) if settings.models_dir else data_folder("models"),
        threads=settings.scorer_threads,
        providers=named_providers(settings.scorer_providers),
        slowest=settings.scorer_slowest,
        pinned=settings.scorer_model,
        registry=Path(settings.models_registry) if settings.models_registry else None,
        trusted=read_trusted(settings.scorer_trusted_keys),
    )
