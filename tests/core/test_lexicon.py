"""The table of common words: what is known, how common it is, and how letters run together are cut into words."""

from __future__ import annotations

import math

import pytest

from mahlan.core.borders import borders
from mahlan.core.lexicon import (
    ARABIC,
    ARABIZI,
    ENGLISH,
    inflected_rank,
    is_known,
    kind_of_latin,
    lexicon,
    rank,
    ranks,
)


@pytest.mark.parametrize(
    ("kind", "commoner", "rarer"), [(ENGLISH, "the", "ladder"), (ARABIC, "في", "حيوان"), (ARABIZI, "enta", "7ayawan")]
)
def test_common_words_come_first(kind: str, commoner: str, rarer: str) -> None:
    assert rank(kind, commoner) < rank(kind, rarer) < math.inf


def test_what_nobody_writes_has_no_rank() -> None:
    assert rank(ENGLISH, "xqzvkw") == math.inf
    assert ranks(ENGLISH, ["xqzvkw", "the"]) == {"the": rank(ENGLISH, "the")}


def test_few_made_up_words_pass_for_common_ones() -> None:
    """Hundreds of guesses are looked up for a word: chance finds would make words up."""
    letters = "bcdfghjkqvwxz"
    made = (f"{a}{b}{c}{d}{e}x" for a in letters for b in letters for c in letters for d in letters for e in letters)
    assert len(ranks(ENGLISH, made)) < 3


def test_the_table_holds_what_it_says() -> None:
    assert {kind: len(known) for kind, known in lexicon().ranks.items()}.keys() == {ARABIC, ENGLISH, ARABIZI}
    assert all(len(known) > 5_000 for known in lexicon().ranks.values())
    assert len(lexicon().kept) > 5_000


@pytest.mark.parametrize(
    "word", ["the", "idiot", "fiends", "غبي", "وبالمدرسه", "هيتكسفوا", "7ayawan", "url", "12", "5km", "!"]
)
def test_words_are_known(word: str) -> None:
    assert is_known(word)


@pytest.mark.parametrize("word", ["idoit", "diot", "متخفل", "7ayawna", "q"])
def test_what_is_no_word_is_not_known(word: str) -> None:
    assert not is_known(word)


def test_a_form_is_rarer_than_its_word() -> None:
    assert rank(ARABIC, "مدرسه") < inflected_rank("ومدرسهم") < math.inf
    assert inflected_rank("ضظغثذ") == math.inf


@pytest.mark.parametrize(
    ("letters", "cut"),
    [
        ("ifeelsad", (1, 5)),
        ("idiot", ()),
        ("youarefat", (3, 6)),
        ("wkalam", (1,)),
        ("zqxvwk", ()),
        ("a" * 200, ()),
        ("كارتشحن", (4,)),
        ("doolma3andohomsh", (4, 6, 14)),
        ("zqxvwkfriend", (6,)),
    ],
)
def test_letters_run_together_are_cut_into_words(letters: str, cut: tuple[int, ...]) -> None:
    assert borders(letters) == cut


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("you are my best friend", ENGLISH),
        ("enta 3aref ana mesh fahem", ARABIZI),
        ("idoit", ENGLISH),
        ("ceci nest pas une pipe", ""),
    ],
)
def test_the_words_around_say_what_latin_letters_spell(text: str, kind: str) -> None:
    assert kind_of_latin(text.split()) == kind
