"""Shares of a logit become spans of the author's own characters."""

from __future__ import annotations

import pytest

from mahlan.core.highlight import telling, utf16_spans, words
from mahlan.core.normalise import normalise


def named(text: str) -> list[str]:
    return [text[start:end] for start, end in words(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("you, sir: fool!", ["you", "sir", "fool"]),
        ("يا حمار.", ["يا", "حمار"]),
        ("f*ck don't a$$", ["f*ck", "don't", "a$$"]),
        ("ok 😂😂 !!! ...", ["ok", "😂😂"]),
        ("@user url email num", []),
        ("(url) x*num fool/url @user: num*2", ["x", "fool", "2"]),
        ("urls numb emails", ["urls", "numb", "emails"]),
        ("", []),
    ],
)
def test_words_are_neither_punctuation_nor_placeholders(text: str, found: list[str]) -> None:
    assert named(text) == found


def test_words_are_counted_from_where_the_text_begins() -> None:
    assert words("so bad", 10) == [(10, 12), (13, 16)]


def test_a_word_is_marked_from_half_of_the_heaviest_on() -> None:
    weighed = [(0, 3, 1.0), (4, 7, 2.0), (8, 11, 0.99), (12, 15, -3.0)]
    assert telling([((15, 15), weighed)]) == ((0, 3), (4, 7))
    assert telling([((15, 15), weighed)], least=0.0) == ((0, 3), (4, 7), (8, 11))


@pytest.mark.parametrize("weighed", [[], [(0, 3, 0.0)], [(0, 3, -1.0), (4, 5, -2.0)]])
def test_nothing_is_marked_where_no_word_speaks_for_the_label(weighed: list[tuple[int, int, float]]) -> None:
    assert telling([((9, 9), weighed)]) == ()


def test_a_span_covers_what_the_author_wrote() -> None:
    text = "انتَ حمـــــار ya ghaaaaby"
    (reading, *_) = normalise(text).readings
    heavy = [(start, end, 1.0) for start, end in words(reading.text) if reading.text[start:end] in {"حمار", "ghaby"}]
    assert len(heavy) == 2
    assert [text[start:end] for start, end in telling([(reading.offsets, heavy)])] == ["حمـــــار", "ghaaaaby"]


def test_readings_add_up_where_they_mean_the_same_characters() -> None:
    text = "enta ghaby awy"
    original, arabic = normalise(text).readings
    latin = list(zip(*zip(*words(original.text), strict=True), (0.3, 0.4, 0.45), strict=True))
    other = list(zip(*zip(*words(arabic.text), strict=True), (0.0, 0.6, 0.0), strict=True))
    spans = telling([(original.offsets, latin), (arabic.offsets, other)])
    assert [text[start:end] for start, end in spans] == ["ghaby"]
    assert [text[start:end] for start, end in telling([(original.offsets, latin)])] == ["enta", "ghaby", "awy"]


def test_letters_that_came_of_one_sign_are_one_span() -> None:
    # U+FDFA is one character for the author and four words for the model.
    (reading, *_) = normalise("ﷺ").readings
    heavy = [(start, end, 1.0) for start, end in words(reading.text)]
    assert len(heavy) == 4
    assert telling([(reading.offsets, heavy)]) == ((0, 1),)


def test_utf16_counts_code_units() -> None:
    text = "😂 يا حمار 😂 x"
    spans = [(2, 4), (5, 9), (12, 13)]
    units = text.encode("utf-16-le")
    found = utf16_spans(text, spans)
    assert [units[2 * start : 2 * end].decode("utf-16-le") for start, end in found] == ["يا", "حمار", "x"]
    assert found[0] == (3, 5)
    assert utf16_spans("plain", [(0, 5)]) == ((0, 5),)
    assert utf16_spans("حمار", [(0, 4)]) == ((0, 4),)
