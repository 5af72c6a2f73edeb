"""Egyptian or other Arabic: the lists, the forms of words, the letters of words that no list has."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from mahlan.core.dialect import MOST, egyptian_score, letter_odds, letters_weight, marked_weight, markers, runs
from mahlan.core.normalise import normalise
from mahlan.languages import read_bytes, table

CAMPAIGNS = Path(__file__).parents[2] / "campaigns"
TOLD = [
    (wording["language"], wording["text"])
    for file in sorted(CAMPAIGNS.glob("*.toml"))
    for wording in tomllib.loads(file.read_text(encoding="utf-8"))["wording"]
    if wording["language"] in ("arz", "ar")
]


@pytest.mark.parametrize(
    "text",
    [
        "خد ثانية وفكر",  # take a second and think
        "استنى ثانية",  # wait a second
        "بلاش تكتبها دلوقتي",  # better not write it now
        "فكر تاني قبل ما تبعت",  # think again before you send
        "سيبها لبكرة",  # leave it for tomorrow
        "هخليك تندم",  # I will make you regret it
        "بتاعهم مش بتاعنا",  # theirs, not ours
        "الاتنين زيهم",  # both are like them
    ],
)
def test_short_egyptian_is_egyptian(text: str) -> None:
    assert normalise(text).language == "arz"


@pytest.mark.parametrize(
    "text",
    [
        "خذ ثانية وفكر",  # the same in Standard Arabic
        "فكر قبل أن تنشر",
        "سيقف معك أصدقاؤك",  # your friends will stand by you: the future in s-
        "يقولون ما لا يعرفون",  # they say what they do not know: the plural in -ūn
        "شو هالحكي",  # what talk is this (Levantine)
        "مدري وش السالفة",  # I do not know what the story is (Gulf)
        "علاش راك هنا",  # why are you here (Maghrebi)
        "بيروت جميلة",  # Beirut is beautiful: no verb in b-
        "هندسة البناء",  # construction engineering: no future in h-
        "السعر 1000000 جنيه",  # so many pounds: pounds are spent elsewhere too
    ],
)
def test_other_arabic_is_not(text: str) -> None:
    assert normalise(text).language == "ar"


@pytest.mark.parametrize(("language", "text"), TOLD)
def test_the_campaigns_own_words_are_of_the_language_they_are_for(language: str, text: str) -> None:
    assert "[PLACEHOLDER" in text or normalise(text).language == language


def test_no_word_is_listed_twice_and_all_are_folded() -> None:
    listed = Counter(word for name in ("arz", "ar") for row in table(name)["markers"].values() for word in row.split())
    assert [word for word, count in listed.items() if count > 1] == []
    assert [word for word in listed if normalise(word).readings[0].text != word] == []


def test_a_listed_word_is_no_form() -> None:
    assert marked_weight("بيعمل") > 0  # he does
    assert marked_weight("بيروت") == 0
    assert marked_weight("سيعمل") < 0  # he will do, in Standard Arabic


def test_letters_speak_for_words_that_no_list_has_and_no_louder_than_a_word() -> None:
    odds = letter_odds()
    assert not markers().keys() & {"يكلموا", "الديمقراطيه"}
    assert letters_weight("يكلموا", odds) > 0.1 > -0.1 > letters_weight("الديمقراطيه", odds)  # they talk to; democracy
    assert letters_weight("ده", odds) == 0 == letters_weight("ا" * 25, odds)
    assert letters_weight("abc", dict.fromkeys(runs("abc"), 3.0)) == MOST


def test_a_word_too_long_to_be_one_costs_nothing_and_says_nothing() -> None:
    assert egyptian_score(["هيعمل" * 4_000]) == 0


def test_the_table_is_small_and_holds_no_words() -> None:
    assert len(read_bytes("dialect.bin")) < 20_000
    assert {len(run) for run in letter_odds()} == {3, 4}
