"""How far each activation goes on calibration texts: what the static way to int8 is made from. Called by ``choice.py``.

Texts run one at a time, so that padding has no part in it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
import onnx

from training.accurate.int8 import Ranges, products
from training.accurate.tokens import INPUTS, Ints

os.environ["ORT_DISABLE_TELEMETRY"] = "1"


def activation_ranges(model: onnx.ModelProto, texts: Sequence[Ints], percentile: float = 100.0) -> Ranges:
    """Lowest and highest value of each activation that is multiplied by weights.

    Under a ``percentile`` of 100, the farthest values of each text are left out: few of them stretch the scale of all.
    """
    import onnxruntime

    names = products(model)
    shown = onnx.ModelProto()
    shown.CopyFrom(model)
    shown.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in names)
    session = onnxruntime.InferenceSession(shown.SerializeToString(), providers=["CPUExecutionProvider"])
    found: dict[str, tuple[float, float]] = dict.fromkeys(names, (0.0, 0.0))
    for text in texts:
        feeds = dict(zip(INPUTS, (text[None], np.ones_like(text[None])), strict=True))
        for name, values in zip(names, session.run(names, feeds), strict=True):
            ends = np.percentile(values, [100.0 - percentile, percentile])
            found[name] = (min(found[name][0], float(ends[0])), max(found[name][1], float(ends[1])))
    return found
