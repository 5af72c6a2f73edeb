"""What the accurate model's training goes by: known labels, smoothing, what is said of a comment undisguised."""

# ruff: noqa: E402  what needs torch is imported after asking for it

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install -e '.[accurate]'")
transformers = pytest.importorskip("transformers", reason="transformers is not installed: pip install -e '.[accurate]'")

from training.accurate.tune import followed, masked_loss


def test_an_unknown_label_has_no_part_in_the_loss() -> None:
    logits = torch.tensor([[2.0, -3.0], [-1.0, 5.0]], requires_grad=True)
    known = torch.tensor([[1.0, -1.0], [0.0, -1.0]])
    masked_loss(logits, known, torch.ones(2), torch.zeros(2), torch.ones(2)).backward()
    assert logits.grad is not None
    assert (logits.grad[:, 1] == 0).all()
    assert (logits.grad[:, 0] != 0).all()


def test_smoothing_draws_the_best_logit_in() -> None:
    logits = torch.tensor([[4.0]], requires_grad=True)
    masked_loss(logits, torch.tensor([[1.0]]), torch.ones(1), torch.tensor([0.2]), torch.ones(1)).backward()
    assert logits.grad is not None
    assert logits.grad.item() > 0, "more certain than smoothing allows"


def test_a_disguise_follows_what_is_said_of_the_comment_beside_it_in_the_batch() -> None:
    logits = torch.tensor([[4.0], [-4.0], [-4.0]], requires_grad=True)
    said = followed(logits, twin=np.array([7, 7, 5]), batch=np.array([7, 8, 9]), share=0.5)
    assert said.share.tolist() == [0.0, 0.5, 0.0], "5 is not in the batch, 7 is no disguise"
    hard = torch.zeros(3, 1)
    masked_loss(logits, hard, torch.ones(3), torch.zeros(3), torch.ones(1), said).backward()
    assert logits.grad is not None
    assert logits.grad[1].item() < 0, "drawn up, although its own label says no"
    assert logits.grad[2].item() > 0
