"""The network as ONNX, by the exporter that is kept (``torch.onnx.export(dynamo=True)``). Called by ``__main__.py``."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

import torch

from training.accurate.network import Network
from training.accurate.tokens import INPUTS, OUTPUT
from training.nodes import without_traces


def export(network: Network, path: Path) -> None:
    """Write ``path``: float32, inputs ``[batch, length]`` of any size, output ``logits`` ``[batch, labels]``."""
    network.eval()
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # else it says that torchvision is not there
    ids = torch.ones((2, 7), dtype=torch.int64)
    mask = torch.tensor([[1] * 7, [1] * 5 + [0] * 2])
    batch, length = torch.export.Dim("batch"), torch.export.Dim("length", max=512)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            network,
            (ids, mask),
            dynamo=True,
            input_names=list(INPUTS),
            output_names=[OUTPUT],
            dynamic_shapes=({0: batch, 1: length}, {0: batch, 1: length}),
            optimize=True,
            verbose=False,
        )
    if program is None:
        raise SystemExit("torch.onnx.export gave nothing")
    path.write_bytes(without_traces(program.model_proto).SerializeToString(deterministic=True))
