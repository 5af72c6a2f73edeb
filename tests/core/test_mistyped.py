"""Comments full of slips: what their words are by their neighbours, and comments that only look mistyped."""

from __future__ import annotations

import pytest

from mahlan.core.draft import apply_edits, identity
from mahlan.core.lexicon import ARABIC, ENGLISH
from mahlan.core.normalise import normalise, to_original
from mahlan.core.steps.mistyped import mistyped_words
from mahlan.core.steps.slips import guesses, joined


def step(text: str) -> str:
    """What this step alone makes of a text."""
    change = mistyped_words(text)
    return text if change is None else apply_edits(text, identity(len(text)), list(change))[0]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("yu coud hvae told me that", "you could have told me that"),
        ("nobdy in this town wnts you hre", "nobody in this town wants you here"),
        ("keep deaming, people lke yu", "keep dreaming, people like you"),
        ("g o ba ck to yo ur vill age", "go back to your village"),
        ("nob*dy w*nts to s*e you", "nobody wants to see you"),
        ("th3 dumb3st on3 in my school", "the dumbest one in my school"),
        ("انلق مردسه تانيه, احان قرفنا من خلقتك كل يمو", "انقل مدرسه تانيه, احنا قرفنا من خلقتك كل يوم"),
        ("انت وال حاهج في المدسره", "انت ولا حاجه في المدرسه"),
        ("ا نت مش عار ف حاج ه", "انت مش عارف حاجه"),
    ],
)
def test_slips_that_bear_each_other_out_are_mended(typed: str, meant: str) -> None:
    assert step(typed) == meant


def test_neighbours_decide_between_two_words() -> None:
    assert step("yu are form the samll vilage") == "you are from the small village"
    assert step("fill the form and sign it") == "fill the form and sign it"


def test_a_form_of_a_common_word_is_guessed_too() -> None:
    assert "قعدتكم" in dict(guesses("قعددتكم", ARABIC))
    assert "قعدتكم" in dict(guesses("قدعتكم", ARABIC))
    assert guesses("xقعدتكم", ARABIC) == ()


@pytest.mark.parametrize(
    "text",
    [
        "you are from the city",
        "she drew pats on the wall",
        "commet allez vuos mon ami",
        "وحياتك و انت طالع و هي نازله",
        "هه هه يا صاحبي",
        "می\u200cخواهم یک کتاب",
        "*nobody* w*nts",
        "3 + 5 = 8, 50 and 500",
        "@yuo @coud http wrte",
        "",
    ],
)
def test_what_is_not_full_of_slips_stays(text: str) -> None:
    assert step(text) == text


def test_one_slip_alone_is_mended_only_where_nothing_else_can_be_meant() -> None:
    assert step("these g irls are loud") == "these girls are loud"
    assert step("these grls are loud") == "these girls are loud"
    assert step("i saw a grl there") == "i saw a grl there"


def test_a_star_needs_no_other_slip() -> None:
    assert step("you are an id*ot") == "you are an idiot"
    assert step("see the note* below") == "see the note* below"


def test_a_mended_word_leads_back_to_what_was_typed() -> None:
    text = "yu coud hvae told me that"
    reading = normalise(text).readings[0]
    at = reading.text.index("have")
    start, end = to_original(reading.offsets, at, at + 4)
    assert text[start:end] == "hvae"


@pytest.mark.parametrize(
    ("text", "disguises", "slips"), [("yu coud hvae told me that", 0, 3), ("yu c*uld hvae t*ld me and you", 2, 2)]
)
def test_only_signs_for_letters_count_as_disguises(text: str, disguises: int, slips: int) -> None:
    found = normalise(text)
    assert (found.disguises, found.slips) == (disguises, slips)


def test_guesses_are_common_words_one_slip_away_cheapest_first() -> None:
    found = dict(guesses("hvae", ENGLISH))
    assert next(iter(found)) == "have"
    assert len(found) <= 6
    assert guesses("ههه", ARABIC) == ()


def test_a_slip_that_makes_another_word_is_dearer() -> None:
    assert dict(guesses("form", ENGLISH))["from"] > dict(guesses("hvae", ENGLISH))["have"]


def test_pieces_join_and_particles_keep_to_themselves() -> None:
    assert joined("bo", "ok", ENGLISH) is not None
    assert joined("و", "انت", ARABIC) is None
    assert joined("the", "zxq", ENGLISH) is None
