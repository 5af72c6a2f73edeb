"""Which texts are learnt from in which order: drawn by source, put together by length. Called by ``tune.py``.

The whole plan follows from the seed, so a training that was stopped at step ``k`` goes on with ``plan[k:]``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from training.accurate.tokens import Ints, Tokens

WINDOW = 64
"""Batches sorted by length together: enough for little padding, few enough for a mixture."""


def drawn(source: Ints, comment: Ints, caps: Sequence[int], copies: Sequence[int], dice: np.random.Generator) -> Ints:
    """The texts of one epoch: at most ``caps[s]`` comments of source ``s``, each ``copies[s]`` times, by lot.

    A comment's readings go together.
    """
    wanted: list[Ints] = []
    for place, (cap, times) in enumerate(zip(caps, copies, strict=True)):
        members = np.flatnonzero(source == place)
        owners = np.unique(comment[members])
        if len(owners) > cap:
            members = members[np.isin(comment[members], dice.choice(owners, cap, replace=False))]
        wanted.append(np.tile(members, times))
    return np.concatenate(wanted)


def bucketed(places: Ints, lengths: Ints, batch: int, dice: np.random.Generator, twin: Ints) -> list[Ints]:
    """Batches of ``batch`` texts of like length, in random order; a text and its ``twin`` go together but for edges."""
    units, members = np.unique(twin[places], return_inverse=True)
    shuffled = places[np.argsort(dice.permutation(len(units))[members], kind="stable")]
    found: list[Ints] = []
    for start in range(0, len(shuffled), batch * WINDOW):
        window = shuffled[start : start + batch * WINDOW]
        window = window[np.lexsort((twin[window], lengths[twin[window]]))]
        found += [window[at : at + batch] for at in range(0, len(window), batch)]
    return [found[at] for at in dice.permutation(len(found))]


def whole_plan(
    tokens: Tokens, rules: Mapping[str, tuple[int, int]], epochs: int, batch: int, seed: int
) -> list[Ints]:  # fmt: skip
    """All batches of all epochs. ``rules`` is source name to cap and copies."""
    caps, copies = zip(*(rules[name] for name in tokens.names), strict=True)
    steps: list[Ints] = []
    for epoch in range(epochs):
        dice = np.random.default_rng([seed, epoch])
        places = drawn(tokens.source, tokens.comment, caps, copies, dice)
        steps += bucketed(places, tokens.lengths, batch, dice, tokens.twin)
    return steps


def rate_at(step: int, steps: int, warm_up: float) -> float:
    """The share of the full learning rate at ``step``: up in a line, then down in a line to nothing."""
    rise = max(1, int(warm_up * steps))
    return (step + 1) / rise if step < rise else max(0.0, (steps - step) / max(1, steps - rise))
