"""Murmur2 against the vectors of Apache Kafka's own UtilsTest, and against aiokafka's partitioner."""

from __future__ import annotations

import pytest
from aiokafka.partitioner import murmur2 as aiokafka_murmur2
from hypothesis import given
from hypothesis import strategies as st

from mahlan.errors import OversizeError
from mahlan.runtime.broker import Outgoing
from mahlan.runtime.partitioner import Placement, murmur2, partition_for, record_bytes


@pytest.mark.parametrize(
    ("key", "signed"),
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_the_vectors_of_apache_kafka(key: bytes, signed: int) -> None:
    assert murmur2(key) == signed % 2**32


@given(st.binary(max_size=70), st.integers(1, 100))
def test_the_same_as_aiokafka(key: bytes, count: int) -> None:
    assert murmur2(key) == aiokafka_murmur2(key)
    assert partition_for(key, count) == (aiokafka_murmur2(key) & 0x7FFFFFFF) % count


@given(st.lists(st.tuples(st.one_of(st.none(), st.binary(max_size=4)), st.integers(0, 9)), max_size=40))
def test_every_record_is_placed_once_and_in_order(records: list[tuple[bytes | None, int]]) -> None:
    outgoing = [Outgoing("t", key, bytes([value])) for key, value in records]
    placed = Placement().place(outgoing, {"t": 3}, {"t": 1000})
    assert sorted(index for indexes in placed.values() for index in indexes) == list(range(len(records)))
    assert all(indexes == sorted(indexes) for indexes in placed.values())


def test_headers_count_towards_the_size_of_a_record() -> None:
    record = Outgoing("t", b"k", b"v", (("name", b"x" * 500),))
    assert record_bytes(record) > 500
    with pytest.raises(OversizeError):
        Placement().place([record], {"t": 1}, {"t": 400})
