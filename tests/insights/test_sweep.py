"""Whose turn it is: all authors, a bounded number a step; old counters now and then."""

from __future__ import annotations

import pytest

from mahlan.insights import sweep as sweeps
from mahlan.insights.state import PartitionState
from mahlan.insights.sweep import PRUNE_EVERY, Sweep


@pytest.fixture
def clock(monkeypatch):
    """A list whose only item is the time; two authors are a step."""
    now = [1000.0]
    monkeypatch.setattr(sweeps.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(sweeps, "MOST", 2)
    return now


def state_of(authors: int) -> PartitionState:
    return PartitionState(0, authors={b"author/%d" % number: b"" for number in range(authors)})


@pytest.mark.parametrize("authors", range(1, 8))
def test_a_turn_has_every_author_once(clock, authors):
    state, sweep, seen = state_of(authors), Sweep(every=2.0), []
    while taken := sweep.take(state):
        assert len(taken) <= 2
        seen += taken
        assert sweep.prunes == (len(seen) == authors)
    assert seen == list(state.authors)
    clock[0] += 2.0
    assert sweep.take(state) == seen[:2]


def test_what_was_too_many_comes_next(clock):
    state, sweep = state_of(5), Sweep(every=2.0)
    sweep.take(state)
    sweep.put_back([b"author/1"])
    assert sweep.take(state) == [b"author/1", b"author/2"]
    assert sweep.take(state) == [b"author/3", b"author/4"]
    sweep.put_back([b"author/4"])
    assert not sweep.prunes
    assert sweep.take(state) == [b"author/4"]


def test_counters_are_not_looked_at_in_every_turn(clock):
    state, sweep = state_of(1), Sweep(every=2.0)
    for later, prunes in ((0.0, True), (2.0, False), (PRUNE_EVERY, True), (PRUNE_EVERY + 2.0, False)):
        clock[0] = 1000.0 + later
        assert sweep.take(state)
        assert sweep.prunes is prunes
