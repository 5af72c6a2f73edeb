"""The gate: red for a model that got worse, green for noise, and not to be talked round."""

from __future__ import annotations

from math import nan

import numpy as np
import pytest

from tests.training.labelled import row, rows, said
from training.evaluation import comparison
from training.evaluation.cells import cells
from training.evaluation.comparison import Difference, case_differences, row_differences, unpaired, unpaired_suite
from training.evaluation.gate import as_table, failed, rule
from training.evaluation.measures import Part
from training.functional import suite
from training.invented import Case
from training.judging import Judged

LABELLED = rows(1200)


def judged_worse(before: Part, source: str, share: float, seed: int = 9) -> Part:
    """The same, but for a share of the source's toxic rows that are found no more."""
    own = np.array([source in (one.row.source, "all") for one in LABELLED])
    lost = own & before.truth & (np.random.default_rng(seed).random(len(own)) < share)
    kept = before.said & ~lost
    return Part(before.truth, before.score, kept, kept)


def test_red_for_a_model_that_finds_less() -> None:
    before = said(LABELLED, seed=1)
    ruled = rule(list(row_differences(LABELLED, before, judged_worse(before, "all", 0.08))))
    assert failed(ruled)
    assert ("macro_f1", "all") in {(one.difference.what, one.difference.part) for one in ruled if one.worse}
    assert "| macro-F1 | all | 1,200 |" in as_table(ruled).splitlines()[2]
    assert "**worse**" in as_table(ruled)


def test_red_for_one_source_that_fell_while_the_whole_holds() -> None:
    before = said(LABELLED, seed=1)
    after = judged_worse(before, "two", 0.25)
    # What the one source loses, the other gains.
    better = np.array([one.row.source == "one" for one in LABELLED])
    flags = np.where(better, before.truth, after.said)
    ruled = rule(list(row_differences(LABELLED, before, Part(before.truth, before.score, flags, flags))))
    assert {one.difference.part for one in ruled if one.worse} == {"source two"}


def test_green_for_the_same_model() -> None:
    before = said(LABELLED, seed=1)
    ruled = rule(list(row_differences(LABELLED, before, before)))
    assert not failed(ruled)
    assert {one.difference.change for one in ruled} == {0.0}


@pytest.mark.parametrize("seed", range(12))
def test_green_for_noise(seed: int) -> None:
    """Another model that is as good and errs elsewhere."""
    ruled = rule(list(row_differences(LABELLED, said(LABELLED, 100 + seed), said(LABELLED, 200 + seed))))
    assert not failed(ruled)


def test_red_for_a_model_that_hardly_nudges() -> None:
    before = said(LABELLED, seed=1)
    few = before.nudged & (np.cumsum(before.nudged) <= 5)
    ruled = rule(list(row_differences(LABELLED, before, Part(before.truth, before.score, before.said, few))))
    assert {one.difference.what for one in ruled if one.worse} == {"nudge_precision"}


def test_a_source_of_one_class_is_looked_at_by_its_right_verdicts() -> None:
    labelled = [*LABELLED, *(row(0, "calm") for _ in range(250))]
    before = said(labelled, seed=1)
    flags = before.said | np.array([one.row.source == "calm" and place % 3 == 0 for place, one in enumerate(labelled)])
    ruled = rule(list(row_differences(labelled, before, Part(before.truth, before.score, flags, before.nudged))))
    worse = {(one.difference.what, one.difference.part) for one in ruled if one.worse}
    assert ("right", "source calm") in worse


def test_small_sources_are_not_looked_at_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "ENOUGH", 601)
    before = said(LABELLED, seed=1)
    found = {(one.what, one.part, one.main) for one in row_differences(LABELLED, before, before)}
    whole = {(what, "all", True) for what in ("macro_f1", "nudge_precision")}
    assert found == whole | {(what, "language en", False) for what in ("macro_f1", "nudge_precision")}


