"""The functional suite weighs in when a cascade's band is chosen: what dev does not hold must not be settled away."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from mahlan.core.verdict import Limits, judge
from mahlan.scoring.model import Scores
from mahlan.scoring.plan import Doubt, Plan
from training.cascading.bands import Said
from training.cascading.choice import (
    PRICES,
    Allowed,
    candidates,
    cascade_says,
    choose,
    inside,
    other_half,
    planned,
    prices,
)
from training.cascading.dev import Dev, Known, Side, side
from training.rows import Row


def said_of(nudged) -> Said:
    return Said(np.asarray(nudged), np.asarray(nudged))


def rows_of(truth, fast_scores, accurate_scores, sources: int = 8, doubted=None, mentioned=None) -> Dev:
    """Both models nudge from 0.5 on."""
    rows = [Row(f"p{place % sources}", "en", int(toxic), False, "en", ()) for place, toxic in enumerate(truth)]
    limits = {"default": {"toxic": Limits(threshold=0.5, medium=0.5, high=0.9)}}
    sides = (
        Side(name, [Scores({"toxic": score}, judge({"toxic": score}, "en", limits)) for score in scores.tolist()],
             scores, doubts, mentions, np.zeros(len(rows), bool), said_of(scores >= 0.5), limits)
        for name, scores, doubts, mentions in (
            ("fast@1", fast_scores, *(np.zeros(len(rows)) if told is None else told for told in (doubted, mentioned))),
            ("accurate@1", accurate_scores, np.zeros(len(rows)), np.zeros(len(rows))),
        )
    )  # fmt: skip
    return Dev(rows, np.asarray(truth), *sides)


def build_known(count: int = 400) -> Known:
    """On dev the fast model is as good as the accurate one; of the suite it misses a quarter, at 0.2 to 0.3."""
    truth = np.arange(count) % 2
    good = np.where(truth == 1, 0.95, 0.05)
    missed = np.arange(count) % 4 == 1
    suite = rows_of(truth, np.where(missed, np.linspace(0.2, 0.3, count), good), good)
    return Known(rows_of(truth, good, good), suite)


def test_the_suite_asks_for_a_band_where_dev_asks_for_none() -> None:
    known = build_known()
    [without] = candidates(known, Allowed(0.005, 1.0), ())
    assert without.band.of_dev == 0.0
    [found] = candidates(known, Allowed(0.005, 0.005), ())
    assert 0.05 < found.band.low <= 0.21
    assert 0.29 <= found.band.high < 0.5
    passed = known.suite.passes(found.says(known)[1]).mean()
    assert passed >= 0.995
    [all_kept] = candidates(known, Allowed(0.005, 0.0), ())
    assert known.suite.passes(all_kept.says(known)[1]).all()


def test_what_the_suite_costs_falls_with_what_may_be_lost_of_it() -> None:
    known = build_known()
    [found] = candidates(known, Allowed(0.005, 0.005), ())
    told = list(prices(known, found, Allowed(0.005, 0.005)))
    assert [price for price, _ in told] == list(PRICES)
    rates = [known.suite.passes(one.says(known)[1]).mean() for _, one in told]
    assert all(rate >= 1.0 - price for rate, (price, _) in zip(rates, told, strict=True))
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] == 0.75, "what the fast model passes by itself"


def test_the_other_half_of_the_suite_is_other_phrasings() -> None:
    """Two phrasings are missed: what is chosen on the half without them does not find them."""
    truth = np.tile([0, 1], 200)
    good = np.where(truth == 1, 0.95, 0.05)
    fast = good.copy()
    fast[1::8], fast[3::8] = 0.2, 0.4
    known = Known(rows_of(truth, good, good), rows_of(truth, fast, good))
    allowed = Allowed(0.005, 0.0)
    [found] = candidates(known, allowed, ())
    assert known.suite.passes(found.says(known)[1]).all()
    assert known.suite.passes(other_half(known, found, allowed)[1]).mean() == 0.75, "both are of one half"
    swapped = {"p3": "p4", "p4": "p3"}
    rows = [replace(row, source=swapped.get(row.source, row.source)) for row in known.suite.rows]
    parted = Known(known.dev, replace(known.suite, rows=rows))
    assert known.suite.passes(other_half(parted, found, allowed)[1]).mean() == 0.875, "the one at 0.4 is not found"


KINDS = [(0, 0.25, 0.55), (1, 0.45, 0.55), (0, 0.25, 0.2), (1, 0.45, 0.8)]
"""Class, the fast and the accurate model's score: the accurate one calls the first toxic, both together do not."""


