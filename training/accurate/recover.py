"""The weights of a model that is served, back from its int8 graph, so that training can go on from it.

``python -m training.accurate.recover --model models/accurate/6 --config BASE --out FOLDER`` writes a folder that
``--base`` takes, head and all, where the run that made the model is gone. Rounding to int8 stays in it: measured on
``accurate@1``, that is less than training moves in a few steps. Knows all that ``int8.py`` writes but ``blocks``.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

from training.accurate.int8 import SMOOTH, SMOOTHED
from training.accurate.network import FACTS, HEAD
from training.accurate.parcel import WEIGHTS
from training.accurate.vocabulary import TOKENIZER

Arrays = Mapping[str, npt.NDArray[np.generic]]
INT8, SCALE, UINT8 = ".int8", ".scale", ".uint8"
ENCODER, HEADS = "encoder.", "head."


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m training.accurate.recover", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--model", type=Path, required=True, help="a model folder, e.g. models/accurate/6")
    parser.add_argument(
        "--config", type=Path, required=True, help="folder of the encoder it began from: its config.json"
    )
    parser.add_argument("--out", type=Path, required=True, help="the folder to write, for --base")
    options = parser.parse_args()
    recover(options.model, options.config, options.out)
    print(f"wrote {options.out}: python -m training.accurate --base {options.out} … goes on from there")


def recover(model: Path, config: Path, out: Path) -> None:
    """Write ``out`` as ``network.save_network`` does. Raises ``ValueError`` for a graph made in another way."""
    from safetensors.numpy import save_file

    graph = onnx.load(str(model / "model.onnx")).graph
    arrays = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    weights = dict(recovered(graph, arrays))
    out.mkdir(parents=True, exist_ok=True)
    parts = {
        WEIGHTS: {name.removeprefix(ENCODER): value.astype(np.float16) for name, value in weights.items()
                  if name.startswith(ENCODER)},
        HEAD: {name.removeprefix(HEADS): value for name, value in weights.items() if name.startswith(HEADS)},
    }  # fmt: skip
    for name, tensors in parts.items():
        whole = {key: np.ascontiguousarray(value) for key, value in tensors.items()}
        save_file(whole, out / name, metadata={"format": "pt"})
    labels = len(parts[HEAD]["bias"])
    (out / FACTS).write_text(json.dumps({"labels": _labels(model, labels)}), encoding="utf-8")
    shutil.copyfile(config / "config.json", out / "config.json")
    shutil.copyfile(model / TOKENIZER, out / TOKENIZER)


def recovered(graph: onnx.GraphProto, arrays: Arrays) -> Iterator[tuple[str, npt.NDArray[np.float32]]]:
    """Every parameter by its name in the network: tables by their scales, matrices by the bias that follows them."""
    for name, value in arrays.items():
        if name.startswith((ENCODER, HEADS)) and value.dtype == np.float32 and not name.endswith(SCALE):
            yield name, value.astype(np.float32)
        elif name.startswith(ENCODER) and name.endswith(INT8):
            stem = name.removesuffix(INT8)
            yield stem, value.astype(np.float32) * arrays[stem + SCALE].astype(np.float32)
    users = {name: node for node in graph.node for name in node.input}
    for node in graph.node:
        packed = next(
            (name for name in node.input if name.endswith(INT8) and name[: -len(INT8)] + SCALE in arrays), None
        )
        if packed is None or node.op_type == "Gather":
            continue
        stem = packed.removesuffix(INT8)
        matrix = arrays[packed].astype(np.float32) * arrays[stem + SCALE].astype(np.float32)
        matrix *= arrays.get(_shrink_of(node), np.ones(1, dtype=np.float32))[:, None]
        yield _bias_after(node, users).removesuffix("bias") + "weight", np.ascontiguousarray(matrix.T)


def _shrink_of(node: onnx.NodeProto) -> str:
    """The name that the constant has by which the channels were divided before this product, if they were."""
    return node.input[0].removesuffix(UINT8).removesuffix(SMOOTHED) + SMOOTH


def _bias_after(node: onnx.NodeProto, users: Mapping[str, onnx.NodeProto]) -> str:
    while True:
        if node.op_type == "Add":
            bias = next((name for name in node.input if name.endswith(".bias")), None)
            if bias is not None:
                return bias
        if node.output[0] not in users:
            raise ValueError(
                f"the graph has a matrix ({node.name}) without a bias after it: not made by training.accurate"
            )
        node = users[node.output[0]]


def _labels(model: Path, count: int) -> list[str]:
    from mahlan.scoring.manifest import read_manifest

    labels = list(read_manifest(model).output.labels)
    if len(labels) != count:
        raise ValueError(f"{model}: the manifest names {len(labels)} labels, the graph has {count}")
    return labels


if __name__ == "__main__":
    main()
