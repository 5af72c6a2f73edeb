"""Ways to hold a float32 graph's weights as int8, each a rewriting of its MatMul nodes. Called by ``choice.py``.

Weights are symmetric, one scale a column (Jacob et al. 2018); the embedding table has one a row. The ways differ in
what they do to activations, and so in whether a text's score depends on its neighbours:

* ``static``: one scale for each activation, from calibration texts (QDQ);
* ``weights``: activations stay float32; the weights are unpacked once at load;
* ``rows``: one scale for each token vector, measured as it passes;
* ``smooth``: the same, after each channel was divided by a constant that the weights are multiplied by (Xiao et al.
  2023, "SmoothQuant"): a few channels that reach far no longer leave the others a handful of steps;
* ``blocks``: one scale for each 128 numbers of a token vector (ONNX Runtime's own MatMulNBits);
* ``dynamic``: one scale for the whole batch, the usual dynamic int8. Shown for comparison: it depends on neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

Floats = npt.NDArray[np.float32]
Ranges = Mapping[str, tuple[float, float]]

STEPS = 127
MIDDLE = 128
BLOCK = 128
TABLE = 1 << 16
"""Numbers from which on a gathered table is worth packing."""
TINY = 1e-9
LEAST = 1e-5
"""A channel's reach that counts as nothing."""
CONTRIB = "com.microsoft"
SMOOTHED, SMOOTH = ".smoothed", ".smooth"
"""Behind an activation's name: it with its channels divided, and the constant that it is multiplied by for that."""
HARDNESS = 0.6
"""Share of a channel's reach, in logs, that goes over to the weights: 0.5 and 0.65 were no better on dev."""


