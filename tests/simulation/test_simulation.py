"""Invented authors: their true effects, their totals, and that what was planted is found. All seeds are fixed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mahlan.core.experiment.observation import HOLDOUT, MEASURES
from mahlan.core.experiment.totals import MOST, total
from mahlan.simulation.batches import Study, in_batches, ratio_batch, watch_batch
from mahlan.simulation.behaviour import Behaviour, kinds_of, true_effect
from mahlan.simulation.looks import Setup, draw, observations, pairs_at_looks
from mahlan.simulation.summary import family_coverage, is_as_promised, summarise, summarise_ratio

SETUP = Setup(authors=3000, looks=50, held_out=0.1, planned_share=0.1)
STUDY = Study(behaviour=Behaviour(effect_volume=-0.1), setup=SETUP, seed=6)
RUNS = 120


@pytest.fixture(scope="module")
def watched():
    return watch_batch(STUDY, range(RUNS))


@pytest.fixture(scope="module")
def summary(watched):
    return {row.measure: row for row in summarise(watched, STUDY.truths(), STUDY.levels())}


@pytest.mark.parametrize("measure", MEASURES)
def test_the_true_effect_is_what_a_very_large_experiment_finds(measure):
    setup = Setup(authors=1_000_000, looks=1, held_out=0.5, planned_share=0.5)
    kinds = kinds_of(STUDY.behaviour)
    authors = draw(kinds, setup, np.random.default_rng(6))
    value = np.minimum(getattr(authors, measure), MOST)
    asked, held_out = value[~authors.held_out], value[authors.held_out]
    error = np.sqrt(asked.var() / len(asked) + held_out.var() / len(held_out))
    assert abs(asked.mean() - held_out.mean() - true_effect(kinds, measure)) < 4 * error


def test_the_totals_at_each_look_are_those_of_the_authors_one_by_one():
    setup = replace(SETUP, authors=333, looks=7)
    authors = draw(kinds_of(Behaviour(volume=60.0)), setup, np.random.default_rng(6))
    alone = list(observations(authors))
    seen = list(pairs_at_looks(authors, setup.looks))
    assert [sum(each.n for each in pair) for pair in seen] == [48, 96, 143, 191, 238, 286, 333]
    for pair in seen:
        there = alone[: pair.treated.n + pair.control.n]
        assert pair.treated == total(one for one in there if one.arm != HOLDOUT)
        assert pair.control == total(one for one in there if one.arm == HOLDOUT)
    assert max(one.volume for one in alone) > MOST


def test_authors_are_unlike_each_other_and_stay_themselves():
    authors = draw(kinds_of(Behaviour()), replace(SETUP, authors=50_000), np.random.default_rng(6))
    assert np.percentile(authors.volume, 99) > 8 * np.median(authors.volume)
    assert np.corrcoef(authors.before, authors.volume)[0, 1] > 0.3
    assert (authors.before == 0).mean() > 0.3
    assert not (authors.toxic_posted & authors.cancelled).any()


def test_behaviour_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="smaller effects"):
        kinds_of(Behaviour(effect_cancelled=0.3))


@pytest.mark.parametrize("measure", MEASURES)
def test_the_interval_covers_at_every_look(summary, measure):
    row = summary[measure]
    assert is_as_promised(row.covers_at_every_look, row.level, row.experiments)
    assert row.covers_at_every_look >= 0.95


@pytest.mark.parametrize("measure", ["toxic_posted", "volume"])
def test_an_interval_for_one_look_does_not(summary, measure):
    """What makes the test above one that can fail."""
    row = summary[measure]
    assert not is_as_promised(row.usual_covers_at_every_look, row.level, row.experiments)


def test_looked_at_once_an_interval_for_one_look_would(summary):
    row = summary["toxic_posted"]
    assert is_as_promised(row.usual_covers_at_end, row.level, row.experiments)


def test_at_the_end_it_is_at_most_one_point_six_times_as_wide(summary):
    assert all(1.3 < row.widest <= 1.6 for row in summary.values())


def test_secondary_intervals_cover_together(watched):
    assert is_as_promised(family_coverage(watched), 0.95, RUNS)


def test_the_planted_effect_is_found(summary):
    assert summary["toxic_posted"].stated > 0.3
    assert summary["toxic_posted"].stated_wrongly == 0
    assert summary["toxic_posted"].authors_when_stated < 3000


def test_what_authors_did_before_makes_counts_surer(summary):
    assert summary["toxic_posted"].gain == 1
    assert summary["later_offences"].gain > 1.05
    assert summary["volume"].gain > 1.15


def test_a_right_ratio_is_quiet_and_a_wrong_one_is_found():
    right = summarise_ratio(ratio_batch(STUDY, range(300)), 0.1, 0.1)
    assert right.alarmed <= 1 / 300
    assert right.reached_twenty <= 0.05
    wrong = replace(STUDY, setup=replace(SETUP, authors=10_000, held_out=0.08))
    found = summarise_ratio(ratio_batch(wrong, range(40)), 0.1, 0.08)
    assert found.alarmed > 0.9
    assert found.authors_at_alarm < 8000


def test_the_same_seed_gives_the_same_however_many_processes():
    few = replace(STUDY, setup=replace(SETUP, looks=2))
    alone, together = ([one for batch in in_batches(watch_batch, few, 41, jobs) for one in batch] for jobs in (1, 2))
    assert alone == together
    assert alone != watch_batch(replace(few, seed=7), range(41))


def test_chance_is_told_from_a_broken_promise():
    assert is_as_promised(0.95, 0.95, 1000)
    assert is_as_promised(0.94, 0.95, 1000)
    assert not is_as_promised(0.93, 0.95, 1000)
    assert is_as_promised(0.0, 0.95, 1)
