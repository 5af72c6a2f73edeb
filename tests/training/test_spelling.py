"""Invented cases as training rows."""

from __future__ import annotations

import re

from training.fast import row_weight
from training.invented import read_cases
from training.rows import Row
from training.spelling import invented_rows


def test_only_the_train_part_is_trained_on_and_egyptian_cases_also_in_latin_letters() -> None:
    rows = invented_rows(spellings=2, seed=1)
    cases = read_cases(part="train")
    egyptian = [case for case in cases if case.language == "arz"]
    plain = [row for row in rows if row.source == "invented"]
    spelled = [row for row in rows if row.source == "invented_spelled"]
    assert [row.toxic for row in plain] == [case.toxic for case in cases]
    assert [row.toxic for row in spelled] == [case.toxic for case in egyptian for _ in range(2)]
    assert {row.row_language for row in spelled} == {"arz-Latn"}
    assert not any(re.search("[\u0621-\u064a]", row.readings[0].text) for row in spelled)
    tested = {case.text for case in read_cases(part="test")}
    assert not tested & {case.text for case in cases}


def test_a_harmless_case_counts_for_more() -> None:
    config = {"weights": {"invented": 4.0, "olid": 0.5}, "invented": {"spellings": 1, "harmless": 2.5}}
    rows = [Row(source, "en", toxic, False, "en", ()) for source in ("invented", "olid", "edos") for toxic in (0, 1)]
    assert [row_weight(row, config) for row in rows] == [10.0, 4.0, 0.5, 0.5, 1.0, 1.0]


def test_a_config_without_invented_cases_weighs_nothing_else() -> None:
    assert row_weight(Row("olid", "en", 0, False, "en", ()), {"weights": {}}) == 1.0
