"""What dev says of a network right after training, before anything is calibrated. Called by ``carry.py``.

Needs torch and scikit-learn only; the numbers that count come from ``training/evaluate.py`` and the served folder.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from sklearn.metrics import f1_score, roc_auc_score

from training.accurate.network import Network
from training.accurate.plan import bucketed
from training.accurate.tokens import UNKNOWN, Tokens
from training.accurate.tune import device

BATCH = 256


def network_logits(network: Network, tokens: Tokens, pad_id: int) -> npt.NDArray[np.float32]:
    """Logits ``[texts, labels]`` in float32."""
    place = device()
    network.to(place).eval()
    found = np.empty((len(tokens), len(network.labels)), dtype=np.float32)
    with torch.no_grad():
        for part in bucketed(np.arange(len(tokens)), tokens.lengths, BATCH, np.random.default_rng(0), tokens.twin):
            ids, mask = (torch.from_numpy(one).to(place) for one in tokens.padded(part, pad_id))
            found[part] = network(ids, mask).float().cpu().numpy()
    return found


def dev_table(network: Network, tokens: Tokens, pad_id: int) -> str:
    """AUC of each label, and macro-F1 of ``toxic`` at 0 by source, both over the first readings."""
    logits = network_logits(network, tokens, pad_id)
    first = np.concatenate([[True], tokens.comment[1:] != tokens.comment[:-1]])
    lines = []
    for column, label in enumerate(network.labels):
        known = first & (tokens.labels[:, column] != UNKNOWN)
        truth = tokens.labels[known, column]
        if 0 < truth.sum() < len(truth):
            lines.append(f"AUC {label} {roc_auc_score(truth, logits[known, column]):.4f} of {len(truth)}")
    for place, name in enumerate(tokens.names):
        known = first & (tokens.labels[:, 0] != UNKNOWN) & (tokens.source == place)
        truth = tokens.labels[known, 0]
        if 0 < truth.sum() < len(truth):
            lines.append(
                f"macro-F1 {name} {f1_score(truth, logits[known, 0] > 0, average='macro'):.4f} of {len(truth)}"
            )
    return "\n".join(lines)
