"""The accurate model's card and the question whether the fast model helps it. Called by ``__main__.py``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mahlan.scoring.model import Model
from mahlan.scoring.probabilities import Floats, logit
from training.accurate.choice import Measured
from training.accurate.choice import as_table as ways_table
from training.accurate.config import Config
from training.accurate.judge import GOOD, Judgement
from training.card import fill_card
from training.evaluate import score_rows
from training.rows import Row
from training.scores import macro_f1

TEMPLATE = Path(__file__).parent / "card.md"
SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
LEAST = 25


def stacking(scores: Floats, fast: Model | None, rows: Sequence[Row]) -> str:
    """Mean macro-F1 over sources when the fast model's logit is averaged into ``scores``, by its share, at 0.5."""
    if fast is None:
        return "Not measured: there was no fast model to ask."
    own, other = logit(scores), logit(score_rows(fast, rows))
    toxic = np.array([row.toxic for row in rows])
    names = np.array([row.source for row in rows])
    parts = [names == name for name in np.unique(names)]
    parts = [part for part in parts if min(toxic[part].sum(), (1 - toxic[part]).sum()) >= LEAST] or [toxic >= 0]
    lines = [f"| share of {fast.name} | mean macro-F1 over sources |", "|---:|---:|"]
    for share in SHARES:
        said = (1 - share) * own + share * other > 0
        lines.append(f"| {share:g} | {np.mean([macro_f1(toxic[part], said[part]) for part in parts]):.4f} |")
    return "\n".join(lines)


def write_card(
    out: Path, sources: Sequence[Mapping[str, Any]], judgement: Judgement,
    measured: Sequence[Measured], facts: Mapping[str, str], config: Config,
) -> None:  # fmt: skip
    """Fill ``card.md`` and write it to ``out/MODEL_CARD.md``. ``facts`` are ``base``, ``licences``, ``stack``."""
    labels = [
        f"| {label} | {judgement.auc[label]:.3f} | {'experimental' if label in judgement.experimental else 'decides'} |"
        for label in config.labels
    ]
    fill_card(
        TEMPLATE,
        out,
        sources,
        sum(source["rows"] for source in sources),
        labels="\n".join(["| label | AUC on dev, before calibration | |", "|---|---:|---|", *labels]),
        good=f"{GOOD:.2f}",
        ways=ways_table(measured, config.int8),
        **facts,
    )
