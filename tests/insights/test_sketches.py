"""How many authors: within the error that is stated, whatever order they come in, and nobody for damaged bytes."""

from __future__ import annotations

import random

import pytest

from mahlan.insights.sketches import Estimate, Sketch, estimate


def sketch(names) -> bytes:
    found = Sketch()
    for name in names:
        found.add(name)
    return found.kept()


def names(count: int, first: int = 0) -> list[str]:
    return [f"author-{number:08d}" for number in range(first, first + count)]


def test_a_few_are_counted_exactly_and_nobody_twice():
    assert estimate([]) == Estimate(0, 0, 0)
    for count in (1, 10, 300):
        found = estimate([sketch(names(count) * 3)])
        assert (found.estimate, found.low <= count <= found.high) == (count, True)


@pytest.mark.parametrize("count", [5_000, 60_000])
def test_many_are_within_the_error_that_is_stated(count):
    parts = [sketch(names(count // 4, first)) for first in range(0, count, count // 4)]
    found = estimate(parts)
    assert abs(found.estimate - count) / count < 0.036  # three deviations of 1.2 %
    assert 0.04 < (found.high - found.low) / count < 0.06


def test_a_union_counts_who_is_in_both_once_and_its_order_does_not_matter():
    one, two = sketch(names(3000)), sketch(names(3000, 1500))
    assert estimate([one, two]) == estimate([two, one])
    assert abs(estimate([one, two]).estimate - 4500) < 4500 * 0.036


def test_a_sketch_is_kept_and_goes_on():
    kept, damaged = Sketch.of(sketch(names(100)))
    assert not damaged
    for name in names(100, 50):
        kept.add(name)
    assert estimate([kept.kept()]).estimate == 150
    assert len(sketch(names(60_000))) < 4200


def test_damaged_bytes_count_nobody_and_are_told():
    whole, chance = sketch(names(20_000)), random.Random(1)
    broken = [b"", b"x", whole[:10], whole[:-1], bytes(len(whole)), whole[:20] + b"\xff" * (len(whole) - 20)]
    broken += [bytes(chance.randrange(256) for _ in range(200)) for _ in range(50)]
    for kept in broken:
        found, damaged = Sketch.of(kept)
        assert damaged or estimate([kept]).estimate >= 0
        found.add("author")
        assert estimate([found.kept()]).estimate >= 1
    assert all(Sketch.of(kept)[1] for kept in broken[:5])
    assert estimate([whole, *broken[:5]]) == estimate([whole])
