"""Give a fast model two more labels, by which it says where its words do not suffice to tell if a comment hurts.

    python -m training.doubts --data DIR --fast models/fast/1 --out models/fast/6

A linear model of words calls what hurts without hurtful words calm, and a rebuke hurtful that repeats the words. A
cascade that went by its score alone would have to ask about half of all comments to find either. So two more linear
columns over the same features learn from the invented cases, beside ordinary rows:

``implicit``: whether a comment is of a kind that words do not part: it hurts, or only speaks of hurt or of groups with
the same words (``OPEN``). They part both from everyday comments.

``mentioned``: of what the first column calls toxic, whether that is wrong, as where hurtful words are quoted, denied or
rebuked: mentioned, not meant.

The first column stays as it is, to the bit. Both are experimental in the manifest: they never make a verdict, they let
a cascade's fast model doubt itself, below its band and above it (docs/cascade.md).
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

from mahlan.scoring.folder import GOLDEN, GRAPH, TOKENIZER
from mahlan.scoring.manifest import FILE
from mahlan.scoring.onnx import open_session
from training.contrast_cases import read_contrast
from training.evaluation.model_card import BEGIN, CARD, END
from training.fast import HERE, Trained, learnt, planned, reading_logits
from training.fit import Recipe
from training.folder import hold_free
from training.golden import record
from training.graph import Weights, build_graph
from training.hashing import Layout
from training.invented import Case, read_cases
from training.more_cases import MORE, read_more
from training.rows import TAGS, Row, normalised, raw_rows
from training.scores import IMPLICIT, LABEL, MENTIONED
from training.shares import SHARES, SWITCH
from training.spelling import CONTRAST, INVENTED, in_latin
from training.toml import source_tables, toml_array, toml_text, with_shares

OPEN = frozenset(
    {"asking_help", "civil_anger", "counter_speech", "negated_contempt", "quoting_to_condemn", "self_directed",
     "victim_report", "warning", "identity_neutral", "group_counter_speech", "group_disagreement", "group_kind",
     "group_negated", "group_neutral", "group_quoting", "group_rights", "group_self", "group_victims"}
)  # fmt: skip
"""Harmless capabilities of the cases whose words are those of hurtful comments, or that speak of groups."""
THINGS = "contrast_things"
"""What of the comments for contrast is about nobody."""
LICENCE = "made for this project, as its code"
DOUBTS = (IMPLICIT, MENTIONED)
TOLD = """\
`{0}` with two more labels. `implicit`: whether it takes more than words to tell if a comment hurts. `mentioned`:
whether hurtful words are only spoken of, as in a rebuke. `toxic` is `{0}`'s, to the bit, and so is every verdict; the
two never make one. They let a cascade doubt what this model says ([docs/cascade.md](../../../docs/cascade.md)), and
mean nothing else. Made by `python -m training.doubts --data DIR --fast {2} --out {3}` from rows of
train and the invented cases' train part. What follows is said of the first label.
"""


@dataclass(frozen=True, slots=True)
class Doubts:
    """``[doubts]`` of fast.toml: ``rows`` of train, ``contrast`` comments a language, weights, passes.

    For ``implicit``, ``toxic`` is the weight of a toxic row of train, whose words the first column knows; ``invented``
    of a case. For ``mentioned`` all weigh the same.
    """

    rows: int
    contrast: int
    toxic: float
    invented: float
    epochs: int


@dataclass(frozen=True, slots=True)
class Lessons:
    """Rows of train and invented cases; ``toxic`` of a row is whether it hurts. ``open``: the class of ``implicit``."""

    rows: Sequence[Row]
    open: npt.NDArray[np.bool_]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m training.doubts", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with train/*.jsonl.gz (training/README.md)")
    parser.add_argument("--fast", type=Path, required=True, help="the folder that python -m training.fast wrote")
    parser.add_argument("--out", type=Path, required=True, help="the model folder to write, e.g. models/fast/6")
    parser.add_argument("--config", type=Path, default=HERE / "fast.toml")
    options = parser.parse_args()
    hold_free(options.out)
    config = tomllib.loads(options.config.read_text(encoding="utf-8"))
    plan = planned(config)
    try:
        known = served_weights(onnx.load(str(options.fast / GRAPH)), plan)
    except (OSError, ValueError) as error:
        raise SystemExit(f"{options.fast}: {error}") from None
    how = Doubts(**config["doubts"])
    lessons = read_lessons(options.data, how, config["seed"])
    ids = json.loads((options.fast / TOKENIZER).read_text(encoding="utf-8"))["model"]["vocab"]
    first = Trained(ids, plan, known)
    columns = [learn(lessons, first, how, config) for learn in (implicit_weights, mentioned_weights)]
    graph = build_graph(plan, known, more=columns)
    write(options.fast, options.out, graph, sum(row.source == INVENTED for row in lessons.rows))
    print(f"wrote {options.out}: choose a cascade's numbers with python -m training.band")


def served_weights(model: onnx.ModelProto, plan: Layout) -> Weights:
    """The weights in a graph of one column. Raises ``ValueError`` where it was not built by ``training.fast``."""
    graph = model.graph
    found = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    users = {name: node for node in graph.node for name in node.input}
    made = {node.output[0]: node for node in graph.node}
    try:
        scales = [_beside(users, found, name) for name in ("sums", "word_sums") if name in users]
        scales[1:] = [np.repeat(scale, len(plan.words)) for scale in scales[1:]]
        weights = Weights(found["weights"], np.concatenate(scales), float(found[made["logits"].input[-1]][0, 0]))
    except (KeyError, IndexError):
        raise ValueError("its graph is not one of python -m training.fast with a single label") from None
    if len(weights.values) != plan.size:
        raise ValueError(f"its graph has {len(weights.values):,} weights, [tables] of the config ask for {plan.size:,}")
    return weights


def _beside(users: Mapping[str, Any], found: Mapping[str, Any], name: str) -> Any:
    """The constant that the tensor ``name`` is multiplied by, after whatever gives it another shape or type."""
    node = users[name]
    while node.op_type != "Mul":
        node = users[node.output[0]]
    return next(found[one] for one in node.input if one in found)


def read_lessons(data: Path, how: Doubts, seed: int, more: Path = MORE) -> Lessons:
    """Rows of train by lot, and the invented cases of part ``train``, Egyptian ones in Latin letters, too.

    A case is open if it ``is_open``, a row of train if it is toxic.
    """
    dice = random.Random(seed)
    raw = [row for row in raw_rows(data, "train") if row.get("toxic") is not None]
    raw = dice.sample(raw, min(how.rows, len(raw)))
    found = [bool(row["toxic"]) for row in raw]
    names = {tag: name for name, tag in TAGS.items()}
    for case in (*read_cases(part="train"), *read_more(more), *read_contrast(how.contrast, seed=seed)):
        one = {"toxic": int(case.toxic), "source": INVENTED}
        raw.append({**one, "text": case.text, "lang": names.get(case.language, case.language)})
        if case.language == "arz":
            raw.append({**one, "text": in_latin(case.text, dice), "lang": names["arz-Latn"]})
        found += [is_open(case)] * (len(raw) - len(found))
    return Lessons(normalised(raw, "normalising"), np.array(found, dtype=bool))


def is_open(case: Case) -> bool:
    """Whether a case hurts, or is of a kind that words alone do not part from what does."""
    spoken = case.capability in OPEN or case.capability.startswith(CONTRAST)
    return bool(case.toxic) or (spoken and case.capability != THINGS)


def implicit_weights(lessons: Lessons, first: Trained, how: Doubts, config: Mapping[str, Any]) -> Weights:
    """The column of ``implicit``."""
    counts = [how.invented if row.source == INVENTED else how.toxic if row.toxic else 1.0 for row in lessons.rows]
    return _learnt(lessons.rows, lessons.open, counts, first, how, config)


def mentioned_weights(lessons: Lessons, first: Trained, how: Doubts, config: Mapping[str, Any]) -> Weights:
    """The column of ``mentioned``: from what the first column calls toxic, by any reading."""
    said = reading_logits(first, lessons.rows)
    rows = [row for row, logits in zip(lessons.rows, said, strict=True) if logits.max() > 0.0]
    if len({row.toxic for row in rows}) < 2:
        which = "none" if not rows else "only hurtful ones" if rows[0].toxic else "only harmless ones"
        raise SystemExit(f"the fast model calls {which} of these comments toxic: nothing to learn `{MENTIONED}` from")
    return _learnt(rows, np.array([not row.toxic for row in rows]), [1.0] * len(rows), first, how, config)


def _learnt(
    rows: Sequence[Row], classes: npt.NDArray[np.bool_], counts: Sequence[float],
    first: Trained, how: Doubts, config: Mapping[str, Any],
) -> Weights:  # fmt: skip
    lessons = [replace(row, toxic=int(one)) for row, one in zip(rows, classes, strict=True)]
    recipe = Recipe(**{**config["fit"], "epochs": how.epochs})
    return learnt(lessons, counts, first.ids, first.plan, recipe, config)


def write(fast: Path, out: Path, graph: onnx.ModelProto, invented: int) -> None:
    """The folder ``out``: as ``fast``, with the new graph and labels. Stops where the first column became another."""
    out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(fast / TOKENIZER, out / TOKENIZER)
    (out / GRAPH).write_bytes(graph.SerializeToString(deterministic=True))
    text = (fast / FILE).read_text(encoding="utf-8")
    text = text.replace("python -m training.fast", "python -m training.doubts", 1)
    text = re.sub(r"^version = .*$", f"version = {toml_text(out.name)}", text, count=1, flags=re.MULTILINE)
    text = re.sub(r"^(licence = .*)$", rf"\1\nexperimental = {toml_array(DOUBTS)}", text, count=1, flags=re.MULTILINE)
    text = text.replace(f"labels = {toml_array([LABEL])}", f"labels = {toml_array([LABEL, *DOUBTS])}", 1)
    text = text.replace("one label.", "a label that decides and two that doubt.", 1)
    text = re.sub(rf'^"{re.escape(GOLDEN)}" = .*\n', "", text, flags=re.MULTILINE)  # recorded below
    source = {"name": f"{INVENTED}_doubts", "rows": invented, "licence": LICENCE}
    text = text.replace("[[training]]", "\n".join(source_tables([source])) + "\n[[training]]", 1)
    (out / FILE).write_text(text, encoding="utf-8")
    (out / CARD).write_text(_card((fast / CARD).read_text(encoding="utf-8"), fast, out), encoding="utf-8")
    with_shares(out, SWITCH, SHARES)
    _same(fast, out)
    record(out)


def _card(text: str, fast: Path, out: Path) -> str:
    """The first model's card under the new name, with what is new, and nothing measured yet."""
    names = [f"{folder.parent.name}@{folder.name}" for folder in (fast, out)]
    head, _, rest = text.partition(BEGIN)
    told = TOLD.format(*names, *(f"models/{name.replace('@', '/')}" for name in names))
    measured = f"\nNot measured yet: `make eval DATA=DIR MODEL={names[1]}`.\n"
    head = head.replace(f"# {names[0]}\n", f"# {names[1]}\n\n{told}", 1)
    return head + BEGIN + measured + END + rest.partition(END)[2]


def _same(fast: Path, out: Path) -> None:
    """Raise ``ValueError`` where the two graphs' first columns differ on random ids."""
    ids = np.random.default_rng(0).integers(2, 60, (32, 40))
    feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
    before, now = (open_session((folder / GRAPH).read_bytes()).run("logits", feeds) for folder in (fast, out))
    if not (before[:, 0] == now[:, 0]).all():
        raise ValueError(f"{fast}: its weights could not be read back; the config is not the one it was made with")


if __name__ == "__main__":
    main()
