"""Arabizi in Arabic letters: exact words and character errors against invented pairs, and the rules one by one."""

from __future__ import annotations

from pathlib import Path

import pytest

from mahlan.core.arabizi import MOST_RANKED, arabic_reading, transliterate
from mahlan.core.draft import identity, to_original
from mahlan.core.latin import arabizi_words, skeleton
from mahlan.core.normalise import normalise
from mahlan.core.spelling import plain_spelling
from mahlan.core.steps.letters import arabic_letters

GOLDEN = Path(__file__).parent.parent / "golden"


def pairs(name: str) -> list[tuple[str, str]]:
    lines = (GOLDEN / name).read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return [(latin, folded(arabic)) for latin, arabic, _ in rows]


def folded(arabic: str) -> str:
    changed = arabic_letters(arabic)
    return changed if isinstance(changed, str) else arabic


def distance(left: str, right: str) -> int:
    """Edits (Levenshtein) between two words."""
    row = list(range(len(right) + 1))
    for at, mine in enumerate(left, 1):
        before, row[0] = row[0], at
        for to, theirs in enumerate(right, 1):
            before, row[to] = row[to], min(row[to] + 1, row[to - 1] + 1, before + (mine != theirs))
    return row[-1]


def measured(name: str) -> tuple[float, float]:
    """(share of exact words, character error rate)."""
    found = [(transliterate(latin), arabic) for latin, arabic in pairs(name)]
    exact = sum(mine == theirs for mine, theirs in found) / len(found)
    return exact, sum(distance(*pair) for pair in found) / sum(len(arabic) for _, arabic in found)


def test_known_pairs_are_mostly_exact() -> None:
    assert len(pairs("arabizi_words.tsv")) >= 60
    exact, errors = measured("arabizi_words.tsv")
    assert exact >= 0.89
    assert errors <= 0.04


def test_unseen_pairs_are_mostly_exact_or_close() -> None:
    assert len(pairs("arabizi_unseen.tsv")) >= 40
    exact, errors = measured("arabizi_unseen.tsv")
    assert exact >= 0.75
    assert errors <= 0.08


def test_the_list_is_long_and_folded() -> None:
    words = arabizi_words()
    assert len(set(words.values())) >= 200
    assert all(folded(arabic) == arabic for arabic in words.values())
    assert all(latin == latin.lower() and latin.isascii() for latin in words)


@pytest.mark.parametrize(
    ("one", "other"),
    [("7abibi", "7abiby"), ("3arabeya", "3arabya"), ("momken", "mumkin"), ("kteer", "ktir"), ("khalas", "5alas")],
)
def test_spellings_of_one_word_meet(one: str, other: str) -> None:
    assert transliterate(one) == transliterate(other)


@pytest.mark.parametrize(
    ("one", "other"), [("ghaby", "8aby"), ("5amsa", "khamsa"), ("kollo", "kolo"), ("shafet", "chafet")]
)
def test_skeletons_leave_out_what_varies(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(
    ("latin", "arabic"),
    [
        ("elbeet", "البيت"),  # the house
        ("welbent", "والبنت"),  # and the girl
        ("so7abak", "صحابك"),  # your friends
        ("kalbak", "كلبك"),  # your dog
        ("madrasty", "مدرستي"),  # my school: ta marbuta opens before a pronoun
        ("mabsooteen", "مبسوطين"),  # happy (plural)
    ],
)
def test_articles_and_pronouns_go_onto_known_words(latin: str, arabic: str) -> None:
    assert transliterate(latin) == arabic


@pytest.mark.parametrize(("digit", "letter"), [("3", "ع"), ("5", "خ"), ("6", "ط"), ("7", "ح"), ("8", "غ"), ("9", "ص")])
def test_digits_are_letters(digit: str, letter: str) -> None:
    assert letter in transliterate(f"ba{digit}oop")


@pytest.mark.parametrize(
    ("digitless", "digits"),
    [("maaya", "ma3aya"), ("omry", "3omry"), ("beyool", "bey2ool"), ("taala", "ta3ala"), ("yerouh", "yerou7")],
)
def test_writers_without_digits_are_read_like_the_others(digitless: str, digits: str) -> None:
    assert transliterate(digitless) == transliterate(digits)


def test_who_types_a_3_leaves_no_ayn_out() -> None:
    read = [
        arabic_reading(text, identity(len(text)), spans).text
        for text, spans in (
            ("ana bamel", [(0, 3), (4, 9)]),  # I do
            ("3ana bamel", [(0, 4), (5, 10)]),
        )
    ]
    assert ["ع" in text.split()[1] for text in read] == [True, False]


def test_vowels_left_out_are_put_back_where_that_makes_a_word() -> None:
    # he revises, your fridge, I help you, streets
    found = [transliterate(word) for word in ("byzkr", "tlgtk", "bs3dk", "4wr3")]
    assert found == ["بيذاكر", "تلاجتك", "بساعدك", "شوارع"]


def test_arabic_reading_keeps_the_rest_and_leads_back() -> None:
    text = "omg el beet da 7elw 5:30"
    reading = arabic_reading(text, identity(len(text)), [(4, 6), (7, 11), (12, 14), (15, 19)])
    assert reading.text == "omg البيت ده حلو 5:30"
    at = reading.text.index("حلو")
    start, end = to_original(reading.offsets, at, at + 3)
    assert text[start:end] == "7elw"
    at = reading.text.index("البيت")
    assert to_original(reading.offsets, at, at + 5) == (4, 11)


def test_an_article_before_an_english_word_stays_apart() -> None:
    text = "el weekend da"
    assert arabic_reading(text, identity(len(text)), [(0, 2), (11, 13)]).text == "ال weekend ده"


def test_very_long_texts_are_spelled_letter_by_letter_in_the_end() -> None:
    words = ["gamilo"] * (MOST_RANKED + 1)
    text = " ".join(words)
    spans = [(at * 7, at * 7 + 6) for at in range(len(words))]
    read = arabic_reading(text, identity(len(text)), spans).text.split()
    assert read[0] == transliterate("gamilo")
    assert read[-1] == plain_spelling("gamilo")


def test_a_comment_in_arabizi_gets_a_second_reading_and_others_do_not() -> None:
    kinds = {text: [reading.kind for reading in normalise(text).readings] for text in ("enta 8aby", "you fool", "انت")}
    assert kinds == {"enta 8aby": ["original", "arabic"], "you fool": ["original"], "انت": ["original"]}


@pytest.mark.parametrize("word", ["7", "x", "3" * 40, "zzzzzz", "w", "a'b", "2a2", "é", "7'"])
def test_any_word_has_a_spelling(word: str) -> None:
    assert transliterate(word)