def look(change: float, main: bool, error: float = 0.01) -> Difference:
    return Difference("macro_f1", "some", 500, 0.8, 0.8 + change, error, main)


def test_the_more_looks_the_more_a_single_one_may_fall() -> None:
    limits = [rule([look(0.0, True), *[look(0.0, False)] * count])[-1].limit for count in (1, 10, 100)]
    assert limits == sorted(limits, reverse=True)
    assert limits[0] == pytest.approx(-0.0196, abs=1e-4)  # a fortieth, one-sided
    assert limits[2] == pytest.approx(-0.0348, abs=1e-4)  # a four-thousandth
    # The looks at everything are not blunted by them.
    mains = {rule([look(0.0, True), *[look(0.0, False)] * count])[0].limit for count in (1, 10, 100)}
    assert len(mains) == 1


def test_what_cannot_be_measured_any_more_is_worse_and_what_never_could_is_not() -> None:
    assert [one.worse for one in rule([look(nan, True), Difference("right", "x", 5, nan, nan, nan, False)])] == [
        True,
        False,
    ]


def cases_of(count: int) -> list[Case]:
    return [Case(f"en-{n}", f"text {n}", "en", "some", f"phrasing {n // 2}", n % 2, {}, "test") for n in range(count)]


def verdicts(cases: list[Case], wrong: set[int]) -> list[Judged]:
    flags = [bool(case.toxic) != (place in wrong) for place, case in enumerate(cases)]
    return [Judged(0.9 * flag, flag, flag) for flag in flags]


def test_the_suite_is_part_of_the_gate() -> None:
    cases = cases_of(200)
    before, after = verdicts(cases, {1, 2}), verdicts(cases, set(range(1, 41, 2)))
    ruled = rule(list(case_differences(cases, before, after)))
    assert {one.difference.part for one in ruled if one.worse} == {"hurtful, found", "hurtful, found, en"}
    assert not failed(rule(list(case_differences(cases, before, verdicts(cases, {3, 4, 5, 6})))))


def test_cases_of_one_phrasing_are_one_piece_of_evidence() -> None:
    for shared in (True, False):
        names = ["one phrasing" if shared and n < 40 else f"own {n}" for n in range(80)]
        cases = [Case(f"en-{n}", f"text {n}", "en", "some", name, 1, {}, "test") for n, name in enumerate(names)]
        ruled = rule(list(case_differences(cases, verdicts(cases, set()), verdicts(cases, set(range(40))))))
        assert failed(ruled) is not shared


def test_by_numbers_alone_the_limit_is_wider() -> None:
    before = said(LABELLED, seed=1)
    after = judged_worse(before, "all", 0.08)
    saved = {"rows": [cell.as_dict() for cell in cells(LABELLED, before)]}
    now = [cell.as_dict() for cell in cells(LABELLED, after)]
    paired = {(one.what, one.part): one for one in row_differences(LABELLED, before, after)}
    alone = {(one.what, one.part): one for one in unpaired(saved, now)}
    assert alone.keys() == paired.keys()
    for key, one in alone.items():
        assert one.change == pytest.approx(paired[key].change, abs=1e-3)
        assert one.error > paired[key].error
    assert failed(rule(list(unpaired(saved, [cell.as_dict() for cell in cells(LABELLED, said(LABELLED, 5, 0.3))]))))
    assert not failed(rule(list(unpaired(saved, saved["rows"]))))


def test_the_suite_by_numbers_alone() -> None:
    cases = cases_of(200)
    saved = {"functional": [cell.as_dict() for cell in suite(cases, verdicts(cases, set()))]}
    worse = list(suite(cases, verdicts(cases, set(range(1, 81, 2)))))
    assert failed(rule(list(unpaired_suite(saved, worse))))
    assert not failed(rule(list(unpaired_suite(saved, list(suite(cases, verdicts(cases, {1})))))))
