"""Sums over authors: additive in any order, bounded by author, and the same after a trip through JSON."""

from __future__ import annotations

import json
import statistics

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahlan.core.experiment.observation import MEASURES, Observation
from mahlan.core.experiment.totals import MOST, Totals, add, from_plain, merge, merge_all, to_plain, total

COUNTS = st.integers(0, 200)
OBSERVATIONS = st.builds(
    Observation,
    campaign=st.just("fakkar-eg"),
    arm=st.sampled_from(("holdout", "plain")),
    language=st.just("arz"),
    toxic_posted=st.integers(0, 1),
    cancelled=st.integers(0, 1),
    later_offences=COUNTS,
    volume=COUNTS,
    before=COUNTS.map(float),
)
MANY = st.lists(OBSERVATIONS, max_size=40)


@given(MANY, MANY, st.randoms(use_true_random=False))
def test_totals_add_up_in_any_order_to_the_same_numbers(one, other, random):
    shuffled = [*one, *other]
    random.shuffle(shuffled)
    assert merge(total(one), total(other)) == total(shuffled) == merge_all(total([each]) for each in shuffled)


@given(st.lists(OBSERVATIONS, min_size=2, max_size=40))
def test_mean_variance_and_covariance_can_be_had_from_them(many):
    totals = total(many)
    before = [min(one.before, MOST) for one in many]
    for measure in MEASURES:
        values = [min(getattr(one, measure), MOST) for one in many]
        sums = totals.of(measure)
        assert sums.total / totals.n == pytest.approx(statistics.fmean(values))
        spread = (sums.squares - sums.total**2 / totals.n) / (totals.n - 1)
        assert spread == pytest.approx(statistics.variance(values), abs=1e-9)
        joint = (sums.with_before - sums.total * totals.before / totals.n) / (totals.n - 1)
        assert joint == pytest.approx(statistics.covariance(values, before), abs=1e-9)
        assert sums.positive == sum(value > 0 for value in values)


@given(MANY)
def test_they_survive_json(many):
    totals = total(many)
    assert from_plain(json.loads(json.dumps(to_plain(totals)))) == totals


def test_nothing_is_the_zero_of_adding():
    assert total([]) == Totals() == merge_all([])
    assert add(Totals(), one(volume=3)).volume.total == 3


def test_one_author_weighs_at_most_fifty():
    totals = total([one(volume=100_000, later_offences=51, before=1e9)])
    assert (totals.volume.total, totals.later_offences.total, totals.before) == (MOST, MOST, MOST)
    assert (totals.volume.squares, totals.volume.with_before) == (MOST**2, MOST**2)


def test_what_is_no_totals_is_refused_with_its_field():
    plain = to_plain(total([one()]))
    plain["volume"]["total"] = "many"
    with pytest.raises(msgspec.ValidationError, match=r"\$\.volume\.total"):
        from_plain(plain)


def one(**fields):
    known = {"toxic_posted": 1, "cancelled": 0, "later_offences": 0, "volume": 1}
    return Observation(campaign="fakkar-eg", arm="plain", language="arz", **(known | fields))
