"""Comments composed for contrast: both classes hold the same words, groups come up evenly, none is near a test row."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import cache

import pytest

from mahlan.core.normalise import normalise
from tests.training.test_cases import ARABIC, LABELS, LATIN, STRONG, cases, grams, nearly, scripts
from training.accurate.config import read_config
from training.contrast_cases import CONTRAST, read_contrast
from training.contrast_grammar import SLOT, Grammar, read_grammar
from training.invented import CASES, LANGUAGES, Case
from training.more_cases import read_more

COUNT = 600
TOLD = re.compile(r"^\| `(contrast_\w+)` \| (fine|hurtful|both) \| .* \|$", re.MULTILINE)
LEAST_RUNS = 16
"""Five-letter runs of a comment that can be near another: two words share half of theirs with all that holds one."""


@cache
def composed() -> tuple[Case, ...]:
    return tuple(read_contrast(COUNT))


@cache
def grammar(language: str) -> Grammar:
    return read_grammar(CONTRAST / f"{language}.toml")


def test_the_seed_decides():
    assert tuple(read_contrast(COUNT)) == composed()
    assert not {case.text for case in read_contrast(COUNT, seed=2)} >= {case.text for case in composed()}


def test_there_is_enough_in_every_language():
    for language in LANGUAGES:
        held = grammar(language)
        share = 5 if held.mixes else 1
        assert share * (len(held.said["group_clauses"]) + len(held.said["group_sayings"])) >= 150
        assert share * (len(held.said["person_clauses"]) + len(held.said["person_sayings"])) >= 70
        assert share * (len(held.plain["contrast_things"]) + len(held.plain["contrast_crowds"])) >= 60
        frames = Counter((frame.about, frame.contempt) for frame in held.frames)
        assert share * frames["group", 0] >= 80
        assert share * frames["group", 1] >= 60


def test_half_of_each_language_is_harmless_and_texts_are_unique():
    assert len({(case.language, case.text) for case in composed()}) == len(composed())
    assert Counter((case.language, case.toxic) for case in composed()) == {
        (language, toxic): COUNT // 2 for language in LANGUAGES for toxic in (0, 1)
    }
    assert {case.part for case in composed()} == {"train"}


@pytest.mark.parametrize("language", ["en", "arz", "ar"])
def test_kinds_of_groups_are_as_often_in_one_class_as_in_the_other(language):
    found = defaultdict(list)
    for kind, groups in grammar(language).groups.items():
        names = re.compile("|".join(rf"\b{re.escape(one[form])}\b" for one in groups for form in ("group", "that")))
        for toxic in (0, 1):
            found[kind].append(sum(bool(names.search(case.text)) for case in made(language) if case.toxic == toxic))
    for kind, (fine, hurtful) in found.items():
        assert 0.75 <= fine / hurtful <= 1.33, kind
    assert max(map(sum, found.values())) <= 2 * min(map(sum, found.values())), "a name may stand within another's"


def made(language: str) -> list[Case]:
    return [case for case in whole() if case.language == language]


@cache
def whole() -> tuple[Case, ...]:
    """All that the accurate model is trained on."""
    config = read_config(CASES.parent / "accurate.toml")
    return tuple(read_contrast(config.rows.contrast, seed=config.seed))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_tells_the_class(language):
    """No word that one comment in a hundred holds is in one class five times as often, but a few."""
    counts = [Counter[str](), Counter[str]()]
    for case in made(language):
        counts[case.toxic].update(set(re.findall(r"\w+", case.text.lower())))
    often = {word for word in counts[0] | counts[1] if counts[0][word] + counts[1][word] >= len(made(language)) / 50}
    telling = [word for word in often if not 1 / 5 <= (counts[0][word] + 1) / (counts[1][word] + 1) <= 5]
    assert telling == []


def test_nothing_of_the_grammar_is_left_in_a_text():
    assert [case.text for case in whole() if re.search(r"[{}\[\]|]|\s\s", case.text)] == []


def test_every_form_and_slot_is_used():
    for language in LANGUAGES:
        held = grammar(language)
        texts = [one.text for said in (*held.said.values(), *held.plain.values()) for one in said]
        forms = {form for groups in held.groups.values() for one in groups for form in one} - {"that", "sex"}
        assert {slot for text in texts for slot in SLOT.findall(text)} == forms | set(held.slots)


def test_a_capability_is_toxic_or_not_and_the_readme_says_which():
    sides = defaultdict(set)
    for case in [*whole(), *read_more(), *cases()]:
        sides[case.capability].add(case.toxic)
    assert {capability for capability, toxic in sides.items() if len(toxic) > 1} == set()
    held = {case.capability.removesuffix("_praise"): set[int]() for case in whole()}
    for case in whole():
        held[case.capability.removesuffix("_praise")].add(case.toxic)
    said = {(0,): "fine", (1,): "hurtful", (0, 1): "both"}
    readme = (CASES / "README.md").read_text(encoding="utf-8")
    assert dict(TOLD.findall(readme)) == {name: said[tuple(sorted(toxic))] for name, toxic in held.items()}


def test_labels_are_ours_and_harmless_comments_have_none_that_holds():
    assert {name for case in whole() for name in case.labels} <= LABELS
    assert [case.id for case in whole() if case.toxic != any(case.labels.values())] == []


def test_no_test_row_is_nearly_one_of_them():
    long = [case.text for case in whole() if min(map(len, grams(case.text))) >= LEAST_RUNS]
    assert nearly([case.text for case in cases() if case.part == "test"], long) == []


def test_none_is_a_test_row():
    tested = {reading.text for case in cases() if case.part == "test" for reading in normalise(case.text).readings}
    assert [case.text for case in whole() if normalise(case.text).readings[0].text in tested] == []


def test_wordings_do_without_strong_slurs():
    found = [case.text for case in whole() for reading in normalise(case.text).readings if STRONG.search(reading.text)]
    assert found == []


def test_the_language_agrees_with_the_script():
    wrong = {"arz": LATIN, "ar": LATIN, "arz-Latn": ARABIC, "en": ARABIC}
    plain = [(case, re.sub(r"[@#]\w+", "", case.text)) for case in whole()]
    assert [case.text for case, text in plain if case.language in wrong and wrong[case.language].search(text)] == []


def test_nearly_all_mixed_comments_are_mixed():
    def is_mixed(text: str) -> bool:
        return scripts(text) == {"Arab", "Latn"} or {"arz-Latn", "en"} <= {run.language for run in normalise(text).runs}

    assert sum(is_mixed(case.text) for case in made("mixed")) >= 0.99 * len(made("mixed"))
