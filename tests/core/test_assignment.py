"""Decision ids: one per (campaign, comment, revision), the same everywhere and for ever."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from mahlan.core.assignment import decision_id, pick

parts = st.tuples(st.text(max_size=8), st.text(max_size=8), st.integers(0, 99))


def test_the_id_is_the_documented_hash():
    joined = b"9:fakkar-eg" + b"3:c-1" + b"1:0"
    assert decision_id("fakkar-eg", "c-1", 0) == hashlib.sha256(joined).hexdigest()[:32]


@given(parts, parts)
def test_different_triples_never_join_to_the_same_id(one, other):
    assert (decision_id(*one) == decision_id(*other)) == (one == other)


def test_parts_that_could_be_read_two_ways_differ():
    assert decision_id("a", "b1", 2) != decision_id("a", "b", 12)
    assert decision_id("ab", "c", 0) != decision_id("a", "bc", 0)


@given(st.lists(st.integers(), min_size=1, max_size=7), st.text())
def test_a_pick_is_one_of_the_options_and_stays(options, seed):
    assert pick(options, seed) in options
    assert pick(options, seed) == pick(options, seed)
