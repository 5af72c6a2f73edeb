"""How many words of a text were hidden from a filter: what the normaliser undid, and nothing else."""

from __future__ import annotations

import pytest

from mahlan.core.normalise import normalise


@pytest.mark.parametrize(
    ("text", "disguises"),
    [
        ("you are an idiot", 0),
        ("you are an id*ot", 1),
        ("you are an 1d1ot", 1),
        ("you are an і\u0501iоt", 1),  # with Cyrillic letters
        ("you are an id*ot and an 1d1ot", 2),
        ("Sooooo nice!!! 😂😂 حلو😂اوي", 0),
        ("ya 7omar enta mabtefhamsh", 0),  # Arabizi is no disguise
        ("انت غبي", 0),
        ("غ😂بي", 1),
        ("ل3بة حلوة", 1),
        ("عام2011 كان جميل", 0),
        ("idiiot, idoit, thsi is teh end", 0),  # typing errors look the same
    ],
)
def test_places_at_which_a_word_was_hidden(text, disguises):
    assert normalise(text).disguises == disguises


def test_letters_apart_are_hidden_at_every_gap():
    assert normalise("you i d i o t").disguises == 4


def test_normalising_a_reading_again_finds_none():
    assert normalise(normalise("you are an id*ot").readings[0].text).disguises == 0
