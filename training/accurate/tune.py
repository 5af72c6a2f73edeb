"""Fine-tune, or distil a teacher into fewer layers: checkpoints, resumption, a progress bar. Called by ``__main__.py``.

Imports nothing of the product, so that ``carry.py`` can run it on a lent GPU where only torch is.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.progress import Progress
from torch import Tensor, nn

from training.accurate.config import Config, Fit
from training.accurate.network import Network, rate_groups, save_network
from training.accurate.plan import rate_at, whole_plan
from training.accurate.stages import StoppedError
from training.accurate.tokens import UNKNOWN, Ints, Tokens

CHECKPOINT = "checkpoint.pt"
LOG = "log.jsonl"
LOGGED = 50


@dataclass(frozen=True, slots=True)
class Limits:
    """``steps`` of a trial run (0: all), ``minutes`` of this process (0: no limit), ``pad_id`` of the tokenizer."""

    steps: int = 0
    minutes: float = 0.0
    pad_id: int = 1


@dataclass(frozen=True, slots=True)
class Teacher:
    """The network to follow and the share of the loss that does."""

    network: Network
    share: float


def device() -> torch.device:
    """The GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def seeded(seed: int) -> None:
    """Before a network is made: its head starts the same each time."""
    torch.manual_seed(seed)


