"""Language and script of a comment and of its words."""

from __future__ import annotations

import pytest

from mahlan.core.dialect import egyptian_score
from mahlan.core.language import identify
from mahlan.core.latin import IN_DOUBT, arabizi_odds, is_english_word, is_measure, latin_table
from mahlan.core.normalise import normalise


@pytest.mark.parametrize(
    "text",
    ["", " ", "!", "😂", "123", "٣-٢", "a", "ا", "@user", "url", "num", "\ufffd", "''", "_", "x" * 500, "é", "12ab34"],
)
def test_short_and_odd_texts_are_no_trouble(text: str) -> None:
    found = identify(text)
    assert found.language in {"arz", "ar", "arz-Latn", "en", "mixed", "und"}
    assert len(found.script) == 4


@pytest.mark.parametrize(
    ("text", "script"),
    [("انت فين", "Arab"), ("where", "Latn"), ("привет", "Cyrl"), ("γεια", "Grek"), ("12 !", "Zyyy"), ("漢字", "Hani"),
     ("שלום", "Hebr"), ("สวัสดี", "Thai"), ("ok يا باشا الكبير", "Arab"), ("really good يا", "Latn"),
     ("@user num", "Zyyy")],
)  # fmt: skip
def test_script_is_that_of_most_letters(text: str, script: str) -> None:
    assert identify(text).script == script


@pytest.mark.parametrize("text", ["привет как дела", "γεια σου", "漢字", "!!!", "2024", "url", ""])
def test_what_is_neither_arabic_nor_latin_is_und(text: str) -> None:
    assert identify(text).language == "und"


def test_runs_carry_the_language_of_neighbouring_words() -> None:
    text = "You are @Sara so ya 7abibi 7elwa اوي بجد"
    runs = [(text[run.start : run.end], run.language) for run in normalise(text).runs]
    assert runs == [("You are @Sara so", "en"), ("ya 7abibi 7elwa", "arz-Latn"), ("اوي بجد", "arz")]


def test_numbers_and_placeholders_have_no_language() -> None:
    assert identify("123 num url @user 5km 2nd mp3").runs == ()


def test_egyptian_markers_outweigh_and_are_outweighed() -> None:
    assert egyptian_score(["مش", "ده"]) > 0 > egyptian_score(["هذا", "الذي"])
    assert identify("هذا مش كده يا باشا").language == "arz"
    assert identify("هذه ليست فكره جيده").language == "ar"


def test_a_hint_tips_only_what_is_in_doubt() -> None:
    assert normalise("انت غبي").language == "ar"
    assert normalise("انت غبي", "arz").language == "arz"
    assert normalise("لماذا تقول هذا", "arz").language == "ar"
    assert normalise("men bent", "en").language == "en"
    assert normalise("men bent", "arz-Latn").language == "arz-Latn"
    assert normalise("you are so mean to people", "arz-Latn").language == "en"
    assert normalise("enta ghaby awy", "en").language == "arz-Latn"


@pytest.mark.parametrize("word", ["7abibi", "3ashan", "msh", "awy", "ghaby", "keda", "enta", "ya3ni"])
def test_arabizi_words_are_arabizi(word: str) -> None:
    assert arabizi_odds(word) > 3


@pytest.mark.parametrize("word", ["people", "should", "never", "beautiful", "what", "thought", "don't"])
def test_english_words_are_english(word: str) -> None:
    assert arabizi_odds(word) < -3
    assert is_english_word(word)


def test_words_of_both_languages_leave_it_to_the_others() -> None:
    assert abs(arabizi_odds("men")) <= IN_DOUBT
    assert identify("good men and women").runs[0][2] == "en"
    assert [tag for *_, tag in identify("a7san men el nas").runs] == ["arz-Latn"]


@pytest.mark.parametrize("word", ["2nd", "5km", "90s", "10pm", "mp3", "ps5", "4k", "100kg"])
def test_measures_and_names_with_digits(word: str) -> None:
    assert is_measure(word)


@pytest.mark.parametrize("word", ["7aga", "ma3", "sa7", "gr8", "b4nana", "123"])
def test_other_digits_are_no_measures(word: str) -> None:
    assert not is_measure(word)


def test_the_table_is_read_once_and_small() -> None:
    assert latin_table() is latin_table()
    assert 5_000 < len(latin_table().odds) < 20_000
    assert latin_table().orders == (1, 2, 3, 4)