def build_stacking(*cases: tuple[int, float, float], doubts=(0.0,)) -> Known:
    """Dev of ``KINDS``; a suite of ``cases``, and of two that the fast model misses, so that a band is asked for."""
    asked = [(1, 0.25, 0.95), (1, 0.45, 0.95), *cases]
    dev, suite = (np.array(kinds * 60).T for kinds in (KINDS, asked))
    doubted = [0.0, 0.0, *doubts][: len(asked)] * 60
    return Known(rows_of(*dev, doubted=np.full(240, 0.01)), rows_of(*suite, doubted=np.array(doubted)))


def test_stacking_is_taken_where_dev_gains_and_the_suite_loses_nothing() -> None:
    known = build_stacking()
    plain, *_, stacked_one = found = candidates(known, Allowed(0.0, 0.0), (0.5,))
    assert plain.band == stacked_one.band, "it changes what is said inside, not who is asked"
    assert choose(found, known) is stacked_one
    assert (stacked_one.says(known)[0].toxic == (known.dev.truth == 1)).all()
    plan = planned(known, stacked_one, Allowed(0.0, 0.0))
    assert (plan.weight_fast, plan.band) == (0.5, (plain.band.low, plain.band.high))
    assert (cascade_says(plan, known.dev).toxic == (known.dev.truth == 1)).all()


def test_a_stacked_cascade_is_weighed_by_the_suite_too() -> None:
    """Where the fast model is sure and wrong, averaging it in spoils what the accurate one knows."""
    known = build_stacking((1, 0.25, 0.6))
    plain, *_, stacked_one = found = candidates(known, Allowed(0.0, 0.0), (0.5,))
    assert known.suite.passes(plain.says(known)[1]).all()
    assert known.suite.passes(stacked_one.says(known)[1]).mean() == pytest.approx(2 / 3)
    assert choose(found, known) is plain


def test_outside_the_band_in_doubt_the_fast_model_has_no_say() -> None:
    """In doubt it is not averaged in, however much it weighs inside."""
    known = build_stacking((1, 0.01, 0.6), (0, 0.01, 0.6), doubts=(0.8, 0.0))
    *_, doubting, stacked_one = candidates(known, Allowed(0.0, 0.0), (0.5,))
    assert doubting.plan.doubt is not None
    assert stacked_one.band.low > 0.01
    assert stacked_one.says(known)[1].nudged[2::4].all()


