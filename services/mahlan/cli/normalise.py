"""``mahlan normalise``: what the normaliser reads in each text, without Kafka."""

from __future__ import annotations

from typing import Any

import click
import orjson

from mahlan.cli.examples import Command
from mahlan.cli.lines import Good, Handler
from mahlan.cli.output import jobs_option
from mahlan.errors import RecordError


@click.command("normalise", cls=Command, examples=('echo \'{"id": 1, "text": "7abiby ya basha"}\' | mahlan normalise',))
@jobs_option
def command(jobs: int | None) -> int:
    """Normalise lines of {"id", "text"} from standard input.

    One line of JSON out for each line in, in the same order: readings (each with its offsets into the text as
    written), language, script, runs of languages, hashtags, mentions, URLs and signals. A line that cannot be
    read becomes {"id" or "line", "error"} in its place, and the exit status is 1.
    """
    from mahlan.cli.batch import run_batch

    return run_batch(build_normaliser, jobs)


def build_normaliser() -> Handler:
    """The handler, in whichever process."""
    from mahlan.core.normalise import normalise

    def work(rows: list[Good]) -> list[bytes | RecordError]:
        return [orjson.dumps(described(row.id, normalise(row.text))) for row in rows]

    return work


def described(identity: bytes, found: Any) -> dict[str, Any]:
    """The line of output for one normalised text."""
    from mahlan.core.signals import find_signals

    return {
        "id": orjson.Fragment(identity),
        "language": found.language,
        "script": found.script,
        "readings": found.readings,
        "runs": [(run.start, run.end, run.language) for run in found.runs],
        "hashtags": found.hashtags,
        "mentions": found.mentions,
        "urls": found.urls,
        "signals": find_signals(reading.text for reading in found.readings),
        "length": found.length,
        **({"truncated": True} if found.truncated else {}),
    }
