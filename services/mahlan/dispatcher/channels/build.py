"""From the settings to the channels they name. A new channel is one line in ``BUILDERS``; see ``docs/channels.md``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from mahlan.dispatcher.channels.channel import Channel
from mahlan.dispatcher.channels.kafka import KafkaChannel
from mahlan.dispatcher.channels.log import LogChannel
from mahlan.errors import SettingsError
from mahlan.runtime.broker import Broker
from mahlan.runtime.settings import Settings

Builder = Callable[[Settings, Broker, str], Awaitable[Channel]]


async def _log(_settings: Settings, _broker: Broker, _source: str) -> Channel:
    return LogChannel()


async def _kafka(settings: Settings, broker: Broker, source: str) -> Channel:
    return KafkaChannel(await broker.producer(), settings.delivered_topic, source)


async def _webhook(settings: Settings, _broker: Broker, _source: str) -> Channel:
    from mahlan.dispatcher.channels.webhook import WebhookChannel  # aiohttp takes 300 ms to import

    return WebhookChannel(
        settings.webhook_url,
        _listed(settings.webhook_secrets),
        timeout=settings.webhook_timeout,
        allow_private=settings.webhook_allow_private,
    )


BUILDERS: Mapping[str, Builder] = {"log": _log, "webhook": _webhook, "kafka": _kafka}


async def build_channels(settings: Settings, broker: Broker, source: str) -> list[Channel]:
    """The channels of ``MAHLAN_CHANNELS``, each once. Raises ``SettingsError``; none at all is allowed."""
    names = dict.fromkeys(_listed(settings.channels))
    for name in names:
        if name not in BUILDERS:
            raise SettingsError(f"MAHLAN_CHANNELS: no channel is called {name!r}; there are {', '.join(BUILDERS)}")
    return [await BUILDERS[name](settings, broker, source) for name in names]


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