def test_doubt_spares_the_comments_that_a_wide_band_would_ask_about() -> None:
    """The fast model calls hurtful and harmless cases alike 0.2 to 0.3; its doubt tells them apart."""
    count = 400
    truth = np.arange(count) % 2
    good = np.where(truth == 1, 0.95, 0.05)
    alike = np.linspace(0.2, 0.3, count)
    doubted = np.where(truth == 1, 0.8, 0.1)
    dev = rows_of(truth, np.where(truth == 1, 0.95, alike), good, doubted=np.full(count, 0.3))
    known = Known(dev, rows_of(truth, alike, good, doubted=doubted))
    plain, doubting = candidates(known, Allowed(0.005, 0.005), ())
    assert plain.plan.doubt is None
    assert doubting.plan.doubt is not None
    assert plain.band.of_mix > 0.8
    assert doubting.band.of_mix == 0.0, "none of dev is doubted, nor in the band"
    assert choose([plain, doubting], known) is doubting
    passed = known.suite.passes(doubting.says(known)[1]).mean()
    assert passed == 1.0
    assert 0.3 < doubting.plan.doubt.least <= 0.8
    plan = planned(known, doubting, Allowed(0.005, 0.005))
    assert (inside(plan, known.suite) == (truth == 1)).all()
    served = [
        plan.is_open("en", {"toxic": said, "implicit": doubt}) for said, doubt in zip(alike, doubted, strict=True)
    ]
    assert inside(plan, known.suite).tolist() == served, "what is chosen by is what a cascade does"
    told = dict(prices(known, doubting, Allowed(0.005, 0.005)))
    assert told[0.0].plan.doubt is not None
    *_, earlier = candidates(known, Allowed(0.005, 0.005, doubt=0.25), ())
    assert earlier.plan.doubt is not None
    assert earlier.plan.doubt.least <= 0.25, "asked for, though dev's calm rows are doubted then, too"
    assert earlier.band.of_mix > 0.8
    assert told[1.0].plan.doubt is None, "where the suite is not asked there is nothing to doubt"
    assert doubting.band.low <= 0.5 <= doubting.band.high, "what the fast model cannot decide is asked, too"


def test_doubt_above_the_band_asks_about_what_the_fast_model_is_sure_of() -> None:
    """It calls half of the harmless cases hurtful, by words that it says are only mentioned."""
    count = 400
    truth = np.arange(count) % 2
    good = np.where(truth == 1, 0.95, 0.05)
    quoted = np.arange(count) % 4 == 0
    words = np.where(quoted, 0.97, good)
    doubted, mentioned = np.full(count, 0.1), np.where(quoted, 0.6, 0.4)
    known = Known(*(rows_of(truth, fast, good, doubted=doubted, mentioned=mentioned) for fast in (good, words)))
    [_, never], [_, asked] = (
        candidates(known, Allowed(0.005, 1.0, doubt=0.5, above=above), ()) for above in (None, Doubt("mentioned", 0.5))
    )
    assert asked.plan.doubt_above == Doubt("mentioned", 0.5)
    assert asked.band.high == never.band.high
    assert known.suite.passes(never.says(known)[1]).mean() == 0.75
    assert known.suite.passes(asked.says(known)[1]).all()
    plan = planned(known, asked, Allowed(0.005, 1.0))
    scores = zip(words.tolist(), mentioned.tolist(), strict=True)
    served = [plan.is_open("en", {"toxic": said, "implicit": 0.1, "mentioned": doubt}) for said, doubt in scores]
    assert inside(plan, known.suite).tolist() == served == quoted.tolist(), "what is chosen by is what a cascade does"


def test_a_row_that_hides_words_is_in_doubt_below_the_band_as_when_served() -> None:
    limits = {"default": {"toxic": Limits(threshold=0.5, medium=0.5, high=0.9)}}
    model = SimpleNamespace(name="fast@1", manifest=SimpleNamespace(judged=limits))
    rows = [
        Row("a", "en", 1, False, "en", (), disguises=hidden, slips=slips) for hidden, slips in ((0, 0), (2, 0), (0, 3))
    ]
    plan = Plan("fast@1", "accurate@1", (0.4, 0.9), doubt=Doubt("implicit", 0.5), doubt_above=Doubt("implicit", 0.5))
    for toxic, asked in ((0.1, [False, True, True]), (0.95, [False, False, False])):
        scores = {"toxic": toxic, "implicit": 0.2}
        found = side(model, rows, [Scores(scores, judge(scores, "en", limits))] * 3)
        assert (found.doubts.tolist(), found.hidden.tolist()) == ([0.2] * 3, [False, True, True])
        assert [plan.is_open("en", scores, row.disguises + row.slips) for row in rows] == asked
        assert inside(plan, Dev(rows, np.ones(3), found, found)).tolist() == asked
    without = [Scores({"toxic": 0.1}, judge({"toxic": 0.1}, "en", limits))] * 3
    assert not side(model, rows, without).doubts.any(), "a model without the label has no doubt"
