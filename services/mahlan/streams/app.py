"""The Faust app that a service runs on, set up from our settings. Built by the normaliser and insights."""

from __future__ import annotations

from typing import Any

import faust
from yarl import URL

from mahlan.runtime.kafka import kafka_options
from mahlan.runtime.settings import Settings
from mahlan.streams.transport import Transport

#: Seconds between offset commits: what a killed worker's replacement does again at most.
COMMIT_INTERVAL = 1.0


def build_app(settings: Settings, service: str, group: str, datadir: str, **more: Any) -> faust.App:
    """The Faust app of a service: no web server of Faust's, no topics of its own. ``more`` are settings of Faust's."""
    first = settings.bootstrap_servers.split(",")
    app = faust.App(
        group,
        broker=[URL(f"kafka://{server.strip()}") for server in first],
        broker_credentials=_credentials(settings),
        broker_client_id=service,
        broker_session_timeout=settings.session_timeout,
        broker_heartbeat_interval=settings.heartbeat_interval,
        broker_commit_interval=COMMIT_INTERVAL,
        consumer_auto_offset_reset="earliest",
        topic_disable_leader=True,
        web_enabled=False,
        autodiscover=False,
        store="memory://",
        datadir=datadir,
        stream_buffer_maxsize=4096,
        cython_optimizations=True,
        **more,
    )
    app.transport = Transport(app.conf.broker_consumer, app, loop=app.loop)
    return app


def _credentials(settings: Settings) -> Any:
    protocol = settings.kafka_security_protocol
    if protocol == "PLAINTEXT":
        return None
    context = kafka_options(settings).tls() if protocol.endswith("SSL") else None
    if protocol == "SSL":
        return faust.SSLCredentials(context)
    return faust.SASLCredentials(
        username=settings.kafka_username,
        password=settings.kafka_password,
        mechanism=settings.kafka_sasl_mechanism,
        ssl_context=context,
    )
