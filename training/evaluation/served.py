"""What is evaluated, behind one function: ``load``. Called by ``command.py`` and ``parts.py``.

A model folder or a cascade of two, whatever the registry can name. ``Scorer`` asks it about each text once, in chunks
of like length, on every core.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mahlan.errors import RecordError
from mahlan.scoring.cascade import Cascade, Served
from mahlan.scoring.model import Scorable, Scores, hidden_in
from mahlan.scoring.served import find_served, load_served
from training.progress import shown

CHUNK = 256
"""Comments given to the model at a time; the same on any number of cores, so that results are too."""

Result = Scores | RecordError


def load(models: Path, name: str | None) -> Served:
    """The model or cascade called ``name`` (``name@version``) in the folder ``models``; none named: the champion.

    Raises ``ModelError``.
    """
    return load_served(find_served(models, name))


def experimental(served: Served) -> tuple[str, ...]:
    """The labels that never decide; of a cascade those of its accurate model, which has them all."""
    deciding = served.accurate if isinstance(served, Cascade) else served
    return deciding.manifest.experimental


def cores() -> int:
    """Those this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Scorer:
    """``served``, remembering its answers. Takes a model's place wherever only ``name`` and ``score`` are needed."""

    def __init__(self, served: Served, threads: int | None = None, *, quiet: bool = False) -> None:
        self.served = served
        self.name = served.name
        self.labels = served.labels
        self.quiet = quiet
        self._threads = threads or cores()
        self._known: dict[object, Result] = {}

    def score(self, items: Sequence[Scorable]) -> list[Result]:
        """As the model's own ``score``; each text is scored once for a language."""
        keys = [_key(item) for item in items]
        new = {key: item for key, item in zip(keys, items, strict=True) if key not in self._known}
        # The longest first: what is left for the end, when a core may idle, is short.
        order = sorted(new, key=lambda key: -_length(new[key]))
        chunks = [order[start : start + CHUNK] for start in range(0, len(order), CHUNK)]
        with ThreadPoolExecutor(self._threads) as pool:
            done = pool.map(lambda chunk: self.served.score([new[key] for key in chunk]), chunks)
            for chunk, results in zip(chunks, self._shown(done, len(chunks)), strict=True):
                self._known.update(zip(chunk, results, strict=True))
        return [self._known[key] for key in keys]

    def _shown(self, done: Iterable[Sequence[Result]], total: int) -> Iterable[Sequence[Result]]:
        """``done`` with a progress bar on standard error, where it takes long enough for one."""
        if self.quiet or total < 3:
            return done
        return shown(done, f"{self.name} scores", total)


def _key(item: Scorable) -> object:
    return item.language, hidden_in(item), tuple((reading.kind, reading.text) for reading in item.readings)


def _length(item: Scorable) -> int:
    return max((len(reading.text) for reading in item.readings), default=0)
