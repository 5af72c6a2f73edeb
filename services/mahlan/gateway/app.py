"""The gateway's process: HTTP in front, scores and decisions inside, Kafka behind. ``mahlan run gateway``.

``MODULES`` lists the groups of routes. A new group is a module with ``ROUTES`` in ``gateway/routes``, named there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from socket import socket
from typing import Any

from litestar import Litestar
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp

from mahlan.campaign_files import Campaigns, follow_campaigns
from mahlan.core.campaign import least_band
from mahlan.gateway import SERVICE
from mahlan.gateway.access import Access, LiveCors, check_loopback, check_scopes
from mahlan.gateway.answers import Answers
from mahlan.gateway.board.latest import Latest
from mahlan.gateway.board.source import open_source
from mahlan.gateway.checking import Checking, Keep
from mahlan.gateway.counting import Counting
from mahlan.gateway.decoding import BodyRequest
from mahlan.gateway.document import document_route
from mahlan.gateway.entrance import Entrance
from mahlan.gateway.gate import Gate
from mahlan.gateway.histories import Histories
from mahlan.gateway.keyring import open_keyring
from mahlan.gateway.outgoing import sending
from mahlan.gateway.parts import Parts
from mahlan.gateway.perspective.score_map import follow_score_map
from mahlan.gateway.pool import Pool
from mahlan.gateway.problems import answer_problem
from mahlan.gateway.routes import authors, board, checks, comments, moderations, outcomes, pages, perspective, stream
from mahlan.gateway.server import listen, serve
from mahlan.runtime.brakes import Brakes
from mahlan.runtime.logs import logger
from mahlan.runtime.metrics import Metrics
from mahlan.runtime.service import Runtime, run_service
from mahlan.runtime.settings import Settings
from mahlan.scoring.lineup import Lineup
from mahlan.scoring.loading import build_loader
from mahlan.scoring.swap import Swapper

MODULES = (checks, comments, outcomes, stream, authors, perspective, moderations, board, pages)

CAUGHT_UP_WITHIN = 5.0
"""Seconds the start waits for histories and brakes; without a broker the gateway answers without them."""

Clock = Callable[[], datetime]


def _now() -> datetime:
    return datetime.now(UTC)


def main(settings: Settings) -> None:
    """Run the gateway until SIGTERM."""
    run_service(SERVICE, settings, run, needs_broker=False)


async def run(runtime: Runtime, clock: Clock = _now, built: Callable[[Parts], None] = lambda _: None) -> None:
    """Answer until ``runtime.stop`` is set; ``built`` is shown the parts. Raises ``FatalError`` for the operator."""
    settings, metrics = runtime.settings, runtime.metrics
    check_loopback(settings)
    access = Access(open_keyring(settings, runtime.health, clock))
    loader = build_loader(settings)
    loaded = await asyncio.to_thread(loader.first)
    async with sending(runtime) as (outbox, sent):
        parts = build_parts(runtime, loaded.lineup, outbox.add, access, clock)
        pool, swap = parts.pool, settings.scorer_registry_poll
        swapper = Swapper(loader, pool, metrics, runtime.health, service=SERVICE, every=swap)
        swapper.begin(loaded.refused)
        del loaded  # or the first models would stay in memory for good, whoever serves
        built(parts)
        app = build_app(parts, access)
        try:
            with listen(settings) as taken:
                beside = [swapper.run(), access.run(), *_following(parts), _beat(runtime), sent()]
                await _with(_answer(runtime, parts, app, taken), beside)
        finally:
            swapper.close()
            pool.close()
            await parts.latest.close()


def _following(parts: Parts) -> Sequence[Coroutine[Any, Any, None]]:
    """What the parts take over while they work."""
    topics = [parts.histories.follow(parts.broker), parts.brakes.follow(parts.broker)]
    return [*topics, parts.score_map.run(), parts.campaign_files.run(), _compare(parts)]


def build_parts(runtime: Runtime, lineup: Lineup, keep: Keep, access: Access, clock: Clock) -> Parts:
    """What the routes work with."""
    settings, metrics = runtime.settings, runtime.metrics
    campaigns = follow_campaigns(settings, runtime.health, lambda now: _use(now, pool, metrics))
    pool = Pool(lineup, "medium", metrics, settings.gateway_queue, settings.gateway_patience)
    _use(campaigns.value, pool, metrics)
    histories, brakes, salt = Histories(metrics, clock), Brakes(metrics, SERVICE), settings.author_salt
    return Parts(
        settings=settings,
        broker=runtime.broker,
        metrics=metrics,
        pool=pool,
        histories=histories,
        brakes=brakes,
        checking=Checking(pool, histories, brakes, keep, campaigns, salt, metrics, clock, Answers()),
        keep=keep,
        is_active=access.is_active,
        clock=clock,
        stop=runtime.stop,
        campaign_files=campaigns,
        score_map=follow_score_map(settings.gateway_score_map, runtime.health),
        latest=Latest(open_source(settings), metrics, clock),
    )


def _use(campaigns: Campaigns, pool: Pool, metrics: Metrics) -> None:
    """From the next batch on the campaigns as their files are now."""
    pool.ask_from(least_band(campaigns.all.values()))
    metrics.campaign_info.clear()
    metrics.campaign_info.labels(SERVICE, campaigns.in_force.id, campaigns.in_force.version).set(1)


def routes() -> Sequence[HTTPRouteHandler]:
    """Every route."""
    return [handler for module in MODULES for handler in module.ROUTES]


def build_app(parts: Parts, access: Access) -> ASGIApp:
    """The ASGI application."""
    settings = parts.settings
    handlers, cors = routes(), LiveCors(access)
    app = Litestar(
        route_handlers=[*handlers, document_route(handlers)],
        guards=[access.guard],
        middleware=[Gate(settings.gateway_max_body, settings.gateway_timeout)],
        exception_handlers={Exception: answer_problem},
        request_class=BodyRequest,
        request_max_body_size=settings.gateway_max_body,
        cors_config=cors,
        state=State({"parts": parts}),
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    check_scopes(app)
    limits = {"concurrency": settings.gateway_concurrency, "streams": settings.gateway_streams}
    return Counting(Entrance(app, cors, limits, parts.pool.crowded, parts.metrics), parts.metrics)


async def _answer(runtime: Runtime, parts: Parts, app: ASGIApp, taken: socket) -> None:
    """Serve, once it is known what the other door has decided and which brakes are on, or that nobody can say now."""
    await asyncio.gather(parts.histories.wait_known(CAUGHT_UP_WITHIN), parts.brakes.wait_known(CAUGHT_UP_WITHIN))
    runtime.health.ready = True
    logger().info("ready", model=parts.pool.lineup.champion.name, port=taken.getsockname()[1])
    await serve(app, runtime.settings, taken, runtime.stop)


async def _beat(runtime: Runtime) -> None:
    """Show that the event loop turns."""
    while True:
        runtime.health.beat()
        await asyncio.sleep(1.0)


async def _compare(parts: Parts) -> None:
    """Say once where the site's map was fitted for another model than the one that serves."""
    told = None
    while True:
        pair = (parts.score_map.value.model, parts.pool.lineup.champion.name)
        if pair[0] and pair[0] != pair[1] and pair != told:
            logger().warning("score_map_of_another_model", model=pair[0])
            told = pair
        await asyncio.sleep(1.0)


async def _with(main: Coroutine[Any, Any, None], beside: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Run ``main`` to its end, the others beside it. If one fails all end: half a gateway must not look alive."""
    serving = asyncio.create_task(main)
    tasks = {serving, *map(asyncio.create_task, beside)}
    try:
        while not serving.done():
            done, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
