"""Words that a filter should not see and a reader does, and words that only look so. See also the golden evasions."""

from __future__ import annotations

import pytest

from mahlan.core.normalise import normalise, to_original


def read(text: str) -> str:
    return normalise(text).readings[0].text


@pytest.mark.parametrize(
    ("hidden", "meant"),
    [
        ("an id*ot", "an idiot"),
        ("id.ot", "idiot"),
        ("غ*ي", "غبي"),
        ("you are an id iot", "you are an idiot"),
        ("th e b est", "the best"),
        ("ya 7ay awan", "ya 7ayawan"),
        ("such an idoit", "such an idiot"),
        ("such an idiiot", "such an idiot"),
        ("such an idot", "such an idiot"),
        ("انت متخفل", "انت متخلف"),
        ("حيووان", "حيوان"),
        ("ل3بة", "لعبه"),
        ("كل0", "كل0"),  # 0 of them, as likely
    ],
)
def test_a_disguise_is_seen_through(hidden: str, meant: str) -> None:
    assert read(hidden) == meant


@pytest.mark.parametrize(
    "text",
    [
        "first_name", "note* of mine", "*one two*", "2 * 3", "yes? no.", "etc.but",
        "a way", "a lone wolf", "may be", "some one", "el beet", "w enta", "ha ha ha", "trip s",
        "karim sobhy", "cest le pont", "3eesh", "the fiends",
        "يمسكك", "ديننا", "ممتع", "شبعان", "عمالين", "الزير", "هه هه", "عام2011", "3مرات",
    ],
)  # fmt: skip
def test_what_is_no_disguise_stays(text: str) -> None:
    assert read(text) == text


@pytest.mark.parametrize(
    ("text", "word", "behind"),
    [
        ("an id iot!", "idiot", "id iot"),
        ("an id*ot!", "idiot", "id*ot"),
        ("an idoit!", "idiot", "idoit"),
        ("an idiiot!", "idiot", "idiiot"),
        ("an idot!", "idiot", "idot"),
        ("يا حيووان.", "حيوان", "حيووان"),
        ("y o u a r e", "are", "a r e"),
    ],
)
def test_a_disguised_word_leads_back_to_all_of_it(text: str, word: str, behind: str) -> None:
    reading = normalise(text).readings[0]
    at = reading.text.index(word)
    start, end = to_original(reading.offsets, at, at + len(word))
    assert text[start:end] == behind


@pytest.mark.parametrize(
    ("hidden", "meant"),
    [
        ("y0u w3re r!ght, g3t th3m h3r", "you were right, get them her"),
        ("tw0 @nd w3 @re fr3e", "two and we are free"),
        ("mesh h@t3tn@z31 y0um tany", "mesh hatetnazel youm tany"),
        ("enta k0w3y3$ w f@d31 el m@w@333n", "enta koweyes w fadel el mawa3een"),
        ("d1nk0m w 3@13h@ mesh k010", "dinkom w 3aleha mesh kolo"),
        ("ك1نوا كل0م 0ن1، صفقو1 كل0", "كانوا كلهم هنا, صفقوا كله"),
        ("من 1لي قال ب0ذ1 1لكل1م", "من الي قال بهذا الكلام"),
    ],
)
def test_one_hidden_word_makes_its_neighbours_doubtful(hidden: str, meant: str) -> None:
    assert read(hidden) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("y0u owe me 100k and 50$ by the 2nd", "you owe me 100k and 50$ by the 2nd"),
        ("@way y0u all go", "@user you all go"),
        ("3nt@ k@man 50$ w 100$ ma3ak", "enta kaman 50$ w 100$ ma3ak"),
        ("ك1ن عام2011 3مرات", "كان عام2011 3مرات"),
        ("th3 g3t", "th3 g3t"),  # nothing between letters but an Arabizi digit
    ],
)
def test_numbers_money_and_handles_stay_among_hidden_words(text: str, meant: str) -> None:
    assert read(text) == meant


def test_a_handle_is_masked_even_where_an_at_sign_can_be_a_letter() -> None:
    assert read("@way and @anna@bob but w@y") == "@user and @user@bob but way"


@pytest.mark.parametrize("word", ["рот", "και", "тут"])
def test_foreign_words_among_their_own_stay(word: str) -> None:
    assert read(f"{word} привет") == f"{word} привет"


@pytest.mark.parametrize(("dressed", "latin"), [("уоυ ոееԁ", "you need"), ("ѕсаrу һарру", "scary happy")])
def test_words_of_look_alikes_alone_are_read(dressed: str, latin: str) -> None:
    assert read(dressed) == latin
