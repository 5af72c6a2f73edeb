"""The fast model as an ONNX graph: ``input_ids`` and ``attention_mask`` in, ``logits`` out. Called by ``fast.py``.

Twin of ``hashing.py``. Weights are int8 and are summed as integers, so a text's logit is the same whatever it is
padded to or batched with, to the last bit; only the four or six table sums meet in floating point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, TensorProto, checker, helper, numpy_helper

from training.hashing import INVERSE_ROOT, MULTIPLIERS, PRIME, ROOT, Layout, Table, powers
from training.nodes import Builder
from training.shares import spread_characters, spread_words, switch, when_asked

OPSET = 18
IR_VERSION = 9


@dataclass(frozen=True, slots=True)
class Weights:
    """int8 ``values`` [layout.size]; ``scales`` [tables] make them real; ``bias`` is added once."""

    values: npt.NDArray[np.int8]
    scales: npt.NDArray[np.float32]
    bias: float


SERVED = ("logits", "attributions")
FIRST = "weights"
"""The tensor of the first column's weights; further ones are numbered."""


def build_graph(
    plan: Layout, weights: Weights, outputs: Sequence[str] = SERVED, more: Sequence[Weights] = ()
) -> ModelProto:
    """The model. ``outputs`` may also name ``buckets`` and ``sums``, for the test that holds the twin equal.

    ``more``: weights of further columns of ``logits``, over the same features; only the first column has shares.
    """
    make = Builder()
    columns = {f"{FIRST}{at or ''}": own for at, own in enumerate((weights, *more))}
    make.constants |= {name: numpy_helper.from_array(own.values, name) for name, own in columns.items()}
    ids = make.add("Mul", "input_ids", "attention_mask")
    # [batch, longest + 2] with a space before and after; then room for the longest n-gram to run over the end.
    padded = make.add("Pad", ids, make.const([0, 1, 0, 1 + len(MULTIPLIERS)]))
    width = make.add("Add", make.cut(make.add("Shape", "input_ids"), 1, 2, 0), make.const([2]))
    starts = make.add("Range", make.const(0), make.add("Squeeze", width, make.const([0])), make.const(1))
    length = make.add("ReduceSum", "attention_mask", make.const([1]), keepdims=1)
    text = Text(padded, width, starts, make.add("Add", length, make.const([2])))
    aside = make.branch("share_")
    kinds = [_characters(make, aside, plan, columns, text)]
    if plan.words:
        kinds.append(_words(make, aside, plan, columns, text))
    parts, shares = zip(*kinds, strict=True)
    biases = [make.const([[own.bias]], np.float32) for own in columns.values()]
    sums = [make.add("Sum", *own, bias, name="" if more else "logits")
            for *own, bias in zip(*parts, biases, strict=True)]  # fmt: skip
    if more:
        make.add("Concat", *sums, axis=1, name="logits")
    when_asked(make, aside, shares, width)
    return _finished(make, outputs, len(columns))


@dataclass(frozen=True, slots=True)
class Text:
    """Names of tensors. ``padded`` holds the ids between spaces, with room at the end; ``width`` is longest + 2.

    ``starts`` is 0 … width - 1; ``ends`` ``[batch, 1]`` says how many positions of each text are real. Masks are made
    from lengths, so padding must be on the right, as ours and every export's is.
    """

    padded: str
    width: str
    starts: str
    ends: str

    def at(self, make: Builder, place: int) -> str:
        """``padded`` from ``place`` on, as wide as there are starts of n-grams."""
        return make.cut(self.padded, place, make.add("Add", self.width, make.const([place])), 1)


Columns = Mapping[str, Weights]
"""Weights by the name of their tensor, a column of the logits each."""
Parts = tuple[list[str], str]
"""A part of each column, ``[batch, 1]``, and each position's share of the first one's, ``[batch, width]``."""


def _characters(make: Builder, aside: Builder, plan: Layout, columns: Columns, text: Text) -> Parts:
    """The character part of the logits. Shares are computed by nodes ``aside``, here and in ``_words``."""
    orders = [table.order for table in plan.characters]
    hashes: list[str] = []
    so_far = ""
    for place in range(max(orders)):
        step = make.add("Mul", text.at(make, place), make.const(MULTIPLIERS[place]))
        so_far = make.add("Add", so_far, step) if so_far else step
        if place + 1 in orders:
            hashes.append(make.add("Unsqueeze", so_far, make.const([1])))
    moduli = make.const([[[table.modulus] for table in plan.characters]])
    offsets = make.const([[[table.offset] for table in plan.characters]])
    buckets = make.add("Add", make.add("Mod", make.add("Concat", *hashes, axis=1), moduli), offsets, name="buckets")
    # How many n-grams of each order a text has, [batch, orders]; the first so many starts are whole.
    counts = make.add("Max", make.add("Sub", text.ends, make.const([[n - 1 for n in orders]])), make.const(0))
    whole = make.add("Less", text.starts, make.add("Unsqueeze", counts, make.const([2])))
    real = make.add("Cast", whole, to=TensorProto.INT32, name="real")
    root = _root(make, make.add("ReduceSum", counts, make.const([1]), keepdims=1))
    gathered = {name: make.add("Gather", name, buckets) for name in columns}
    logits: list[str] = []
    for name, weights in columns.items():
        found = make.add("Mul", make.add("Cast", gathered[name], to=TensorProto.INT32), real)
        sums = make.add("ReduceSum", found, make.const([2]), keepdims=0, name=name.replace("weights", "sums"))
        scaled = make.add("Mul", make.add("Cast", sums, to=TensorProto.FLOAT), _scales(make, weights, 0, len(orders)))
        logits.append(make.add("Div", make.add("ReduceSum", scaled, make.const([1]), keepdims=1), root))
    spread = spread_characters(aside, gathered[FIRST], whole, orders, columns[FIRST].scales)
    return logits, aside.add("Div", spread, root)


