"""``training/accurate.toml`` as types; an unknown key or a wrong type stops with its name. Read by every stage.

Only the standard library, since ``tune.py`` also runs on machines where the product is not installed.
"""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Source:
    """How a source counts. ``cap`` rows of it are drawn an epoch (0: the default), ``smoothing`` is of its labels."""

    cap: int = 0
    smoothing: float = 0.0
    weight: float = 1.0
    stated: bool = False
    licence: str = ""
    repository: str = ""
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """``cap``: rows of one source an epoch; ``shortcut``: the most of a source's toxic rows one word may stand in.

    ``slot_fills``: how many comments an invented line with an identity's gap makes. ``contrast``: comments a language
    composed for contrast, half of them harmless.
    """

    cap: int
    shortcut: float
    weak_smoothing: float
    case_copies: int
    slot_fills: int
    contrast: int


@dataclass(frozen=True, slots=True)
class Augment:
    """Shares of rows that are copied in another dress, and how many spellings an Egyptian row gets.

    ``attacked_cases``: how many disguised copies each invented comment gets, besides the share ``attacked`` of all.
    """

    spellings: int
    other_arabic: float
    switched: float
    attacked: float
    attacked_cases: int


@dataclass(frozen=True, slots=True)
class Text:
    """Tokens read of a text, special ones included, in training and when serving; texts of a served batch."""

    train_tokens: int
    max_length: int
    batch: int
    trim_over: int


@dataclass(frozen=True, slots=True)
class Fit:
    """The fine-tuning. ``label_weights`` are of the loss; a label that is not named counts 1.

    ``most_steps`` a training takes, whatever an epoch holds (0: all of it).
    ``follows``: how far the goal of a disguised comment is what the network says of the same comment undisguised.
    """

    epochs: int
    most_steps: int
    batch: int
    rate: float
    head_rate: float
    layer_decay: float
    warm_up: float
    weight_decay: float
    dropout: float
    arabic_weight: float
    follows: float
    checkpoint_seconds: int
    bf16: bool
    label_weights: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Distil:
    """``layers`` kept (none: no pruning), epochs, and the share of the loss that follows the teacher."""

    layers: list[int]
    epochs: int
    teacher_share: float


@dataclass(frozen=True, slots=True)
class Int8:
    """What decides between the ways to int8 (``choice.py``): limits, then the fastest."""

    ways: list[str]
    calibration_texts: int
    measured_texts: int
    most_difference: float
    most_loss: float
    most_shift: float
    most_megabytes: float
    percentile: float


@dataclass(frozen=True, slots=True)
class Words:
    """The head that tells words: ``comments`` to leave words out of (0: no head), width, learning.

    ``human_weight``: of a row whose words people marked, beside one whose words were left out.
    """

    comments: int
    hidden: int
    epochs: int
    rate: float
    weight_decay: float
    human_weight: float


@dataclass(frozen=True, slots=True)
class Config:
    """The whole file. ``smoke`` holds ``rows``, ``dev_rows``, ``steps``, ``batch`` of a trial run."""

    seed: int
    labels: list[str]
    rows: Rows
    text: Text
    augment: Augment
    fit: Fit
    distil: Distil
    int8: Int8
    words: Words
    sources: dict[str, Source]
    bands: dict[str, dict[str, float]]
    smoke: dict[str, int]


def read_config(path: Path) -> Config:
    """The configuration at ``path``. Exits with the key at fault."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        raw["sources"] = {name: _build(Source, one, f"sources.{name}") for name, one in raw["sources"].items()}
        return _build(Config, raw, "")
    except (OSError, KeyError, ValueError) as error:
        raise SystemExit(f"{path}: {error}") from None


def smaller(config: Config) -> Config:
    """The same with one epoch of each training: for ``--smoke``."""
    few = 64
    fit = replace(config.fit, epochs=1, batch=config.smoke["batch"])
    int8 = replace(config.int8, calibration_texts=few, measured_texts=4 * few)
    return replace(config, fit=fit, distil=replace(config.distil, epochs=1), int8=int8)


def as_plain(part: Any) -> Any:
    """A part of the configuration as JSON can hold it, for fingerprints."""
    if is_dataclass(part) and not isinstance(part, type):
        return asdict(part)
    return {name: as_plain(one) for name, one in part.items()} if isinstance(part, dict) else part


def _build(cls: type[T], raw: dict[str, Any], where: str) -> T:
    hints = get_type_hints(cls)
    for key in raw:
        if key not in hints:
            raise ValueError(f"{where}.{key}".lstrip(".") + f": no such key; there are {', '.join(hints)}")
    required = {one.name for one in fields(cls) if _required(one)}  # type: ignore[arg-type]
    if missing := sorted(required - raw.keys()):
        raise ValueError(f"{where}.{missing[0]}".lstrip(".") + " is missing")
    return cls(**{key: _value(hints[key], value, f"{where}.{key}".lstrip(".")) for key, value in raw.items()})


def _required(one: Any) -> bool:
    from dataclasses import MISSING

    return one.default is MISSING and one.default_factory is MISSING


def _value(kind: Any, value: Any, where: str) -> Any:
    if is_dataclass(kind) and isinstance(kind, type):
        return _build(kind, value, where)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    plain = getattr(kind, "__origin__", kind)
    if not isinstance(value, plain) or (isinstance(value, bool) and plain is not bool):
        raise ValueError(f"{where}: must be {getattr(plain, '__name__', plain)}, not {value!r}")
    return value
