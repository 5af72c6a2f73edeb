"""What commands that meet a running system share: the settings of now, a broker for as long as a block lasts."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from mahlan.errors import BrokerError, FatalError

if TYPE_CHECKING:
    from mahlan.runtime.broker import Broker
    from mahlan.runtime.settings import Settings

T = TypeVar("T")


def settings_now() -> Settings:
    """The settings this process's environment gives."""
    from mahlan.runtime.settings import read_settings

    return read_settings(os.environ)


def with_broker(work: Callable[[Broker, Settings], Awaitable[T]]) -> T:
    """Run ``work`` against the Kafka of the settings."""
    import asyncio

    from mahlan.runtime.kafka import open_broker

    settings = settings_now()

    async def main() -> T:
        broker = open_broker(settings, "mahlan-cli")
        try:
            return await work(broker, settings)
        except BrokerError as error:
            raise unreachable(error, settings) from error
        finally:
            await broker.close()

    quiet_clients()
    return asyncio.run(main())


def unreachable(error: BrokerError, settings: Settings) -> FatalError:
    """The same error with what to do about it."""
    hint = "set KAFKA_BOOTSTRAP_SERVERS, or start one here with `mahlan broker start`"
    return FatalError(f"{error} (Kafka at {settings.bootstrap_servers}; {hint})")


def quiet_clients() -> None:
    """Silence aiokafka's log: it is for services, and a command says what is wrong in its own words."""
    import logging

    logging.getLogger("aiokafka").addHandler(logging.NullHandler())
