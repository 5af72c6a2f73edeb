"""Each character's share of the logit, as ONNX nodes: which words a verdict rests on. Called by ``graph.py``.

A feature's contribution is spread evenly over the characters it is made of, spaces too. The shares of a text and the
bias add up to its logit, but for what falls on the spaces before and after the text.

onnxruntime runs every node of a graph, whichever outputs are asked for, so the shares stand in the branch of an ``If``
whose condition is an input with a default: nobody pays for them who does not set ``explain``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import TensorProto, helper, numpy_helper

from training.nodes import Builder

SWITCH = "explain"
SHARES = "attributions"


def switch(make: Builder) -> Any:
    """The input that asks for the shares, with its default: no."""
    make.constants[SWITCH] = numpy_helper.from_array(np.array(False), SWITCH)
    return helper.make_tensor_value_info(SWITCH, TensorProto.BOOL, [])


def when_asked(make: Builder, aside: Builder, shares: Sequence[str], width: str) -> None:
    """The output ``[batch, length]``: the sum of ``shares`` ``[batch, width]`` without the spaces around the text."""
    inner = aside.cut(aside.add("Sum", *shares), 1, aside.add("Sub", width, aside.const([1])), 1)
    mask = aside.add("Cast", "attention_mask", to=TensorProto.FLOAT)
    told_when_asked(make, aside, aside.add("Mul", inner, mask, name="shares"))


def told_when_asked(make: Builder, aside: Builder, told: str) -> None:
    """The output is ``told``, the last of the nodes ``aside``, which run where the switch is on; else it is empty."""
    none = helper.make_node("Identity", [make.const(np.zeros((0, 0)), np.float32)], [f"no_{told}"])
    branches = [
        helper.make_graph(nodes, name, [], [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, None])])
        for name, nodes in ((told, aside.nodes), (f"no_{told}", [none]))
    ]
    make.add("If", SWITCH, name=SHARES, then_branch=branches[0], else_branch=branches[1])


def spread_characters(
    make: Builder, found: str, whole: str, orders: Sequence[int], scales: npt.NDArray[np.float32]
) -> str:
    """``[batch, width]`` from the n-grams' integer weights ``[batch, orders, width]``, each at its first character.

    One convolution: the value at a place is the sum over orders n of the n-grams begun there or up to n - 1 before.
    Starts from the weights before they are summed up, so that the runtime can go on reusing memory there.
    """
    longest = max(orders)
    kernel = np.zeros((1, len(orders), longest), dtype=np.float32)
    for place, order in enumerate(orders):
        kernel[0, place, longest - order :] = scales[place] / order
    floats = make.add("Mul", *(make.add("Cast", tensor, to=TensorProto.FLOAT) for tensor in (found, whole)))
    spread = make.add("Conv", floats, make.const(kernel, np.float32), pads=[longest - 1, 0])
    return make.add("Squeeze", spread, make.const([1]))


def spread_words(make: Builder, runs: tuple[str, str, str], values: str, shape: tuple[str, str]) -> str:
    """``[batch, width]`` from runs of words: their texts' rows, the places of the spaces around them, their weights.

    ``shape`` is batch and width. A run adds to a row of differences, which are then summed up along the text.
    """
    rows, first, last = runs
    one = make.const([1])
    begin = make.add("Add", first, one)
    inside = make.add("Max", make.add("Sub", last, begin), one)
    each = make.add("Div", *(make.add("Cast", tensor, to=TensorProto.FLOAT) for tensor in (values, inside)))
    # One column more than the text is wide: a run that is none may begin after its last space.
    room = make.add("Concat", shape[0], make.add("Add", shape[1], one), axis=0)
    none = make.add("ConstantOfShape", room, value=numpy_helper.from_array(np.zeros(1, dtype=np.float32)))
    places = [_pairs(make, rows, column) for column in (begin, last)]
    steps = make.add("Concat", each, make.add("Neg", each), axis=0)
    added = make.add("ScatterND", none, make.add("Concat", *places, axis=0), steps, reduction="add")
    return make.cut(make.add("CumSum", added, make.const(1)), 0, -1, 1)


def _pairs(make: Builder, rows: str, columns: str) -> str:
    """``[runs, 2]``: row and column of each run."""
    axis = make.const([1])
    return make.add("Concat", make.add("Unsqueeze", rows, axis), make.add("Unsqueeze", columns, axis), axis=1)
