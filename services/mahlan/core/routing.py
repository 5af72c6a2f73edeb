"""Which model decides on a comment: the champion of its language, or the canary for its share of the authors.

Called by the lineup of loaded models (``scoring/lineup.py``). Names only; nothing here knows what a model is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mahlan.core.assignment import fraction
from mahlan.core.verdict import DEFAULT, fallbacks


@dataclass(frozen=True, slots=True)
class Trial:
    """A canary: the model that decides for ``share`` (0..1) of the authors, in ``languages`` (none named: in all)."""

    model: str
    share: float
    salt: str = ""
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Routes:
    """Language (or ``default``, which must be there) to its champion, and the canary if there is one."""

    champions: Mapping[str, str]
    trial: Trial | None = None


def model_for(author_key: str, language: str, routes: Routes) -> str:
    """The name of the model that decides on a comment of this author in this language."""
    trial = routes.trial
    if trial is not None and in_trial(author_key, trial) and _covers(trial, language):
        return trial.model
    return champion_of(language, routes.champions)


def champion_of(language: str, champions: Mapping[str, str]) -> str:
    """The champion of the language or of its nearest fallback (``arz-Latn``, ``arz``, ``ar``, ``default``)."""
    return next(champions[name] for name in fallbacks(language) if name in champions)


def in_trial(author_key: str, trial: Trial) -> bool:
    """Whether the canary decides for this author: always the same, and growing the share keeps those who are in.

    Spread independently of any campaign's holdout, and of every canary with another salt (its model's name, unless
    one is given), so that it is not the same people who try everything.
    """
    return fraction("canary", trial.salt or trial.model, author_key) < trial.share


def _covers(trial: Trial, language: str) -> bool:
    return not trial.languages or any(name in trial.languages for name in fallbacks(language) if name != DEFAULT)
