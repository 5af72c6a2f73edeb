"""The head that tells words: learnt on an encoder's states, and as nodes of its graph. Called by ``words.py``.

Its number of each token becomes, over the tokens of a text, a share; the shares add up to the logit of the first label
(a softened one, ``log(1 + e^logit)``, which is never below 0).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper

from mahlan.scoring.model import Model
from mahlan.scoring.onnx import Session, open_session
from training.accurate.config import Words
from training.accurate.tokens import INPUTS, OUTPUT
from training.nodes import Builder
from training.shares import SHARES, switch, told_when_asked

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
STATES = "words.states"
NEVER = -1e4
BATCH = 32


@dataclass(frozen=True, slots=True)
class Lesson:
    """A reading, and of its words ``(start, end, share)``; the shares add up to 1. ``human``: people marked them."""

    text: str
    shares: tuple[tuple[int, int, float], ...]
    human: bool


@dataclass(frozen=True, slots=True)
class Taught:
    """The states of a text's tokens ``[tokens, width]``, the word each belongs to (-1: none), each word's share."""

    states: npt.NDArray[np.float16]
    word: Ints
    shares: Floats


@dataclass(frozen=True, slots=True)
class Head:
    """``relu(states @ inner + bias) @ outer``, a number a token."""

    inner: Floats
    bias: Floats
    outer: Floats


def state_names(graph: onnx.GraphProto) -> list[str]:
    """The states a head reads: after the embeddings, half way up, at the top. Raises ``ValueError`` without layers."""
    names = [node.output[0] for node in graph.node if node.op_type == "LayerNormalization"]
    if len(names) < 3:
        raise ValueError("the graph has no layers of normalisation to read states from; a head needs three")
    return [names[0], names[len(names) // 4 * 2], names[-1]]


def with_states(model: onnx.ModelProto) -> Session:
    """The graph with one more output: the states beside each other, ``[batch, length, width]``."""
    made = onnx.ModelProto()
    made.CopyFrom(model)
    made.graph.node.append(helper.make_node("Concat", state_names(made.graph), [STATES], axis=-1))
    made.graph.output.append(helper.make_tensor_value_info(STATES, TensorProto.FLOAT, None))
    return open_session(made.SerializeToString(), threads=0)


def states_of(session: Session, model: Model, lessons: Sequence[Lesson]) -> Iterator[Taught]:
    """Each lesson as its tokens' states, in order."""
    for start in range(0, len(lessons), BATCH):
        own = lessons[start : start + BATCH]
        texts = [lesson.text for lesson in own]
        starts = model.tokeniser.starts(texts)
        if starts is None:
            raise ValueError("the tokens are characters: give such a graph shares of its own")
        flat, lengths = model.tokeniser.encode(texts)
        inside = np.arange(lengths.max()) < lengths[:, None]
        ids = np.full(inside.shape, model.manifest.input.pad_id, dtype=np.int64)
        ids[inside] = flat
        found = session.run(STATES, dict(zip(INPUTS, (ids, inside.astype(np.int64)), strict=True)))
        for lesson, at, states, length in zip(own, starts, found, lengths.tolist(), strict=True):
            shares = np.array([share for _, _, share in lesson.shares], dtype=np.float32)
            yield Taught(states[:length].astype(np.float16), _words_at(at[:length], lesson), shares)


def _words_at(starts: Ints, lesson: Lesson) -> Ints:
    """The word that each token begins in."""
    firsts = np.array([first for first, _, _ in lesson.shares])
    ends = np.array([end for _, end, _ in lesson.shares])
    place = np.searchsorted(firsts, starts, side="right") - 1
    return np.where((place >= 0) & (starts < ends[place]), place, -1)


def fitted(taught: Sequence[Taught], human: Sequence[bool], how: Words, seed: int) -> Head:
    """The head that gives words their shares best: cross-entropy between the shares of a text's words."""
    import torch

    torch.manual_seed(seed)
    dice, width = np.random.default_rng(seed), taught[0].states.shape[1]
    net = torch.nn.Sequential(
        torch.nn.Linear(width, how.hidden), torch.nn.ReLU(), torch.nn.Linear(how.hidden, 1, False)
    )
    optimiser = torch.optim.AdamW(net.parameters(), lr=how.rate, weight_decay=how.weight_decay)
    weights = np.where(human, how.human_weight, 1.0).astype(np.float32)
    steps = how.epochs * -(-len(taught) // BATCH)
    schedule = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.0, steps)
    for _ in range(how.epochs):
        order = dice.permutation(len(taught))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            loss = _loss(net, [taught[at] for at in batch], torch.from_numpy(weights[batch]))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    inner, outer = net[0], net[2]
    return Head(*(value.detach().numpy() for value in (inner.weight.T, inner.bias, outer.weight.T)))


def _loss(net: Any, batch: Sequence[Taught], weights: Any) -> Any:
    import torch

    lengths = [len(one.word) for one in batch]
    states = torch.from_numpy(np.concatenate([one.states for one in batch]).astype(np.float32))
    numbers = net(states)[:, 0]
    counts = np.cumsum([0, *(len(one.shares) for one in batch)])
    own = np.concatenate([np.where(one.word >= 0, one.word + count, counts[-1])
                          for one, count in zip(batch, counts, strict=False)])  # fmt: skip
    parts = [part.softmax(0) for part in numbers.split(lengths)]
    shares = torch.zeros(int(counts[-1]) + 1).index_add(0, torch.from_numpy(own), torch.cat(parts))[:-1]
    wanted = torch.from_numpy(np.concatenate([one.shares for one in batch]))
    owners = torch.from_numpy(np.repeat(np.arange(len(batch)), np.diff(counts)))
    each = torch.zeros(len(batch)).index_add(0, owners, -wanted * torch.log(shares + 1e-6))
    return (each * weights).sum() / weights.sum()


def with_head(model: onnx.ModelProto, head: Head) -> onnx.ModelProto:
    """The graph with the input ``explain`` and the output ``attributions``, ``[batch, length]``."""
    made = onnx.ModelProto()
    made.CopyFrom(model)
    make = Builder(prefix="words.")
    aside = make.branch("words.told_")
    asked = switch(make)
    states = aside.add("Concat", *state_names(made.graph), axis=-1)
    inner = aside.add("Add", aside.add("MatMul", states, make.const(head.inner, np.float32)),
                      make.const(head.bias, np.float32))  # fmt: skip
    numbers = aside.add("MatMul", aside.add("Relu", inner), make.const(head.outer, np.float32))
    flat = aside.add("Squeeze", numbers, make.const([2]))
    mask = aside.add("Cast", INPUTS[1], to=TensorProto.FLOAT)
    outside = aside.add("Mul", aside.add("Sub", make.const([1.0], np.float32), mask), make.const([NEVER], np.float32))
    shares = aside.add("Softmax", aside.add("Add", flat, outside), axis=-1)
    logit = aside.add("Softplus", aside.cut(OUTPUT, 0, 1, 1))
    told_when_asked(make, aside, aside.add("Mul", aside.add("Mul", shares, logit), mask, name="words.shares"))
    made.graph.node.extend(make.nodes)
    made.graph.initializer.extend(make.constants.values())
    made.graph.input.append(asked)
    made.graph.output.append(helper.make_tensor_value_info(SHARES, TensorProto.FLOAT, ["batch", "length"]))
    onnx.checker.check_model(made)
    return made