def rules(config: Config, names: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Cap and copies an epoch of each source."""
    copies = {"invented": config.rows.case_copies}
    return {name: (config.sources[name].cap or config.rows.cap, copies.get(name, 1)) for name in names}


def tune(
    network: Network, tokens: Tokens, config: Config, fit: Fit, folder: Path,
    limits: Limits, teacher: Teacher | None = None,
) -> None:  # fmt: skip
    """Train ``network`` in place and save it into ``folder``; goes on from the folder's checkpoint where one lies.

    Raises ``StoppedError`` when ``limits.minutes`` are over; a checkpoint was written then.
    """
    plan = whole_plan(tokens, rules(config, tokens.names), fit.epochs, fit.batch, config.seed)
    plan = plan[: limits.steps or fit.most_steps or len(plan)]
    folder.mkdir(parents=True, exist_ok=True)
    place = device()
    network.to(place).train()
    if place.type == "cpu":  # on short texts, torch's fused attention takes 1.6 times as long to learn on a CPU
        network.encoder.set_attn_implementation("eager")
    if teacher:
        teacher.network.to(place).eval()
    groups = rate_groups(network, fit.rate, fit.head_rate, fit.layer_decay, fit.weight_decay)
    optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98), eps=1e-6, fused=True)
    trainer = _Trainer(network, optimiser, tokens, config, fit, teacher, limits.pad_id, place)
    _steps(trainer, plan, folder, limits)
    network.to("cpu").eval()
    save_network(network, folder)
    (folder / CHECKPOINT).unlink(missing_ok=True)


def _steps(trainer: _Trainer, plan: Sequence[Any], folder: Path, limits: Limits) -> None:
    begun = saved = time.monotonic()
    first = trainer.load(folder / CHECKPOINT)
    with Progress() as bar, (folder / LOG).open("a", encoding="utf-8") as log:
        task = bar.add_task("training", total=len(plan), completed=first)
        for step in range(first, len(plan)):
            loss = trainer.step(plan[step], step, len(plan))
            bar.update(task, advance=1, description=f"training, loss {loss:.3f}" if step % 10 == 0 else None)
            if step % LOGGED == 0:
                facts = {
                    "step": step,
                    "of": len(plan),
                    "loss": round(loss, 4),
                    "at": round(time.monotonic() - begun, 1),
                }
                log.write(json.dumps(facts) + "\n")
                log.flush()
                if not bar.console.is_terminal:
                    print(json.dumps(facts), flush=True)
            now = time.monotonic()
            over = bool(limits.minutes) and now - begun > 60 * limits.minutes
            if over or now - saved > trainer.fit.checkpoint_seconds:
                saved = now
                trainer.save(folder / CHECKPOINT, step + 1)
            if over and step + 1 < len(plan):
                raise StoppedError(f"stopped at step {step + 1} of {len(plan)}: --resume goes on")


@dataclass(slots=True)
class _Trainer:
    network: Network
    optimiser: torch.optim.Optimizer
    tokens: Tokens
    config: Config
    fit: Fit
    teacher: Teacher | None
    pad_id: int
    place: torch.device

    def step(self, batch: Any, step: int, steps: int) -> float:
        """One step of learning; returns its loss. Dropout follows from the seed and the step."""
        torch.manual_seed(self.config.seed * 1_000_003 + step)
        for group in self.optimiser.param_groups:
            group["lr"] = group["full_rate"] * rate_at(step, steps, self.fit.warm_up)
        ids, mask = (torch.from_numpy(part).to(self.place) for part in self.tokens.padded(batch, self.pad_id))
        with self._precision():
            logits = self.network(ids, mask).float()
        loss = self._loss(logits, ids, mask, batch)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        value = loss.item() if step % 10 == 0 else 0.0
        if math.isnan(value):
            raise SystemExit(f"the loss is not a number at step {step}: lower fit.rate, or set fit.bf16 = false")
        return value

    def _loss(self, logits: Tensor, ids: Tensor, mask: Tensor, batch: Any) -> Tensor:
        known = torch.from_numpy(self.tokens.labels[batch].astype(np.float32)).to(self.place)
        weights = torch.from_numpy(self.tokens.weights[batch]).to(self.place)
        smoothing = torch.from_numpy(self.tokens.smoothing[batch]).to(self.place)
        shares = label_shares(self.config.labels, self.fit.label_weights).to(self.place)
        said = followed(logits, self.tokens.twin[batch], batch, self.fit.follows)
        hard = masked_loss(logits, known, weights, smoothing, shares, said)
        if self.teacher is None:
            return hard
        with torch.no_grad(), self._precision():
            wanted = torch.sigmoid(self.teacher.network(ids, mask).float())
        soft = nn.functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
        follows = (soft * shares).sum(1) / shares.sum()
        return self.teacher.share * follows.mean() + (1 - self.teacher.share) * hard

    def _precision(self) -> AbstractContextManager[Any]:
        if not self.fit.bf16:
            return nullcontext()
        return torch.autocast(self.place.type, dtype=torch.bfloat16)

    def save(self, path: Path, step: int) -> None:
        """Write a checkpoint beside and put it in place whole."""
        state = {"network": self.network.state_dict(), "optimiser": self.optimiser.state_dict(), "step": step}
        torch.save(state, path.with_suffix(".new"))
        path.with_suffix(".new").replace(path)

    def load(self, path: Path) -> int:
        """The step to go on with; 0 where there is no checkpoint."""
        if not path.exists():
            return 0
        state = torch.load(path, map_location=self.place, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        return int(state["step"])


def label_shares(labels: Sequence[str], named: Mapping[str, float]) -> Tensor:
    """The weight of each label in the loss."""
    return torch.tensor([named.get(label, 1.0) for label in labels])


@dataclass(frozen=True, slots=True)
class Followed:
    """What was said of the undisguised texts, ``chances`` ``[texts, labels]``, and how far to go there, ``[texts]``."""

    chances: Tensor
    share: Tensor


def followed(logits: Tensor, twin: Ints, batch: Ints, share: float) -> Followed:
    """For the texts at places ``batch``, disguises of those at ``twin`` (or their own): what is said of these now.

    ``share`` for a disguise whose undisguised text is in the batch, 0 for every other text.
    """
    order = np.argsort(batch, kind="stable")
    found = order[np.searchsorted(batch, twin, sorter=order).clip(max=len(batch) - 1)]
    follows = (twin != batch) & (batch[found] == twin)
    chances = torch.sigmoid(logits).detach()[torch.from_numpy(found).to(logits.device)]
    return Followed(chances, torch.from_numpy(share * follows.astype(np.float32)).to(logits.device))


def masked_loss(
    logits: Tensor, known: Tensor, weights: Tensor, smoothing: Tensor, shares: Tensor, said: Followed | None = None
) -> Tensor:
    """Binary cross-entropy over the labels that are known (``known`` is 0, 1 or -1), each text by its weight.

    ``smoothing`` ``[texts]`` draws a label that far towards one half (Szegedy et al. 2016). ``said`` draws the labels
    of disguised texts towards what was said of them undisguised, as Kannan et al. (2018) pair logits.
    """
    inside = (known != UNKNOWN).float()
    wanted = known.clamp(min=0.0)
    wanted = wanted * (1 - smoothing[:, None]) + 0.5 * smoothing[:, None]
    if said is not None:
        wanted = torch.lerp(wanted, said.chances, said.share[:, None])
    each = nn.functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    cells = inside * shares * weights[:, None]
    return (each * cells).sum() / cells.sum().clamp(min=1e-6)
