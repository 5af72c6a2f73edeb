"""How likely a word is in Egyptian Arabic, by list and by letters; and that the letters rank spellings."""

from __future__ import annotations

import math

import pytest

from mahlan.core.arabic import CHEAPEST, END, LETTERS, START, advance, code_of, letter_cost, word_cost
from mahlan.core.spelling import likeliest_spelling


def letters_cost(word: str) -> float:
    behind, total = START, 0.0
    for code in (*map(code_of, word), END):
        total += letter_cost(behind, code)
        behind = advance(behind, code)
    return total


def test_common_words_are_cheap_and_strange_ones_are_not_listed() -> None:
    assert CHEAPEST <= word_cost("انت") < word_cost("تلاجه") < math.inf
    assert word_cost("ظقثغ") == math.inf


@pytest.mark.parametrize(
    ("word", "strange"),
    [
        ("بيتريقوا", "بيطريقوا"),  # "they mock", and the same with an emphatic t
        ("متتاخرش", "متتءخرش"),  # "don't be late"
        ("احترمي", "اهترمي"),  # "respect!", and the same with the other h
    ],
)
def test_letters_of_egyptian_words_cost_less(word: str, strange: str) -> None:
    assert letters_cost(word) < letters_cost(strange) - 1


def test_what_may_follow_is_a_probability() -> None:
    for start in ("", "ب", "بي", "الم", "هتشو"):
        behind = START
        for letter in start:
            behind = advance(behind, code_of(letter))
        total = sum(math.exp(-letter_cost(behind, code)) for code in (END, *map(code_of, LETTERS)))
        assert total == pytest.approx(1, abs=0.25)  # some n-grams are left out, and costs are rounded


def test_a_letter_that_is_not_arabic_costs_more_than_any_other() -> None:
    assert code_of("x") == 0
    assert letter_cost(START, code_of("x")) > max(letter_cost(START, code_of(letter)) for letter in "ابيم")


def test_other_spellings_win_when_they_are_likelier() -> None:
    assert likeliest_spelling("ktbh", {}, digits=True) != "كتابها"
    assert likeliest_spelling("ktbh", {"كتابها": -5.0}, digits=True) == "كتابها"
    assert likeliest_spelling("kalamak", {"ظقثغ": 0.0}, digits=True) == "كلامك"
