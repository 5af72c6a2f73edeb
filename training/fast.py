"""Train the fast model: ``python -m training.fast --data DIR --out models/fast/5``. Config: ``training/fast.toml``.

Rows -> the product's normaliser -> hashed features -> a linear model -> int8 -> ONNX -> thresholds on dev -> a model
folder with its golden file and card, measured through the product's own loader. Seeded: the same rows and config
give the same folder.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mahlan.scoring.folder import GRAPH
from mahlan.scoring.model import Model
from training.alphabet import alphabet, encode, tokenizer_json
from training.calibrate import calibrate
from training.card import write_card
from training.evaluate import score_rows, with_spelled
from training.fit import Recipe, feature_matrix, fit
from training.folder import add_measured, add_reference, hold_free, write_folder
from training.golden import record
from training.graph import Weights, build_graph
from training.hashing import Layout, layout
from training.quantise import quantise
from training.rows import Row, read_rows
from training.scores import table
from training.spelling import INVENTED, INVENTED_SPELLED, invented_rows

HERE = Path(__file__).parent
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trained:
    """What training leaves: the alphabet, the layout and the int8 weights."""

    ids: dict[str, int]
    plan: Layout
    weights: Weights


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m training.fast", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ and dev/ (training/README.md)")
    parser.add_argument("--out", type=Path, required=True, help="the model folder to write, e.g. models/fast/6")
    parser.add_argument("--config", type=Path, default=HERE / "fast.toml")
    options = parser.parse_args()
    hold_free(options.out)
    config = tomllib.loads(options.config.read_text(encoding="utf-8"))
    sources = tomllib.loads((HERE / "sources.toml").read_text(encoding="utf-8"))
    rows, dev = (with_spelled(read_rows(options.data, split)) for split in ("train", "dev"))
    rows += invented_of(config)
    for row in rows:
        if row.source not in sources:
            raise SystemExit(f"source {row.source} is not in training/sources.toml: name its licence there first")
    served = write_model(options.out, rows, dev, config, counted(rows, sources))
    record(options.out)
    scores = score_rows(served, dev)
    add_measured(options.out, list(table(dev, scores, served.manifest.judged)))
    add_reference(options.out, dev, scores, config["seed"])
    write_card(options.out, counted(rows, sources), len(rows))
    print(f"wrote {options.out}: {(options.out / GRAPH).stat().st_size / 1e6:.1f} MB of graph; `make eval` measures it")


def invented_of(config: Mapping[str, Any]) -> list[Row]:
    """The invented cases that are learnt beside the rows, if ``[invented]`` of the config asks for them."""
    return invented_rows(config["invented"]["spellings"], config["seed"]) if "invented" in config else []


def write_model(
    out: Path, rows: Sequence[Row], dev: Sequence[Row], config: dict[str, Any], sources: Sequence[Mapping[str, Any]]
) -> Model:
    """Learn from ``rows``, choose limits on ``dev``, write the folder, and load it as the product does."""
    trained = train(rows, config)
    judged = calibrate(dev, reading_logits(trained, dev), config["bands"])
    graph = build_graph(trained.plan, trained.weights).SerializeToString(deterministic=True)
    write_folder(out, config, graph, tokenizer_json(trained.ids), judged, sources)
    return Model.load(out)


def train(rows: Sequence[Row], config: dict[str, Any]) -> Trained:
    """Fit the model on ``rows``: each reading is an example, the second of a row with a weight of its own."""
    plan = planned(config)
    ids = alphabet(read_texts(rows, config), config["text"]["least_count"])
    counts = [row_weight(row, config) for row in rows]
    return Trained(ids=ids, plan=plan, weights=learnt(rows, counts, ids, plan, Recipe(**config["fit"]), config))


def read_texts(rows: Sequence[Row], config: Mapping[str, Any]) -> list[str]:
    """As much of each reading as is learnt from, those of a row one after the other."""
    cut = config["text"]["train_length"]
    return [reading.text[:cut] for row in rows for reading in row.readings]


def learnt(
    rows: Sequence[Row], counts: Sequence[float], ids: dict[str, int], plan: Layout, recipe: Recipe,
    config: Mapping[str, Any],
) -> Weights:  # fmt: skip
    """A column of int8 weights from ``rows``, which count ``counts``, their second readings less."""
    features = feature_matrix(encode(read_texts(rows, config), ids), plan)
    toxic = np.array([row.toxic for row in rows for _ in row.readings], dtype=np.float64)
    weights = [
        count * (recipe.arabic_weight if place else 1.0)
        for count, row in zip(counts, rows, strict=True)
        for place, _ in enumerate(row.readings)
    ]
    values, bias = fit(features, toxic, np.array(weights), plan, recipe, config["seed"])
    return quantise(plan, values, bias)


def planned(config: Mapping[str, Any]) -> Layout:
    """The layout that ``[tables]`` of the config asks for."""
    sizes = [{int(order): bits for order, bits in config["tables"][kind].items()} for kind in ("characters", "words")]
    return layout(sizes[0], sizes[1], config["text"]["max_length"])


def row_weight(row: Row, config: dict[str, Any]) -> float:
    """Its source's weight, and for a harmless invented case that factor."""
    factor = config["invented"]["harmless"] if row.source in (INVENTED, INVENTED_SPELLED) and not row.toxic else 1.0
    return float(config["weights"].get(row.source, 1.0) * factor)


def reading_logits(trained: Trained, rows: Sequence[Row]) -> list[Floats]:
    """The logits of each row's readings, by the int8 weights that will be served."""
    texts = encode((reading.text for row in rows for reading in row.readings), trained.ids)
    weights = trained.weights.values.astype(np.float32)
    for part, scale in zip(trained.plan.tables, trained.weights.scales, strict=True):
        weights[part.offset : part.offset + part.modulus] *= scale
    logits = feature_matrix(texts, trained.plan) @ weights + np.float32(trained.weights.bias)
    ends = np.cumsum([len(row.readings) for row in rows])
    return np.split(logits.astype(np.float64), ends[:-1])


def counted(rows: Sequence[Row], sources: dict[str, dict[str, str]]) -> list[dict[str, Any]]:
    """The sources that were read, with licence statement and rows, by name."""
    names = [row.source for row in rows]
    return [{"name": name, "rows": names.count(name), **sources[name]} for name in sorted(set(names))]


if __name__ == "__main__":
    main()
