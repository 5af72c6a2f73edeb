"""What a public table tells: every small table is tried, by a reader who knows how it was made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahlan.core.suppression import LEAST, Shown, show, show_table

Table = tuple[int, ...]
TABLES = st.lists(st.integers(0, 100_000) | st.integers(0, 25), max_size=40)


def tables(size: int, most: int) -> Iterator[Table]:
    """Every table of a size whose total is at most so much."""
    if size == 0:
        yield ()
        return
    for first in range(most + 1):
        for rest in tables(size - 1, most - first):
            yield (first, *rest)


@pytest.mark.parametrize(
    ("least", "size", "most"), [(3, 1, 60), (3, 2, 60), (3, 3, 42), (4, 3, 48), (2, 4, 24), (3, 4, 26)]
)
def test_whoever_knows_the_rule_and_the_table_cannot_tell_a_small_count(least: int, size: int, most: int) -> None:
    same: dict[Shown, list[Table]] = defaultdict(list)
    for cells in tables(size, most):
        same[show_table(cells, sum(cells), least)].append(cells)
    for shown, behind in same.items():
        if shown.total is not None and shown.total + least > most:
            continue  # not every table that looks so was tried
        for place in (place for place, count in enumerate(shown.cells) if count is None):
            possible = {cells[place] for cells in behind}
            assert min(possible) >= least or len(possible) > 1, (shown, place)


def test_that_would_be_found() -> None:
    """Without the complement the small count is the total less the rest."""

    def plain(cells: Sequence[int], least: int) -> tuple[int | None, ...]:
        return (*(cell if cell >= least else None for cell in cells), sum(cells))

    possible = {cells[2] for cells in tables(3, 30) if plain(cells, 3) == (7, 9, None, 18)}
    assert possible == {2}
    assert show_table((7, 9, 2), 18, 3) == Shown((None, 9, None), 18)


@given(TABLES)
def test_nothing_small_is_shown_and_nothing_exact(cells: list[int]) -> None:
    shown = show_table(cells, sum(cells))
    for count, true in zip((*shown.cells, shown.total), (*cells, sum(cells)), strict=True):
        assert count is None or (count >= LEAST and count % LEAST == 0 and count <= true < count + LEAST)
        assert true >= LEAST or count is None


@given(TABLES)
def test_one_hidden_count_is_never_alone(cells: list[int]) -> None:
    shown = show_table(cells, sum(cells))
    assert shown.cells.count(None) != 1 or (len(cells) == 1 and shown.total is None)


@given(TABLES, st.lists(st.integers(0, 9), min_size=40, max_size=40))
def test_two_looks_differ_by_nothing_or_by_many(cells: list[int], more: list[int]) -> None:
    later = [cell + grown for cell, grown in zip(cells, more, strict=False)]
    before, after = show_table(cells, sum(cells)), show_table(later, sum(later))
    for one, other in zip((*before.cells, before.total), (*after.cells, after.total), strict=True):
        assert one is None or other is None or other - one == 0 or other - one >= LEAST


@given(st.lists(st.integers(LEAST, 100_000), max_size=40))
def test_where_nothing_is_small_nothing_is_hidden(cells: list[int]) -> None:
    assert None not in show_table(cells, sum(cells)).cells


@given(TABLES)
def test_what_is_hidden_beside_the_small_ones_is_the_smallest_of_the_rest(cells: list[int]) -> None:
    shown = show_table(cells, sum(cells))
    taken = [cell for cell, count in zip(cells, shown.cells, strict=True) if cell >= LEAST and count is None]
    kept = [count for count in shown.cells if count is not None]
    assert not taken or not kept or max(taken) < min(kept) + LEAST


def test_examples() -> None:
    assert show_table([5000, 300, 3, 0], 5303) == Shown((5000, 300, None, None), 5300)
    assert show_table([5000, 3], 5003) == Shown((None, None), 5000)
    # Nine each: the total would tell that none can be less.
    assert show_table([9, 9, 9, 9], 36) == Shown((None, None, None, None), None)
    assert show_table([], 40) == Shown((), 40)
    assert (show(None), show(9), show(10), show(1234)) == (None, None, 10, 1230)


def test_a_negative_count_is_an_error() -> None:
    with pytest.raises(ValueError, match="negative"):
        show_table([12, -1], 11)
