"""How far activations go on calibration texts: what some ways to int8 are made from. Called by ``choice.py``.

Texts run one at a time, so that padding has no part in it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import onnx

from training.accurate.int8 import Floats, Ranges, products
from training.accurate.tokens import INPUTS, Ints

os.environ["ORT_DISABLE_TELEMETRY"] = "1"


def activation_ranges(model: onnx.ModelProto, texts: Sequence[Ints], percentile: float = 100.0) -> Ranges:
    """Lowest and highest value of each activation that is multiplied by weights.

    Under a ``percentile`` of 100, the farthest values of each text are left out: few of them stretch the scale of all.
    """
    found: dict[str, tuple[float, float]] = {}
    for name, values in _activations(model, texts):
        ends = np.percentile(values, [100.0 - percentile, percentile])
        low, high = found.get(name, (0.0, 0.0))
        found[name] = (min(low, float(ends[0])), max(high, float(ends[1])))
    return found


def channel_reaches(model: onnx.ModelProto, texts: Sequence[Ints]) -> Mapping[str, Floats]:
    """The largest size of each channel, ``[K]``, of each activation that is multiplied by weights."""
    found: dict[str, Floats] = {}
    for name, values in _activations(model, texts):
        reach = np.abs(values.reshape(-1, values.shape[-1])).max(axis=0)
        found[name] = np.maximum(found.get(name, reach), reach)
    return found


def _activations(model: onnx.ModelProto, texts: Sequence[Ints]) -> Iterator[tuple[str, Floats]]:
    import onnxruntime

    names = products(model)
    shown = onnx.ModelProto()
    shown.CopyFrom(model)
    shown.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in names)
    session = onnxruntime.InferenceSession(shown.SerializeToString(), providers=["CPUExecutionProvider"])
    for text in texts:
        feeds = dict(zip(INPUTS, (text[None], np.ones_like(text[None])), strict=True))
        yield from zip(names, session.run(names, feeds), strict=True)
