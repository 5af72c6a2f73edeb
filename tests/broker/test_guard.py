"""A producer with a guard: nothing leaves once the guard says no."""

from __future__ import annotations

import pytest

from mahlan.errors import BrokerError
from mahlan.runtime.broker import Outgoing, Partition


async def test_a_guard_lets_writes_out_until_it_says_no(stage):
    allowed = [True]
    producer = await stage.broker.producer(lambda: allowed[0])
    record = Outgoing(stage.topic, b"author", b"1", (), 0)
    await producer.send([record])
    allowed[0] = False
    with pytest.raises(BrokerError):
        await producer.send([record])
    allowed[0] = True
    await producer.send([record])
    assert len(await stage.broker.read_partition(Partition(stage.topic, 0))) == 2
    await producer.close()
