"""From a float32 graph to a measured model folder: int8, calibration, manifest, golden file, card."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnx

from mahlan.scoring.model import Model
from mahlan.scoring.onnx import open_session
from training.accurate.choice import (
    FLOAT,
    Floats,
    all_ways,
    as_table,
    choose,
    logits,
    measure,
    read_ways,
    write_ways,
)  # fmt: skip
from training.accurate.config import Config
from training.accurate.folder import write_folder
from training.accurate.judge import judge_labels
from training.accurate.report import stacking, write_card
from training.accurate.tokens import Tokens, load_tokens
from training.accurate.vocabulary import TOKENIZER
from training.accurate.words import teach
from training.evaluate import score_rows
from training.folder import add_measured
from training.golden import record
from training.rows import raw_rows
from training.scores import table

if TYPE_CHECKING:
    from training.accurate.pipeline import Pipeline

WAYS = "ways.json"
CHOSEN = "model.onnx"


def make_int8(graph: Path, tokens: Path, pad_id: int, config: Config, folder: Path) -> None:
    """Write the graph in the chosen way, and what every way measured, into ``folder``."""
    rules, dice = config.int8, np.random.default_rng(config.seed)
    dev = load_tokens(tokens / "dev.npz")
    train = load_tokens(tokens / "train.npz")
    texts = [train.ids[train.starts[at] : train.starts[at + 1]].astype(np.int64)
             for at in dice.choice(len(train), min(rules.calibration_texts, len(train)), replace=False)]  # fmt: skip
    model = onnx.load(str(graph))
    graphs = {name: made.SerializeToString(deterministic=True) for name, made in all_ways(model, texts, rules).items()}
    sample = part(dev, dice.choice(len(dev), min(rules.measured_texts, len(dev)), replace=False))
    beside = (tokens / TOKENIZER).stat().st_size
    measured = measure({FLOAT: graph.read_bytes(), **graphs}, sample, pad_id, beside)
    print(as_table(measured, rules))
    chosen = choose(measured, rules)
    print(f"int8: {chosen.way}")
    write_ways(folder / WAYS, measured, chosen)
    (folder / CHOSEN).write_bytes(graphs[chosen.way])


def finish(pipeline: Pipeline) -> None:
    """Judge dev by the chosen graph, write the folder, measure it through the product's loader, write the card."""
    config, run, out = pipeline.config, pipeline.run_folder, pipeline.options.out
    measured, way = read_ways(run / "int8" / WAYS)
    chosen = next(one for one in measured if one.way == way)
    files = (run / "int8" / CHOSEN, run / "tokens" / TOKENIZER)
    examples = pipeline.dev_examples()
    dev = load_tokens(run / "tokens" / "dev.npz")
    judgement = judge_labels(examples, reading_logits(files[0], dev, pipeline.pad_id), config.labels, config.bands)
    sources = pipeline.counted()
    write_folder(out, config, files, pipeline.pad_id, judgement, sources, chosen)
    if config.words.comments:
        teach(out, list(raw_rows(pipeline.options.data, "train")), config.words, config.seed)
    record(out)
    model = Model.load(out)
    rows = [example.row for example in examples if "toxic" in example.labels]
    scores = score_rows(model, rows)
    lines = list(table(rows, scores, model.manifest.judged))
    add_measured(out, lines)
    fast = pipeline.options.fast
    facts = {"base": pipeline.options.begun, "licences": pipeline.options.licences,
             "stack": stacking(scores, Model.load(fast) if fast else None, rows)}  # fmt: skip
    write_card(out, sources, judgement, measured, facts, config)
    whole = next(line for line in lines if line.group == "all")
    print(json.dumps({"wrote": str(out), "way": way, "macro_f1": round(whole.macro_f1, 4), "auc": round(whole.auc, 4)}))


def reading_logits(graph: Path, tokens: Tokens, pad_id: int) -> list[Floats]:
    """``[readings, labels]`` of each comment."""
    order = np.argsort(tokens.lengths, kind="stable")
    found = np.empty((len(tokens), tokens.labels.shape[1]))
    found[order] = logits(open_session(graph.read_bytes(), threads=0), part(tokens, order), pad_id, 32)
    ends = np.cumsum(np.bincount(tokens.comment))
    return np.split(found, ends[:-1])


def part(tokens: Tokens, places: np.typing.NDArray[np.int64]) -> Tokens:
    """The texts at ``places``, in that order."""
    pieces = [tokens.ids[tokens.starts[at] : tokens.starts[at + 1]] for at in places.tolist()]
    return Tokens(
        ids=np.concatenate(pieces),
        starts=np.concatenate([[0], np.cumsum(tokens.lengths[places])]),
        labels=tokens.labels[places],
        weights=tokens.weights[places],
        smoothing=tokens.smoothing[places],
        source=tokens.source[places],
        comment=tokens.comment[places],
        twin=np.arange(len(places)),
        names=tokens.names,
    )