def _words(make: Builder, aside: Builder, plan: Layout, columns: Columns, text: Text) -> Parts:
    """The word part of the logits, as ``_characters``. A column's word tables share one scale."""
    ids = text.at(make, 0)
    zero = make.const([0])
    places = make.cut(make.const(powers(ROOT, plan.max_length + 2), np.int32), 0, text.width, 0)
    sums = make.add("CumSum", make.add("Mul", ids, _wide(make, places)), make.const(1))
    spaces = make.add("And", make.add("Equal", ids, zero), make.add("Less", text.starts, text.ends))
    found = make.add("NonZero", spaces)
    rows, places_of = (make.add("Squeeze", make.cut(found, axis, axis + 1, 0), zero) for axis in (0, 1))
    prefix = make.add("GatherND", sums, make.add("Transpose", found, perm=[1, 0]))
    back = _wide(make, make.add("Gather", make.const(powers(INVERSE_ROOT, plan.max_length + 2), np.int32), places_of))
    runs = [_word_runs(make, table, (rows, places_of, prefix, back)) for table in plan.words]
    owners, buckets, real, first, last = (make.add("Concat", *column, axis=0) for column in zip(*runs, strict=True))
    size = make.cut(make.add("Shape", "input_ids"), 0, 1, 0)
    none = make.add("ConstantOfShape", size, value=numpy_helper.from_array(np.zeros(1, dtype=np.int32)))
    count = make.add("ScatterElements", none, owners, real, axis=0, reduction="add")
    root = _root(make, _column(make, count))
    characters = len(plan.characters)
    scales = {name: _scales(make, own, characters, characters + 1) for name, own in columns.items()}
    values = {
        name: make.add("Mul", make.add("Cast", make.add("Gather", name, buckets), to=TensorProto.INT32), real)
        for name in columns
    }
    logits: list[str] = []
    for name in columns:
        sums = name.replace("weights", "word_sums")
        total = make.add("ScatterElements", none, owners, values[name], axis=0, reduction="add", name=sums)
        floats = _column(make, make.add("Cast", total, to=TensorProto.FLOAT))
        logits.append(make.add("Div", make.add("Mul", floats, scales[name]), root))
    spread = spread_words(aside, (owners, first, last), values[FIRST], (size, text.width))
    return logits, aside.add("Div", aside.add("Mul", spread, scales[FIRST]), root)


def _word_runs(make: Builder, table: Table, spaces: tuple[str, str, str, str]) -> tuple[str, ...]:
    """For each run of ``table.order`` words: its text's row, its bucket, 1 where it is real, the spaces around it."""
    first = [make.cut(tensor, 0, -table.order, 0) for tensor in spaces]
    last = [make.cut(tensor, table.order, LAST, 0) for tensor in spaces]
    same = make.add("Equal", first[0], last[0])
    apart = make.add("Greater", last[1], make.add("Add", first[1], make.const([1])))
    real = make.add("Cast", make.add("And", same, apart), to=TensorProto.INT32)
    within = make.add("Mod", make.add("Sub", last[2], first[2]), make.const([PRIME]))
    hashes = make.add("Mod", make.add("Mul", within, first[3]), make.const([PRIME]))
    buckets = make.add("Add", make.add("Mod", hashes, make.const([table.modulus])), make.const([table.offset]))
    return first[0], buckets, real, first[1], last[1]


LAST = 2**31 - 1


def _wide(make: Builder, tensor: str) -> str:
    return make.add("Cast", tensor, to=TensorProto.INT64)


def _scales(make: Builder, weights: Weights, first: int, last: int) -> str:
    return make.const(weights.scales[first:last], np.float32)


def _root(make: Builder, count: str) -> str:
    """``sqrt(count)``; a text without any such feature counts as one."""
    floats = make.add("Cast", count, to=TensorProto.FLOAT)
    return make.add("Sqrt", make.add("Max", floats, make.const(1.0, np.float32)))


def _column(make: Builder, tensor: str) -> str:
    return make.add("Unsqueeze", tensor, make.const([1]))


def _finished(make: Builder, outputs: Sequence[str], columns: int) -> ModelProto:
    kinds = {"logits": (TensorProto.FLOAT, 2), "buckets": (TensorProto.INT64, 3), "real": (TensorProto.INT32, 3),
             "sums": (TensorProto.INT32, 2), "word_sums": (TensorProto.INT32, 1),
             "attributions": (TensorProto.FLOAT, 2)}  # fmt: skip
    shapes: dict[str, list[str | int | None]] = {"logits": ["batch", columns], "attributions": ["batch", "length"]}
    graph = helper.make_graph(
        make.nodes,
        "hashed_ngrams",
        [*(helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
           for name in ("input_ids", "attention_mask")), switch(make)],
        [helper.make_tensor_value_info(name, kinds[name][0], shapes.get(name, [None] * kinds[name][1]))
         for name in outputs],
        list(make.constants.values()),
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="mahlan")
    model.ir_version = IR_VERSION
    checker.check_model(model)
    return model
