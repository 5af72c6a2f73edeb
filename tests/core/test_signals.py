"""Signals from cue phrases: found where they should be, in four ways of writing, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahlan.core.normalise import normalise
from mahlan.core.signals import SIGNALS, build_cues, find_signals, load_cues
from mahlan.languages import table

TABLE = table("signals")
CUES = [(name, cue) for name, writings in TABLE.items() for cues in writings.values() for cue in cues]

# Invented comments as people type them: (text, signals).
COMMENTS = [
    ("أنا مش عايزة أعيش", ("self_harm",)),
    ("نفسي أموت بجد", ("self_harm",)),
    ("ana msh 3ayez a3ish", ("self_harm",)),
    ("I just want to die", ("self_harm",)),
    ("go kill yourself", ()),
    ("واحد قالّي يا غبي وزعلت", ("victim_report",)),
    ("بيتنمروا عليّا كل يوم", ("victim_report",)),
    ("wa7ed shatamny embare7", ("victim_report",)),
    ("they keep calling me stupid", ("victim_report",)),
    ("كفاية تنمر بقى", ("counter_speech",)),
    ("سيبوها في حالها يا جماعة", ("counter_speech",)),
    ("Leave her alone, she isn't stupid", ("counter_speech",)),
    ("balash tanamor ya gama3a", ("counter_speech",)),
    ("واحد كاتب: البنت دي غبية", ("quoting",)),
    ('He wrote "you are stupid"', ("quoting",)),
    ("أنا غبية أوي نسيت المفتاح", ("self_directed",)),
    ("ana 8aby awy nseet el moftah", ("self_directed",)),
    ("I'm such an idiot, forgot my keys", ("self_directed",)),
    ("يا ابن اللعيبة جون عالمي", ("praise",)),
    ("gamed mot ya 3am", ("praise",)),
    ("you absolutely killed it", ("praise",)),
    ("انت غبي", ()),
    ("enta 8aby", ()),
    ("you are an idiot", ()),
    ("مباراة حلوة النهارده", ()),
    ("", ()),
]


def _readings(text: str) -> list[str]:
    return [reading.text for reading in normalise(text).readings]


@pytest.mark.parametrize(("text", "expected"), COMMENTS)
def test_signals_of_comments_as_people_type_them(text, expected):
    assert find_signals(_readings(text)) == expected


@pytest.mark.parametrize(("name", "cue"), CUES)
def test_every_cue_is_written_as_the_normaliser_leaves_text(name, cue):
    assert name in find_signals(_readings(cue))


def test_every_signal_has_cues_in_all_writings_and_a_rule():
    assert set(TABLE) == set(SIGNALS)
    for writings in TABLE.values():
        assert set(writings) == {"arabic", "arabizi", "english"}


def test_cues_are_whole_words():
    assert find_signals(["badassery is a word", "i want to diet"]) == ()


def test_signals_come_once_and_in_a_fixed_order():
    assert find_signals(["what a beast", "i want to die, what a beast"]) == ("self_harm", "praise")


@pytest.mark.parametrize("table", [{"sarcasm": {"english": ["yeah right"]}}, {"praise": {"english": ["!?"]}}])
def test_a_broken_table_is_told(table):
    with pytest.raises(ValueError, match=r"signals\.toml"):
        build_cues(table)


@given(st.lists(st.text()))
def test_find_signals_is_total(readings):
    assert set(find_signals(readings)) <= set(SIGNALS)


def test_no_first_word_has_so_many_cues_that_a_repeated_word_could_slow_it_down():
    assert max(len(phrases) for phrases in load_cues().values()) <= 64
