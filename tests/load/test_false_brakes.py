"""The simulated months look at their counters as ``core/budget.py`` does; and what they show."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from load_tests.false_brakes import LOOKS, World, burning, first_brakes, month
from mahlan.core.budget import BUCKET, Counts, evidence, find_burn

BEGIN = 5_984_760


@pytest.mark.parametrize("world", [World(30, 0.06), World(30, 0.06, serial=True), World(400, 0.3), World(400, 0.02)])
def test_a_month_at_once_finds_what_the_rule_finds_look_by_look(world):
    counts = month(world, np.random.default_rng(7))
    found = burning(*counts, world.allowed)
    told = zip(*(each.tolist() for each in counts), strict=True)
    buckets = {BEGIN + number: Counts(*each) for number, each in enumerate(told)}
    for look in [*range(30), *range(30, LOOKS, 97)]:
        now = datetime.fromtimestamp((BEGIN + look) * BUCKET.total_seconds() + 299, UTC)
        until_now = {at: each for at, each in buckets.items() if at <= BEGIN + look}
        assert (find_burn(until_now, now, world.allowed) is not None) == found[look], look
    assert found.any() == (world.share > 0.02 and not world.serial)


def test_evidence_of_many_is_the_evidence_of_each():
    from load_tests.false_brakes import evidences

    shown, disputers = np.array([0, 3, 50, 900]), np.array([0, 1, 20, 18])
    each = [evidence(Counts(n, k, k), 0.02) for n, k in zip(shown.tolist(), disputers.tolist(), strict=True)]
    assert evidences(shown, disputers, 0.02) == pytest.approx(each)


def test_serial_disputers_dispute_as_much_and_count_a_third():
    shown, disputed, disputers = (int(each.sum()) for each in month(World(1000, 0.02, True), np.random.default_rng(3)))
    assert disputed / shown == pytest.approx(0.02, rel=0.1)
    assert disputed / disputers == pytest.approx(3, rel=0.05)


@pytest.mark.parametrize("serial", [False, True])
def test_no_month_within_the_budget_is_braked_and_a_bad_one_is_soon(serial):
    assert np.isinf(first_brakes(World(100, 0.02, serial), 60, 1)).all()
    assert np.median(first_brakes(World(100, 0.12), 20, 1)) < 2
