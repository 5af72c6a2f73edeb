"""Nodes and constants of an ONNX graph while it is being built. Used by ``graph.py`` and ``shares.py``."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from onnx import GraphProto, ModelProto, helper, numpy_helper


@dataclass(slots=True)
class Builder:
    """Collects nodes and constants; ``add`` returns the name of what a node computes. ``prefix`` begins the names."""

    nodes: list[Any] = field(default_factory=list)
    constants: dict[str, Any] = field(default_factory=dict)
    prefix: str = ""

    def const(self, value: Any, dtype: Any = np.int64) -> str:
        """A constant tensor, shared where the same one was asked for before."""
        array = np.asarray(value, dtype=dtype)
        name = f"{array.dtype}_{'x'.join(map(str, array.shape))}_{zlib.crc32(array.tobytes()):08x}"
        self.constants[name] = numpy_helper.from_array(array, name)
        return name

    def add(self, op: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        """One node of one output."""
        out = name or f"{self.prefix}{op.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [out], **attributes))
        return out

    def cut(self, tensor: str, start: Any, end: Any, axis: int) -> str:
        """``tensor[start:end]`` on one axis; ``start`` and ``end`` are ints or names of tensors."""
        bounds = [bound if isinstance(bound, str) else self.const([bound]) for bound in (start, end)]
        return self.add("Slice", tensor, *bounds, self.const([axis]))

    def branch(self, prefix: str) -> Builder:
        """A builder of nodes that may not run: they see this one's tensors and put their constants here."""
        return Builder(constants=self.constants, prefix=prefix)


def without_traces(model: ModelProto) -> ModelProto:
    """``model`` itself, without what an exporter notes of where it ran: tracebacks, paths, names of modules."""
    del model.metadata_props[:]
    _forget(model.graph)
    return model


def _forget(graph: GraphProto) -> None:
    for part in (graph, *graph.node, *graph.initializer, *graph.value_info, *graph.input, *graph.output):
        del part.metadata_props[:]
        part.doc_string = ""
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                _forget(attribute.g)
