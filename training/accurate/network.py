"""The network: an encoder, the mean of its token vectors, one linear layer with a column per label. Needs torch.

Any encoder that ``transformers`` loads as ``AutoModel`` will do; layers can be left out where it keeps them in
``encoder.layer``, as BERT and RoBERTa do. Called by ``tune.py`` and ``export.py``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

HEAD = "head.safetensors"
FACTS = "network.json"


class Network(nn.Module):
    """``forward`` gives logits ``[batch, labels]`` for ids and mask ``[batch, length]``."""

    def __init__(self, encoder: Any, labels: Sequence[str], dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        self.labels = tuple(labels)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(encoder.config.hidden_size, len(self.labels))
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Logits; masked positions have no part in the mean."""
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        inside = attention_mask[:, :, None].to(states.dtype)
        mean = (states * inside).sum(1) / inside.sum(1).clamp(min=1.0)
        logits: Tensor = self.head(self.dropout(mean))
        return logits


def new_network(source: str | Path, labels: Sequence[str], dropout: float) -> Network:
    """A network on the encoder of a folder or hub id, its head untrained."""
    from transformers import AutoModel
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    encoder = AutoModel.from_pretrained(str(source), dtype=torch.float32)
    if hasattr(encoder, "pooler"):
        encoder.pooler = None
    for module in encoder.modules():
        if isinstance(module, nn.Dropout):
            module.p = dropout
    return Network(encoder, labels, dropout)


def save_network(network: Network, folder: Path) -> None:
    """Encoder in the Hugging Face layout (16 bits), head beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    network.encoder.config.save_pretrained(folder)
    tensors = {name: value.to("cpu", torch.float16).contiguous() for name, value in network.encoder.state_dict().items()
               if value.is_floating_point()}  # fmt: skip
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    head = {name: value.to("cpu").contiguous() for name, value in network.head.state_dict().items()}
    save_file(head, folder / HEAD)
    (folder / FACTS).write_text(json.dumps({"labels": network.labels}), encoding="utf-8")


def load_network(folder: Path, dropout: float = 0.1) -> Network:
    """What ``save_network`` wrote."""
    labels = json.loads((folder / FACTS).read_text(encoding="utf-8"))["labels"]
    network = new_network(folder, labels, dropout)
    network.head.load_state_dict(load_file(folder / HEAD))
    return network


def begun_network(source: str | Path, labels: Sequence[str], dropout: float) -> Network:
    """What a training starts from: an encoder with a new head, or, in a folder that an earlier training left, its own.

    Raises ``ValueError`` where that one learnt other labels.
    """
    facts = Path(source) / FACTS
    if not facts.exists():
        return new_network(source, labels, dropout)
    known = json.loads(facts.read_text(encoding="utf-8"))["labels"]
    if known != list(labels):
        raise ValueError(f"{source} was trained for the labels {known}, the config wants {list(labels)}")
    return load_network(Path(source), dropout)


def with_layers(network: Network, keep: Sequence[int]) -> Network:
    """The same network with only the layers ``keep`` (of ``encoder.layer``), in place."""
    layers = network.encoder.encoder.layer
    network.encoder.encoder.layer = nn.ModuleList(layers[place] for place in keep)
    network.encoder.config.num_hidden_layers = len(keep)
    return network


def rate_groups(network: Network, rate: float, head_rate: float, decay: float, weight_decay: float) -> list[Any]:
    """Optimiser groups: each layer down learns ``decay`` times as fast, embeddings slowest, the head at its own."""
    layers = len(network.encoder.encoder.layer)
    groups: dict[tuple[float, bool], list[Any]] = {}
    for name, value in network.named_parameters():
        own = head_rate if name.startswith("head.") else rate * decay ** (layers - _depth(name, layers))
        groups.setdefault((own, value.ndim > 1), []).append(value)
    return [
        {"params": values, "lr": own, "full_rate": own, "weight_decay": weight_decay if decays else 0.0}
        for (own, decays), values in groups.items()
    ]


def _depth(name: str, layers: int) -> int:
    """0 for embeddings, 1 for the lowest layer, ``layers`` for the top one and what lies above."""
    parts = name.split(".")
    if "embeddings" in parts:
        return 0
    return next((int(part) + 1 for part in _numbers(parts)), layers)


def _numbers(parts: Sequence[str]) -> Iterator[str]:
    return (part for before, part in pairwise(parts) if before == "layer" and part.isdigit())