@dataclass(slots=True)
class Graph:
    """A graph being rewritten: nodes so far, new initialisers, and activations already quantised."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: dict[str, onnx.TensorProto] = field(default_factory=dict)
    quantised: dict[str, tuple[str, str]] = field(default_factory=dict)

    def constant(self, name: str, values: npt.NDArray[np.generic]) -> str:
        """An initialiser; the same name is made once."""
        self.constants.setdefault(name, numpy_helper.from_array(values, name))
        return name

    def add(self, kind: str, inputs: list[str], output: str, domain: str = "", **attributes: Any) -> str:
        """A node with one output."""
        self.nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **attributes))
        return output


@dataclass(frozen=True, slots=True)
class Product:
    """A MatMul by constant weights ``[K, N]``: names of its input, output and weights."""

    source: str
    output: str
    name: str
    weights: Floats


Way = Callable[[Product, Graph], None]


def rewritten(model: onnx.ModelProto, way: Way) -> onnx.ModelProto:
    """A copy of ``model`` with its large gathered tables and its products by constants in int8."""
    tables = {one.name: one for one in model.graph.initializer}
    graph = Graph()
    for node in model.graph.node:
        held = tables.get(node.input[0 if node.op_type == "Gather" else -1]) if node.input else None
        shape = list(held.dims) if held is not None else []
        if node.op_type == "MatMul" and len(shape) == 2 and held is not None:
            way(Product(node.input[0], node.output[0], held.name, numpy_helper.to_array(held)), graph)
        elif node.op_type == "Gather" and len(shape) == 2 and held is not None and shape[0] * shape[1] > TABLE:
            _packed_gather(node, numpy_helper.to_array(held), graph)
        else:
            graph.nodes.append(node)
    return _assembled(model, graph)


def products(model: onnx.ModelProto) -> list[str]:
    """The activations that are multiplied by constants: what the static way must know the ranges of."""
    return list(dict.fromkeys(source for source, _ in _multiplied(model)))


def _multiplied(model: onnx.ModelProto) -> Iterator[tuple[str, onnx.TensorProto]]:
    """Each activation that is multiplied by a constant matrix, and the matrix."""
    tables = {one.name: one for one in model.graph.initializer if len(one.dims) == 2}
    for node in model.graph.node:
        if node.op_type == "MatMul" and node.input[1] in tables:
            yield node.input[0], tables[node.input[1]]


def static(ranges: Ranges) -> Way:
    """One scale and zero for each activation, as ``ranges`` says."""

    def way(product: Product, graph: Graph) -> None:
        source = product.source
        low, high = (min(ranges[source][0], 0.0), max(ranges[source][1], TINY))
        scale = (high - low) / 255
        zero = graph.constant(f"{source}.zero", np.array(round(-low / scale), dtype=np.uint8))
        size = graph.constant(f"{source}.scale", np.array(scale, dtype=np.float32))
        if source not in graph.quantised:
            made = graph.add("QuantizeLinear", [source, size, zero], f"{source}.uint8")
            graph.quantised[source] = (made, size)
        seen = graph.add("DequantizeLinear", [graph.quantised[source][0], size, zero], f"{product.output}.in")
        values, scales = _packed(product, graph)
        weights = graph.add("DequantizeLinear", [values, scales], f"{product.output}.weights", axis=1)
        graph.add("MatMul", [seen, weights], product.output)

    return way


def weights(product: Product, graph: Graph) -> None:
    """Only the file is small: the runtime folds Cast and Mul away when it loads the graph."""
    values, scales = _packed(product, graph)
    wide = graph.add("Cast", [values], f"{product.output}.wide", to=onnx.TensorProto.FLOAT)
    graph.add("MatMul", [product.source, graph.add("Mul", [wide, scales], f"{product.output}.weights")], product.output)


def rows(product: Product, graph: Graph) -> None:
    """A scale for each vector that is multiplied: what stands beside it has no part in it."""
    if product.source not in graph.quantised:
        graph.quantised[product.source] = _row_scaled(product.source, graph)
    _row_product(product, graph, *graph.quantised[product.source])


def smooth(model: onnx.ModelProto, reaches: Mapping[str, Floats]) -> Way:
    """``reaches``: of each activation that is multiplied by weights, how far each channel goes, ``[K]``."""
    factors = {name: _factors(reaches[name], reach) for name, reach in weight_reaches(model).items()}

    def way(product: Product, graph: Graph) -> None:
        source, factor = product.source, factors[product.source]
        if source not in graph.quantised:
            shrink = graph.constant(f"{source}{SMOOTH}", 1.0 / factor)
            graph.quantised[source] = _row_scaled(graph.add("Mul", [source, shrink], f"{source}{SMOOTHED}"), graph)
        grown = replace(product, weights=product.weights * factor[:, None])
        _row_product(grown, graph, *graph.quantised[source])

    return way


def weight_reaches(model: onnx.ModelProto) -> dict[str, Floats]:
    """Of each activation that is multiplied by weights, the largest weight by channel, ``[K]``."""
    found: dict[str, Floats] = {}
    for source, table in _multiplied(model):
        reach = np.abs(numpy_helper.to_array(table)).max(axis=1)
        found[source] = np.maximum(found.get(source, reach), reach)
    return found


def _factors(activation: Floats, weight: Floats) -> Floats:
    logs = HARDNESS * np.log(np.maximum(activation, LEAST)) - (1 - HARDNESS) * np.log(np.maximum(weight, LEAST))
    return np.exp(logs - logs.mean()).astype(np.float32)


def _row_product(product: Product, graph: Graph, vectors: str, size: str) -> None:
    values, scales = _packed(product, graph)
    zero = graph.constant("rows.middle", np.array(MIDDLE, dtype=np.uint8))
    one = graph.constant("rows.one", np.array(1, dtype=np.float32))
    inputs = [vectors, values, one, scales, zero]
    wide = graph.add("MatMulIntegerToFloat", inputs, f"{product.output}.wide", CONTRIB)
    graph.add("Mul", [wide, size], product.output)


def dynamic(product: Product, graph: Graph) -> None:
    """As ``onnxruntime.quantization.quantize_dynamic`` does it, a scale a column."""
    source, out = product.source, product.output
    if source not in graph.quantised:
        names = [f"{source}.{part}" for part in ("uint8", "size", "zero")]
        graph.nodes.append(helper.make_node("DynamicQuantizeLinear", [source], names))
        graph.quantised[source] = (names[0], names[1])
    values, scales = _packed(product, graph)
    whole = graph.add("MatMulInteger", [f"{source}.uint8", values, f"{source}.zero"], f"{out}.int32")
    wide = graph.add("Cast", [whole], f"{out}.wide", to=onnx.TensorProto.FLOAT)
    graph.add("Mul", [wide, graph.add("Mul", [scales, f"{source}.size"], f"{out}.sizes")], out)


def blocks(product: Product, graph: Graph) -> None:
    """MatMulNBits of 8 bits; ``accuracy_level`` 4 lets it compute in int8, block by block."""
    depth, width = product.weights.shape
    count = -(-depth // BLOCK)
    padded = np.zeros((width, count * BLOCK), dtype=np.float32)
    padded[:, :depth] = product.weights.T
    parts = padded.reshape(width, count, BLOCK)
    scales = np.maximum(np.abs(parts).max(axis=2), TINY) / STEPS
    packed = (np.rint(parts / scales[:, :, None]) + MIDDLE).astype(np.uint8)
    names = [
        graph.constant(f"{product.name}.blocks", packed),
        graph.constant(f"{product.name}.scales", scales.astype(np.float32).reshape(-1)),
    ]
    graph.add("MatMulNBits", [product.source, *names], product.output, CONTRIB, K=depth, N=width, bits=8,
              block_size=BLOCK, accuracy_level=4)  # fmt: skip


def _packed(product: Product, graph: Graph) -> tuple[str, str]:
    scales = np.maximum(np.abs(product.weights).max(axis=0), TINY) / STEPS
    values = np.rint(product.weights / scales).astype(np.int8)
    return (
        graph.constant(f"{product.name}.int8", values),
        graph.constant(f"{product.name}.scale", scales.astype(np.float32)),
    )


def _packed_gather(node: onnx.NodeProto, table: Floats, graph: Graph) -> None:
    name, out = node.input[0], node.output[0]
    scales = np.maximum(np.abs(table).max(axis=1, keepdims=True), TINY) / STEPS
    values = graph.constant(f"{name}.int8", np.rint(table / scales).astype(np.int8))
    sizes = graph.constant(f"{name}.scale", scales.astype(np.float32))
    found = graph.add("Gather", [values, node.input[1]], f"{out}.int8")
    wide = graph.add("Cast", [found], f"{out}.wide", to=onnx.TensorProto.FLOAT)
    graph.add("Mul", [wide, graph.add("Gather", [sizes, node.input[1]], f"{out}.row_scale")], out)


def _row_scaled(source: str, graph: Graph) -> tuple[str, str]:
    """``source`` as uint8 round 128, and ``[..., 1]`` scales; a plain QuantizeLinear rounds and cuts in one go."""
    last = graph.constant("rows.last", np.array([-1], dtype=np.int64))
    step = graph.constant("rows.step", np.array(1 / STEPS, dtype=np.float32))
    tiny = graph.constant("rows.tiny", np.array(TINY, dtype=np.float32))
    one = graph.constant("rows.one", np.array(1, dtype=np.float32))
    zero = graph.constant("rows.middle", np.array(MIDDLE, dtype=np.uint8))
    far = graph.add("ReduceMax", [graph.add("Abs", [source], f"{source}.abs"), last], f"{source}.far", keepdims=1)
    size = graph.add("Mul", [graph.add("Max", [far, tiny], f"{source}.most"), step], f"{source}.size")
    shrunk = graph.add("Mul", [source, graph.add("Reciprocal", [size], f"{source}.shrink")], f"{source}.steps")
    return graph.add("QuantizeLinear", [shrunk, one, zero], f"{source}.uint8"), size


def _assembled(model: onnx.ModelProto, graph: Graph) -> onnx.ModelProto:
    made = onnx.ModelProto()
    made.CopyFrom(model)
    used = {name for node in graph.nodes for name in node.input}
    kept = [one for one in model.graph.initializer if one.name in used]
    del made.graph.node[:], made.graph.initializer[:], made.graph.value_info[:]
    made.graph.node.extend(graph.nodes)
    made.graph.initializer.extend([*kept, *graph.constants.values()])
    if any(node.domain == CONTRIB for node in graph.nodes):
        made.opset_import.append(helper.make_opsetid(CONTRIB, 1))
    return made
