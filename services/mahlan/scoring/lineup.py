"""The models in memory and which of them decides on what. Built by ``scoring/loading.py``; used by the scorer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from mahlan.core.routing import Routes, model_for
from mahlan.core.verdict import DEFAULT
from mahlan.scoring.model import Model

Role = Literal["champion", "canary", "shadow"]


@dataclass(frozen=True, slots=True)
class Lineup:
    """Loaded models by name; ``routes`` names those that decide, ``shadows`` those that only score along."""

    routes: Routes
    models: Mapping[str, Model]
    shadows: tuple[str, ...] = ()

    @property
    def champion(self) -> Model:
        """The model for every language without one of its own."""
        return self.models[self.routes.champions[DEFAULT]]

    def decider(self, author_key: str, language: str) -> str:
        """The name of the model that decides on this author's comment."""
        return model_for(author_key, language, self.routes)

    def champion_for(self, language: str) -> Model:
        """The model that decides where the canary cannot."""
        return self.models[model_for("", language, Routes(self.routes.champions))]

    def roles(self) -> Iterator[tuple[Role, Model]]:
        """Every model once for each thing it does."""
        for name in dict.fromkeys(self.routes.champions.values()):
            yield "champion", self.models[name]
        if self.routes.trial is not None:
            yield "canary", self.models[self.routes.trial.model]
        for name in self.shadows:
            yield "shadow", self.models[name]


def alone(model: Model) -> Lineup:
    """The line-up of one model that decides on everything."""
    return Lineup(Routes({DEFAULT: model.name}), {model.name: model})
