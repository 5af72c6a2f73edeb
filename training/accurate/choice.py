"""The ways to int8, measured beside float32, and the fastest that keeps the rules of ``[int8]``. From ``__main__.py``.

The rules: a text scores the same alone and in any batch; macro-F1 stays; the folder is small. ``ways.json`` keeps the
numbers, chosen or not.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx

from mahlan.scoring.onnx import Session, open_session
from mahlan.scoring.probabilities import sigmoid
from training.accurate import int8
from training.accurate.config import Int8
from training.accurate.ranges import activation_ranges, channel_reaches
from training.accurate.tokens import INPUTS, OUTPUT, UNKNOWN, Tokens
from training.scores import macro_f1

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FLOAT = "float32"
BATCH = 16
ROUNDS = 5
PLAIN_WAYS: dict[str, int8.Way] = {
    "weights": int8.weights, "rows": int8.rows, "blocks": int8.blocks, "dynamic": int8.dynamic,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    """One way. ``difference`` is the most a probability moves with its neighbours, ``shift`` the mean against float32.

    ``loss`` is macro-F1 of float32 less this one's; rates are texts a second on one thread, tokens ready.
    """

    way: str
    megabytes: float
    difference: float
    loss: float
    shift: float
    alone: float
    batched: float

    def broken_rules(self, rules: Int8) -> list[str]:
        """What speaks against it."""
        found = []
        if self.difference > rules.most_difference:
            found.append("neighbours")
        if self.loss > rules.most_loss:
            found.append("macro-F1")
        if self.shift > rules.most_shift:
            found.append("shift")
        return [*found, "size"] if self.megabytes > rules.most_megabytes else found


def all_ways(model: onnx.ModelProto, texts: Sequence[Ints], rules: Int8) -> dict[str, onnx.ModelProto]:
    """The graph in each of the ways that the rules name, from calibration texts where a way needs them."""
    made: dict[str, onnx.ModelProto] = {}
    for name in rules.ways:
        if name in ("static", "static_cut"):
            percentile = 100.0 if name == "static" else rules.percentile
            way = int8.static(activation_ranges(model, texts, percentile))
        elif name == "smooth":
            way = int8.smooth(model, channel_reaches(model, texts))
        elif name in PLAIN_WAYS:
            way = PLAIN_WAYS[name]
        else:
            raise SystemExit(
                f"int8.ways: no way {name!r}; there are static, static_cut, smooth, {', '.join(PLAIN_WAYS)}"
            )
        made[name] = int8.rewritten(model, way)
    return made


def measure(graphs: Mapping[str, bytes], tokens: Tokens, pad_id: int, beside: int) -> list[Measured]:
    """Every graph on the same texts; ``float32`` must be among them. ``beside`` is the tokenizer's size in bytes."""
    sessions = {name: open_session(graph) for name, graph in graphs.items()}
    truth = tokens.labels[:, 0]
    known = truth != UNKNOWN
    alone = {name: logits(session, tokens, pad_id, 1) for name, session in sessions.items()}
    together = {name: logits(session, tokens, pad_id, BATCH) for name, session in sessions.items()}
    f1 = {name: macro_f1(truth[known].astype(np.int64), own[known, 0] > 0) for name, own in alone.items()}
    rates = speeds(sessions, tokens, pad_id)
    return [
        Measured(
            way=name,
            megabytes=(len(graphs[name]) + beside) / 1e6,
            difference=float(np.abs(sigmoid(alone[name]) - sigmoid(together[name])).max()),
            loss=f1[FLOAT] - f1[name],
            shift=float(np.abs(sigmoid(alone[name]) - sigmoid(alone[FLOAT])).mean()),
            alone=rates[name][0],
            batched=rates[name][1],
        )
        for name in graphs
    ]


def choose(measured: Sequence[Measured], rules: Int8) -> Measured:
    """The fastest in batches that breaks no rule. Exits with what speaks against each where none is left."""
    fit = [one for one in measured if one.way != FLOAT and not one.broken_rules(rules)]
    if not fit:
        against = "; ".join(f"{one.way}: {', '.join(one.broken_rules(rules))}" for one in measured if one.way != FLOAT)
        raise SystemExit(f"no way to int8 keeps the rules of [int8] ({against})")
    return max(fit, key=lambda one: one.batched)


def logits(session: Session, tokens: Tokens, pad_id: int, batch: int) -> Floats:
    """Logits ``[texts, labels]``, in batches of neighbours as they lie, of unlike length."""
    parts = [np.arange(start, min(start + batch, len(tokens))) for start in range(0, len(tokens), batch)]
    found = [session.run(OUTPUT, dict(zip(INPUTS, tokens.padded(part, pad_id), strict=True))) for part in parts]
    return np.concatenate(found).astype(np.float64)


def speeds(sessions: Mapping[str, Session], tokens: Tokens, pad_id: int) -> dict[str, tuple[float, float]]:
    """Texts a second alone and in batches, the best of some rounds, taken in turn: noise then hits all alike."""
    places = np.argsort(tokens.lengths, kind="stable")[:: max(1, len(tokens) // (8 * BATCH))][: 8 * BATCH]
    best = {name: [0.0, 0.0] for name in sessions}
    for _ in range(ROUNDS):
        for name, session in sessions.items():
            for at, batch in enumerate((1, BATCH)):
                best[name][at] = max(best[name][at], _rate(session, tokens, places, pad_id, batch))
    return {name: (rates[0], rates[1]) for name, rates in best.items()}


def _rate(session: Session, tokens: Tokens, places: Ints, pad_id: int, batch: int) -> float:
    feeds = [
        dict(zip(INPUTS, tokens.padded(places[start : start + batch], pad_id), strict=True))
        for start in range(0, len(places), batch)
    ]
    begun = time.perf_counter()
    for feed in feeds:
        session.run(OUTPUT, feed)
    return len(places) / (time.perf_counter() - begun)


def as_table(measured: Sequence[Measured], rules: Int8) -> str:
    """A Markdown table for the card."""
    head = "| way | MB | moves with neighbours | macro-F1 lost | mean shift | texts/s alone | in 16s | against it |"
    body = [
        f"| {one.way} | {one.megabytes:.1f} | {one.difference:.6f} | {one.loss:+.4f} | {one.shift:.4f} | "
        f"{one.alone:,.0f} | {one.batched:,.0f} | {', '.join(one.broken_rules(rules)) or '–'} |"
        for one in measured
    ]
    return "\n".join([head, "|---|" + "---:|" * 6 + "---|", *body])


def write_ways(path: Path, measured: Sequence[Measured], chosen: Measured) -> None:
    """All numbers as JSON."""
    facts = {"chosen": chosen.way, "ways": [asdict(one) for one in measured]}
    path.write_text(json.dumps(facts, indent=1), encoding="utf-8")


def read_ways(path: Path) -> tuple[list[Measured], str]:
    """What ``write_ways`` wrote: the numbers, and which was chosen."""
    facts = json.loads(path.read_text(encoding="utf-8"))
    return [Measured(**one) for one in facts["ways"]], str(facts["chosen"])
