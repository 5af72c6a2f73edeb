"""``mahlan campaigns brakes``, ``release`` and ``pause``: what holds a campaign back, and a person's word on it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from mahlan.cli.examples import Command
from mahlan.cli.output import json_option, show_rows
from mahlan.errors import FatalError

if TYPE_CHECKING:
    from mahlan.events.brake import BrakeLevel, BrakeSet
    from mahlan.runtime.brakes import Key
    from mahlan.runtime.broker import Broker

#: The ``ce_source`` of what a person sets.
SOURCE = "mahlan/cli"
#: Characters that ``BrakeSet.reason`` takes; written here too, so that help needs no import of the contract.
MOST_REASON = 300
NO_BRAKE = "no brake is on: every campaign asks in all its languages as its file says"

language_option = click.option(
    "--language", "languages", metavar="TAG", multiple=True, required=True, help="Such as arz. May be given again."
)


def _check_reason(_: click.Context, __: click.Parameter, reason: str) -> str:
    if not 0 < len(reason.strip()) <= MOST_REASON:
        raise click.BadParameter(f"say why in 1 to {MOST_REASON} characters")
    return reason.strip()


reason_option = click.option(
    "--reason", metavar="TEXT", required=True, callback=_check_reason, help="Why, for whoever looks at it later."
)


@click.command("brakes", cls=Command, examples=("mahlan campaigns brakes", "mahlan campaigns brakes --all --json"))
@click.option("--all", "every", is_flag=True, help="Those that were released too.")
@json_option
def brakes(every: bool, as_json: bool) -> None:
    """List the brakes that are on, and why: by campaign and language.

    raised: people are asked from one band higher on. paused: nobody is asked. Either stays until a person releases it.
    """
    known = _with_brakes(lambda found: found)
    rows = [_row(brake) for _, brake in sorted(known.items()) if every or brake.level != "released"]
    show_rows(rows, as_json=as_json, title="brakes", empty=NO_BRAKE)


@click.command(
    "release",
    cls=Command,
    examples=('mahlan campaigns release fakkar-eg --language arz --reason "fast@2 knows this greeting"',),
)
@click.argument("campaign")
@language_option
@reason_option
@json_option
def release(campaign: str, languages: tuple[str, ...], reason: str, as_json: bool) -> None:
    """Release the brake of CAMPAIGN in a language.

    People are asked again as its file says; gateways and dispatchers follow within a second. The budget begins anew:
    only nudges shown from now on count.
    """

    def due(known: dict[Key, BrakeSet]) -> list[BrakeSet]:
        return [_released(campaign, language, reason, known) for language in dict.fromkeys(languages)]

    _set(due, as_json=as_json)


@click.command(
    "pause",
    cls=Command,
    examples=('mahlan campaigns pause fakkar-eg --language arz --reason "it asks about a song of the day"',),
)
@click.argument("campaign")
@language_option
@reason_option
@json_option
def pause(campaign: str, languages: tuple[str, ...], reason: str, as_json: bool) -> None:
    """Pause CAMPAIGN in a language at once.

    Nobody is asked in it until somebody releases it; gateways and dispatchers follow within a second. To stop it in
    every language write active = false into its file.
    """
    for language in languages:
        _check_language(campaign, language)

    def due(_: dict[Key, BrakeSet]) -> list[BrakeSet]:
        return [_by_person(campaign, language, "paused", reason) for language in dict.fromkeys(languages)]

    _set(due, as_json=as_json)


def _with_brakes(work: Callable[[dict[Key, BrakeSet]], Any]) -> Any:
    from mahlan.cli.runtime import with_broker

    return with_broker(lambda broker, _: read_all(broker, work))


async def read_all(broker: Broker, work: Callable[[dict[Key, BrakeSet]], Any]) -> Any:
    """What ``work`` makes of the brakes as they are now. Raises ``FatalError`` where there is no topic for them."""
    from mahlan.events.topics import BRAKES
    from mahlan.runtime.brakes import read_brakes

    if not await broker.partitions(BRAKES.name):
        raise FatalError(f"Kafka has no topic {BRAKES.name}: create it with `mahlan topics create`")
    return work(await read_brakes(broker))


def _set(due: Callable[[dict[Key, BrakeSet]], list[BrakeSet]], *, as_json: bool) -> None:
    """Write what is due by what is known now, and show it."""
    from mahlan.cli.runtime import with_broker

    async def write(broker: Broker) -> list[BrakeSet]:
        from mahlan.runtime.brakes import brake_record

        told: list[BrakeSet] = await read_all(broker, due)
        producer = await broker.producer()
        try:
            await producer.send([brake_record(brake, SOURCE) for brake in told])
        finally:
            await producer.close()
        return told

    told = with_broker(lambda broker, _: write(broker))
    show_rows([_row(brake) for brake in told], as_json=as_json, title="set")


def _released(campaign: str, language: str, reason: str, known: dict[Key, BrakeSet]) -> BrakeSet:
    """Raises ``FatalError`` where there is nothing to release."""
    brake = known.get((campaign, language))
    if brake is None or brake.level == "released":
        on = [f"{name} in {tag}" for (name, tag), one in sorted(known.items()) if one.level != "released"]
        raise FatalError(f"no brake of {campaign} is on in {language}; on are: {', '.join(on) or 'none'}")
    return _by_person(campaign, language, "released", reason)


def _by_person(campaign: str, language: str, level: BrakeLevel, reason: str) -> BrakeSet:
    from datetime import UTC, datetime

    from mahlan.events.brake import BrakeSet

    return BrakeSet(
        campaign=campaign,
        language=language,
        level=level,
        code="person",
        reason=reason,
        set_at=datetime.now(UTC),
        set_by="person",
    )


def _check_language(campaign: str, language: str) -> None:
    """A slip of the pen must not be a pause that holds nothing. Raises ``FatalError`` naming what there is."""
    from mahlan.campaign_files import load_campaigns
    from mahlan.cli.runtime import settings_now

    campaigns = load_campaigns(settings_now())
    if campaign not in campaigns:
        raise FatalError(f"no campaign {campaign} in the campaigns folder; there are: {', '.join(campaigns) or 'none'}")
    found = campaigns[campaign]
    known = dict.fromkeys((*found.languages, *found.nudge.band_by_language, "mixed"))
    if language not in known and re.sub(r"-[A-Z]{2}$", "", language) not in known:  # a country's: ar-MA
        raise FatalError(f"{campaign} asks nobody in {language}; its languages are: {', '.join(known)}")


def _row(brake: BrakeSet) -> dict[str, Any]:
    return {
        "campaign": brake.campaign,
        "language": brake.language,
        "brake": brake.level,
        "set_at": brake.set_at.isoformat(timespec="seconds"),
        "set_by": brake.set_by,
        "code": brake.code,
        "shown": brake.shown,
        "disputed": brake.disputed,
        "rate": brake.rate,
        "allowed": brake.allowed,
        "reason": brake.reason,
    }
