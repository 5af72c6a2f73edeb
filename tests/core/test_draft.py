"""The offset map: edits, their composition, and the way back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mahlan.core.draft import Edit, all_to_original, apply_edits, compose, identity, to_original


def test_no_edit_keeps_the_identity() -> None:
    assert apply_edits("abc", identity(3), []) == ("abc", (3, 3))
    assert identity(0) == ()


def test_a_deletion_a_growth_and_a_swap() -> None:
    text, offsets = apply_edits("a-bcd", identity(5), [(1, 2, ""), (2, 3, "xyz"), (4, 5, "D")])
    assert text == "axyzcD"
    assert offsets == (1, 1, 0, 1, 3, 1, 2, 2)
    assert to_original(offsets, 0, 1) == (0, 1)
    assert to_original(offsets, 2, 3) == (2, 3)
    assert to_original(offsets, 0, 6) == (0, 5)


def test_an_edit_of_an_edit_points_at_the_first_text() -> None:
    text, offsets = apply_edits("see @anna now", identity(13), [(4, 9, "@user")])
    text, offsets = apply_edits(text, offsets, [(3, 4, "")])
    assert text == "see@user now"
    start, end = to_original(offsets, text.index("now"), len(text))
    assert "see @anna now"[start:end] == "now"
    assert to_original(offsets, 3, 8) == (4, 9)


def test_a_border_inside_a_fixed_piece_takes_all_of_it() -> None:
    _, offsets = apply_edits("xﷺy", identity(3), [(1, 2, "صلي الله")])
    assert to_original(offsets, 3, 4) == (1, 2)
    assert to_original(offsets, 0, 3) == (0, 2)


def test_deleted_ends_are_outside_the_span() -> None:
    _, offsets = apply_edits("  ab  ", identity(6), [(0, 2, ""), (4, 6, "")])
    assert offsets == (0, 2, 2, 2, 0, 2)
    assert to_original(offsets, 0, 2) == (2, 4)


def test_spans_out_of_range_are_clamped_and_empty_ones_stay_empty() -> None:
    assert to_original((3, 3), -5, 99) == (0, 3)
    assert to_original((3, 3), 2, 1) == (2, 2)
    assert to_original((), 0, 4) == (0, 0)


edits_on = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 4), st.text("xyz", max_size=4)), max_size=8)


def in_order(wanted: list[tuple[int, int, str]], length: int) -> list[Edit]:
    """Edits that do not overlap and never insert out of nothing."""
    made: list[Edit] = []
    border = 0
    for start, size, new in sorted(wanted):
        end = min(start + size, length)
        if start >= border and end > start:
            made.append((start, end, new))
            border = end
    return made


@given(st.text("abcdefgh", max_size=40), edits_on, edits_on, edits_on)
def test_composing_in_any_grouping_gives_the_same_way_back(
    text: str, first: list[tuple[int, int, str]], second: list[tuple[int, int, str]], third: list[tuple[int, int, str]]
) -> None:
    offsets, now = identity(len(text)), text
    for wanted in (first, second, third):
        now, offsets = apply_edits(now, offsets, in_order(wanted, len(now)))
        assert sum(offsets[::2]) == len(now)
        assert sum(offsets[1::2]) == len(text)
    for at, letter in enumerate(now):
        start, end = to_original(offsets, at, at + 1)
        if letter in "abcdefgh":
            assert letter in text[start:end]
    spans = [(at, at + 1) for at in range(len(now))]
    assert all_to_original(offsets, spans) == [to_original(offsets, *span) for span in spans]


@given(st.text("ab", max_size=20), edits_on, edits_on)
def test_compose_is_associative_with_application(
    text: str, first: list[tuple[int, int, str]], second: list[tuple[int, int, str]]
) -> None:
    middle, inner = apply_edits(text, identity(len(text)), in_order(first, len(text)))
    new, outer = apply_edits(middle, identity(len(middle)), in_order(second, len(middle)))
    assert apply_edits(middle, inner, in_order(second, len(middle))) == (new, compose(outer, inner))
