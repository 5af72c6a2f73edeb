"""The rules of single steps, each with the case it is for and the case it must leave alone."""

from __future__ import annotations

import itertools
import sys
import unicodedata
from pathlib import Path

import pytest

from mahlan.core.draft import Step
from mahlan.core.entities import fold_hashtag, is_national_id
from mahlan.core.normalise import FOLD, STEPS, WINDOW, normalise
from mahlan.core.steps import characters, leet, letters, masks, shape
from mahlan.languages import table


def read(text: str) -> str:
    return normalise(text).readings[0].text


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_each_step_has_nothing_to_do_on_plain_words(step: Step) -> None:
    assert step("just plain words") is None
    assert step("") is None


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_each_step_is_needed(step: Step) -> None:
    samples = [
        "\ud800", "&lt;", "غـبي", "ﻏﺒﻲ", "غ\u200cبي", "a\u20d2b\u0488", "a@b.cc", "x.com", "@anna", "01012345678",
        "#tag", "؟", "іdiot",
        "ï", "A", "أ", "i d i o t", "a  b", "غ😂بي", "1d10t", "hahahaha", "sooo", "x" * (WINDOW + 1),
        "ل3به", "id*ot", "you idoit",
    ]  # fmt: skip
    assert any(step(sample) is not None for sample in samples)


def test_usual_characters_give_the_rare_steps_nothing_to_do() -> None:
    """``usual`` lets a text pass seven steps by: none of its characters may be one they would change."""
    rare = [characters.surrogates, characters.invisible, characters.compatibility, characters.joiners]
    rare += [characters.stray_marks, letters.look_alikes, letters.accents]
    for code in itertools.chain(range(0xD800), range(0xE000, sys.maxunicode + 1)):
        if characters.usual(chr(code)) and chr(code) != "\n":
            assert all(step(f"ab{chr(code)}ا") is None for step in rare), hex(code)


def test_only_letters_that_lower_case_changes_reach_it() -> None:
    for code in itertools.chain(range(0xD800), range(0xE000, sys.maxunicode + 1)):
        if chr(code).lower() != chr(code):
            assert letters.lower_case(chr(code)), hex(code)


@pytest.mark.parametrize(
    "text", ["3-2", "5:30", "٣-٢", "2nd", "5km", "v2.0", "1995", "90s", "10x", "50%", "24/7", "$5", "1,000"]
)
def test_numbers_stay(text: str) -> None:
    assert read(text) == text


@pytest.mark.parametrize(
    "word", ["mesh rayi7", "3ala ra7tak", "sa7", "ma3lesh", "5ales", "2al", "ro7 bas", "kol 7aga", "b3d"]
)
def test_arabizi_digits_stay_letters(word: str) -> None:
    assert read(word) == word


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1d10t", "idiot"),
        ("h8", "hate"),
        ("l0ser", "loser"),
        ("stup1d!", "stupid!"),
        ("$tupid", "stupid"),
        ("tr4sh", "trash"),
    ],
)
def test_leet_is_read(written: str, meant: str) -> None:
    assert read(f"you are {written}") == f"you are {meant}"


@pytest.mark.parametrize("text", ["@l33t_h4x0r", "https://x.com/1d10t", "a1@b2.com"])
def test_leet_is_not_read_inside_handles_and_links(text: str) -> None:
    assert leet.leet(read(text)) is None
    assert read(text) in {"@user", "url", "email"}


@pytest.mark.parametrize(
    "number",
    ["01012345678", "01112345678", "01212345678", "01512345678", "+201012345678", "+20 10 1234 5678",
     "0020 101 234 5678", "010-1234-5678", "٠١٠١٢٣٤٥٦٧٨", "۰۱۰۱۲۳۴۵۶۷۸", "+44 20 7946 0958",
     "02 23456789", "29801010112345",
     "٢٩٨٠١٠١٠١١٢٣٤٥"],
)  # fmt: skip
def test_phone_numbers_and_ids_are_masked(number: str) -> None:
    assert read(f"x {number} y") == "x num y"


@pytest.mark.parametrize(
    "number", ["12345678", "01312345678", "1000000", "20231115", "29813010112345", "123456789012345678", "3.14159265"]
)
def test_other_numbers_are_not(number: str) -> None:
    assert read(number) == number


