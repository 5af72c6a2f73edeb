"""How likely a word is where it stands."""

from __future__ import annotations

import pytest

from mahlan.core.context import BORDER, UNKNOWN, common_costs, follow_cost, key, word_cost
from mahlan.core.lexicon import ARABIC, ENGLISH
from mahlan.languages import read_bytes


@pytest.mark.parametrize(
    ("before", "likely", "unlikely"),
    [("you", "are", "is"), ("in", "the", "them"), ("مش", "عارف", "عرف"), ("كل", "يوم", "نوم")],
)
def test_words_are_likelier_where_people_write_them(before: str, likely: str, unlikely: str) -> None:
    assert follow_cost(before, likely) < follow_cost(before, unlikely)


def test_commoner_words_cost_less_and_no_word_costs_most() -> None:
    assert word_cost("the") < word_cost("ladder") < word_cost("xqzvkw") == UNKNOWN
    assert word_cost("في") < word_cost("حيوان") < word_cost("ضظغثذ") == UNKNOWN
    assert word_cost("id*ot") == UNKNOWN
    assert word_cost(BORDER) < word_cost("ladder")


def test_a_pair_nobody_wrote_costs_what_its_word_does_and_more() -> None:
    assert follow_cost("xqzvkw", "the") == word_cost("the")
    assert follow_cost("the", "xqzvkw") > word_cost("xqzvkw")


def test_costs_of_many_words_at_once() -> None:
    assert common_costs(("the", "xqzvkw"), ENGLISH) == {"the": word_cost("the")}
    assert common_costs(("ضظغثذ",), ARABIC) == {}


def test_the_table_is_small_and_holds_no_word() -> None:
    table = read_bytes("context.bin")
    assert 100_000 < len(table) < 600_000
    assert key("you", "are") != key("are", "you")
    assert b"idiot" not in table
