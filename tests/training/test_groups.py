"""Sentences about groups: every language has as many, they fill in whole, nothing trained on nearly repeats one."""

from __future__ import annotations

import re
import tomllib
from collections import Counter, defaultdict
from functools import cache
from math import isnan
from pathlib import Path

import pytest

from mahlan.core.normalise import normalise
from tests.training.test_cases import SCRIPTS, STRONG, grams, nearly, scripts
from tests.training.test_contrast_cases import LEAST_RUNS, whole
from training.groups import GROUPS, SIDES, as_text, lines, read_groups
from training.invented import CASES, Case, read_cases
from training.judging import Judged
from training.more_cases import read_more

README_ROW = re.compile(r"^\| `(\w+)` \| .+? \| (?:`(\w+)` \| .+|\| )\|$", re.MULTILINE)


@cache
def cases() -> tuple[Case, ...]:
    return tuple(read_groups())


def test_every_language_has_as_many_of_each_capability():
    counts = Counter((case.toxic, case.capability, case.language) for case in cases())
    assert {language for _, _, language in counts} == set(SCRIPTS)
    assert set(counts.values()) == {30}
    assert len({case.text for case in cases()}) == len({case.id for case in cases()}) == len(cases()) == 2160


def test_the_readme_names_the_capabilities_and_counts_them():
    part = (CASES / "README.md").read_text(encoding="utf-8").partition("## `groups/`")[2].partition("\n## ")[0]
    named: list[set[str]] = [set(), set()]
    for hurtful, harmless in README_ROW.findall(part):
        named[1].add(hurtful)
        named[0] |= {harmless} - {""}
    assert named == [{case.capability for case in cases() if case.toxic == toxic} for toxic in (0, 1)]
    assert f"{len(cases()):,} comments" in part


def test_texts_are_whole_and_in_the_script_of_their_language():
    assert [case.text for case in cases() if re.search(r"[{}]|\s\s", case.text)] == []
    assert [case.text for case in cases() if scripts(case.text) != SCRIPTS[case.language]] == []
    assert [case.text for case in cases() for one in normalise(case.text).readings if STRONG.search(one.text)] == []


def test_nothing_trained_on_is_nearly_one_of_them():
    trained = [case.text for case in (*whole(), *read_more(), *read_cases(part="train"))]
    assert repeats(bare_sentences(), trained) == []


def test_a_near_repeat_would_be_seen():
    assert repeats(bare_sentences(), ["if you ask me Nubians are a lower kind of people, full stop"]) != []


def repeats(sentences: list[str], trained: list[str]) -> list[tuple[str, str]]:
    """Those of which a trained comment has two thirds of the runs."""
    long = [text for text in trained if min(map(len, grams(text))) >= LEAST_RUNS]
    return [
        (sentence, text)
        for sentence, text in nearly(sentences, long)
        if any(len(a & b) > 2 / 3 * len(a) for a in grams(sentence) for b in grams(text))
    ]


def bare_sentences() -> list[str]:
    """Without the group: its name alone would make a short comment near to every other one about it."""
    files = [tomllib.loads(file.read_text(encoding="utf-8")) for file in sorted(GROUPS.glob("*.toml"))]
    blocks = [block for told in files for side in SIDES for block in told[side].values()]
    return [line.replace("{p}", "").replace("{s}", "") for block in blocks for line in block.splitlines() if line]


def test_shares_are_of_sentences_and_intervals_too():
    found = defaultdict(list)
    for sentence in range(6):
        for group in range(2):
            one = Case(f"{sentence}{group}", "x", "en", "some", f"some_{sentence}", 1, {}, "test")
            found["cases"].append(one)
            found["judged"].append(Judged(0.5, toxic=sentence < 3 or group == 0, nudged=False))
    told = {(line.at, line.capability, line.language): line for line in lines(found["cases"], found["judged"])}
    line = told["threshold", "some", "en"]
    assert (line.sentences, line.comments, line.share) == (6, 12, 0.75)
    assert line.interval[0] < 0.75 < line.interval[1] < 1.01
    assert told["nudge", "all", "all"].share == 0.0
    assert "| some | yes | 12 | 0.75 | 0.75 (" in as_text(list(told.values()))


def test_few_sentences_have_no_interval():
    one = Case("a", "x", "en", "some", "some_1", 0, {}, "test")
    line = next(iter(lines([one], [Judged(0.1, toxic=False, nudged=False)])))
    assert isnan(line.interval[0])
    assert line.as_dict()["low"] is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[groups]\np = ['a']\n[hurtful]\nx = 'no {q}'\n[harmless]\n", "'q' is no form of"),
        ("[groups]\np = ['a']\ns = []\n[hurtful]\n[harmless]\n", "zip"),
        ("[groups]\np = ['a']\n[hurtful]\n", "'harmless'"),
        ("[groups", "en.toml"),
    ],
)
def test_a_mistake_names_the_file(text: str, said: str, tmp_path: Path):
    (tmp_path / "en.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"en\.toml") as caught:
        read_groups(tmp_path)
    assert said in str(caught.value)


def test_the_folder_is_read_by_nothing_that_trains():
    assert GROUPS.parent == CASES
    assert {case.part for case in cases()} == {"test"}
