"""The many invented train comments: read whole, both classes in every language, none near a test row."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pytest

from mahlan.core.normalise import normalise
from tests.training.test_cases import ARABIC, LABELS, LATIN, STRONG, cases, nearly
from training.invented import LANGUAGES, Case
from training.more_cases import MORE, SLOT, read_more

LEAST = 400
"""Comments of a class that every language has at least, ``mixed`` a quarter of it."""


@cache
def more() -> tuple[Case, ...]:
    return tuple(read_more())


def written(folder: Path, text: str, slots: str = "") -> Path:
    (folder / "en").mkdir()
    (folder / "en" / "exclusion.toml").write_text(text, encoding="utf-8")
    if slots:
        (folder / "en" / "slots.toml").write_text(slots, encoding="utf-8")
    return folder


def test_a_line_is_a_case_and_a_slot_is_filled_from_its_language(tmp_path):
    text = "toxic = 1\nlabels = { harassment = 1 }\n[phrasings]\nnobody = '''\nnot you\nno {group} here\n'''\n"
    found = read_more(written(tmp_path, text, 'group = ["boys", "girls"]'), fills=2)
    assert [case.text for case in found[:1]] == ["not you"]
    assert {case.text for case in found[1:]} <= {"no boys here", "no girls here"}
    assert len(found) == 3
    assert {(case.toxic, case.language, case.phrasing, case.part) for case in found} == {(1, "en", "nobody", "train")}
    assert dict(found[0].labels) == {"harassment": 1}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("toxic = 1\nlabels = {}\n[phrasings]\na = '''\nno {crowd}\n'''", "slot crowd"),
        ("toxic = 1\n[phrasings]\na = 'x'", "wants"),
        ("toxic = ", "exclusion.toml"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, text, says):
    with pytest.raises(ValueError, match=r"exclusion\.toml") as error:
        read_more(written(tmp_path, text))
    assert says in str(error.value)


def test_both_classes_are_in_every_language():
    found = Counter((case.language, case.toxic) for case in more())
    for language in LANGUAGES:
        fine, hurtful = found[language, 0], found[language, 1]
        assert min(fine, hurtful) >= (LEAST // 4 if language == "mixed" else LEAST)
        assert 0.5 <= fine / hurtful <= 2.0


def test_a_capability_is_toxic_or_not():
    sides = defaultdict(set)
    for case in [*more(), *cases()]:
        sides[case.capability].add(case.toxic)
    assert {capability for capability, toxic in sides.items() if len(toxic) > 1} == set()


def test_labels_are_ours_and_harmless_comments_have_none_that_holds():
    assert {name for case in more() for name in case.labels} <= LABELS
    assert [case.id for case in more() if not case.toxic and any(case.labels.values())] == []


def test_no_test_row_is_nearly_one_of_them():
    tested = [case.text for case in cases() if case.part == "test"]
    assert nearly(tested, [case.text for case in more()], shared=3) == []


def test_no_phrasing_of_the_test_part_is_among_them():
    tested = {(case.capability, case.phrasing) for case in cases() if case.part == "test"}
    assert {(case.capability, case.phrasing) for case in more()} & tested == set()


def test_wordings_do_without_strong_slurs():
    found = [case.id for case in more() for reading in normalise(case.text).readings if STRONG.search(reading.text)]
    assert found == []


def test_the_language_agrees_with_the_script():
    wrong = {"arz": LATIN, "ar": LATIN, "arz-Latn": ARABIC, "en": ARABIC}
    plain = [(case, re.sub(r"[@#]\w+|URL|http\S+", "", case.text)) for case in more()]
    assert [case.id for case, text in plain if case.language in wrong and wrong[case.language].search(text)] == []


def test_a_slot_is_used_in_both_classes():
    used = defaultdict(set)
    for file in MORE.rglob("*.toml"):
        text = file.read_text(encoding="utf-8")
        if file.name != "slots.toml":
            for slot in SLOT.findall(text):
                used[file.parent.name, slot].add(text.splitlines()[0][:9])
    assert {slot for slot, sides in used.items() if len(sides) < 2} == set()