@pytest.mark.parametrize(
    ("digits", "valid"),
    [
        ("29801010112345", True),
        ("30002290112345", True),  # 29 February 2000
        ("30102290112345", False),  # 2001 had none
        ("29813010112345", False),  # month 13
        ("29801320112345", False),  # day 32
        ("29801019912345", False),  # governorate 99
        ("19801010112345", False),  # century 1
        ("٢٩٨٠١٠١٨٨١٢٣٤٥", True),  # born abroad
    ],
)
def test_national_ids_are_checked(digits: str, valid: bool) -> None:
    assert is_national_id(digits) is valid


@pytest.mark.parametrize(
    "tag",
    [
        "#فكر_قبل_ما_تنشر",
        "فكر قبل ما تنشر",
        "#فَكَّر_قبل_ما_تنشر",
        "#فكـر_قبل_ما_تنشر",
        "#فكرقبلماتنشر",
        "ﻓﻜﺮ_قبل_ما_تنشر",
    ],
)
def test_spellings_of_a_hashtag_meet(tag: str) -> None:
    assert fold_hashtag(tag) == fold_hashtag("#فكر_قبل_ما_تنشر") == "فكرقبلماتنشر"


def test_hashtags_of_the_campaign_meet_in_a_comment() -> None:
    tags = normalise("#أنا_ضد_التنمر #انا_ضد_التنمّر #PracticeThePause #practice_the_pause #1").hashtags
    assert tags == (fold_hashtag("أنا ضد التنمر"), "practicethepause")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("می\u200cخواهم", "مي\u200cخواهم"),  # Persian "I want": shaping needs it
        ("غ\u200cب\u200cي", "غبي"),  # one after each letter hides a word
        ("id\u200ciot", "idiot"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("🏳️\u200d🌈", "🏳\u200d🌈"),
        ("a\u200d\u200db", "ab"),
    ],
)
def test_joiners_stay_where_shaping_or_an_emoji_needs_them(text: str, kept: str) -> None:
    assert read(text) == kept


@pytest.mark.parametrize("word", ["привет", "γεια", "слово"])
def test_whole_words_of_other_scripts_stay(word: str) -> None:
    assert read(word) == word


def test_look_alikes_never_touch_arabic() -> None:
    assert not any("\u0590" <= char <= "\u08ff" for row in table("lookalikes")["latin"].values() for char in row)


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("a b", "a b"),
        ("i am a b c", "i am abc"),
        ("1 2 3", "1 2 3"),
        ("و انت", "و انت"),
        ("x-y", "x-y"),
        ("ا ب ت", "ابت"),
    ],
)
def test_single_letters_join_from_three(text: str, joined: str) -> None:
    assert read(text) == joined


@pytest.mark.parametrize(
    ("drawn", "plain"),
    [("sooo", "so"), ("cooool", "cool"), ("لااااا", "لا"), ("ممممكن", "ممكن"), ("اللللله", "الله"), ("hhhhh", "hh"),
     ("killling", "killing"), ("1000000", "1000000"), ("!!!!!", "!!"), ("7elwaaaa", "7elwa")],
)  # fmt: skip
def test_drawn_out_letters(drawn: str, plain: str) -> None:
    assert read(drawn) == plain


@pytest.mark.parametrize("escape", ["&amp;amp;amp;lt;", "&lt;", "&#60;", "&#x3c;", "&LT;", "&amp;lt;", "&amp;#60;"])
def test_entities_are_read_however_deep(escape: str) -> None:
    assert read(f"1 {escape} 2") == "1 < 2"


@pytest.mark.parametrize("escape", ["&nosuch;", "& b", "&#;", "&;", "fish&chips"])
def test_what_is_no_entity_stays(escape: str) -> None:
    assert read(escape) == escape


def test_masks_work_alone_and_in_order() -> None:
    assert masks.emails("a@b.com") == [(0, 7, "email")]
    assert masks.mentions("a@b.com") is None
    assert FOLD.index(masks.emails) < FOLD.index(masks.mentions) < FOLD.index(letters.lower_case)
    assert shape.elongation("sooo") == [(2, 4, "")]


def test_arabic_marks_are_dropped_as_unicode_knows_them() -> None:
    for code in range(0x600, 0x700):
        if unicodedata.category(chr(code)) == "Mn":
            assert read(f"ب{chr(code)}ب") in {"بب", "باب"}, hex(code)


def test_the_docs_name_the_steps_in_order() -> None:
    page = (Path(__file__).parents[2] / "docs" / "normaliser.md").read_text(encoding="utf-8")
    rows = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")]
    assert rows == [step.__name__ for step in STEPS]
    assert f"{WINDOW:,}" in page
