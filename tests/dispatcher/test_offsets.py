"""What may be committed while records finish out of order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mahlan.dispatcher.offsets import Offsets
from mahlan.runtime.broker import Partition, Record


def record(offset: int, partition: int = 0) -> Record:
    return Record("t", partition, offset, None, None)


PLACE = Partition("t", 0)


def test_only_an_unbroken_row_is_committed():
    offsets = Offsets()
    for offset in (5, 6, 9):
        offsets.start(record(offset))
    offsets.finish(record(6))
    assert offsets.take() == {}
    offsets.finish(record(5))
    assert offsets.take() == {PLACE: 7}
    assert offsets.take() == {}
    offsets.finish(record(9))
    assert offsets.take() == {PLACE: 10}


def test_a_partition_that_was_given_up_is_not_committed():
    offsets = Offsets()
    offsets.start(record(0))
    offsets.drop([PLACE])
    offsets.finish(record(0))
    assert offsets.take() == {}


@given(st.permutations(range(12)), st.integers(0, 12))
def test_nothing_is_committed_that_is_not_finished(order, done):
    offsets = Offsets()
    for offset in range(12):
        offsets.start(record(offset))
    for offset in order[:done]:
        offsets.finish(record(offset))
    finished = set(order[:done])
    expected = next(offset for offset in range(13) if offset not in finished)
    assert offsets.take().get(PLACE, 0) == expected
