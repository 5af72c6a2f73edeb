"""The models in memory and which of them decides on what. Built by ``scoring/loading.py``; used by the scorer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from mahlan.core.routing import Routes, model_for
from mahlan.core.verdict import DEFAULT
from mahlan.scoring.cascade import Cascade, Served, parts_of
from mahlan.scoring.plan import Plan

Role = Literal["champion", "canary", "shadow"]


@dataclass(frozen=True, slots=True)
class Lineup:
    """Loaded models by name, the parts of cascades too.

    ``routes`` names those that decide, ``shadows`` those that only score along.
    """

    routes: Routes
    models: Mapping[str, Served]
    shadows: tuple[str, ...] = ()

    @property
    def champion(self) -> Served:
        """The model for every language without one of its own."""
        return self.models[self.routes.champions[DEFAULT]]

    @property
    def plans(self) -> dict[str, Plan]:
        """The cascades among them, as the registry told of them."""
        return {name: model.plan for name, model in self.models.items() if isinstance(model, Cascade)}

    def decider(self, author_key: str, language: str) -> str:
        """The name of the model that decides on this author's comment."""
        return model_for(author_key, language, self.routes)

    def champion_for(self, language: str) -> Served:
        """The model that decides where the canary cannot."""
        return self.models[model_for("", language, Routes(self.routes.champions))]

    def roles(self) -> Iterator[tuple[Role, Served]]:
        """Every model once for each thing it does."""
        for name in dict.fromkeys(self.routes.champions.values()):
            yield "champion", self.models[name]
        if self.routes.trial is not None:
            yield "canary", self.models[self.routes.trial.model]
        for name in self.shadows:
            yield "shadow", self.models[name]


def alone(model: Served) -> Lineup:
    """The line-up of one model that decides on everything."""
    return Lineup(Routes({DEFAULT: model.name}), with_parts([model]))


def with_parts(models: Iterable[Served]) -> dict[str, Served]:
    """These by name, and the parts of the cascades among them."""
    found: dict[str, Served] = {}
    for model in models:
        found.update({part.name: part for part in parts_of(model)} | {model.name: model})
    return found
