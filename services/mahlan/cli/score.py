"""``mahlan score``: scores and a verdict for each text, without Kafka."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click
import orjson

from mahlan.cli.examples import Command
from mahlan.cli.lines import Good, Handler
from mahlan.cli.output import jobs_option
from mahlan.errors import RecordError

if TYPE_CHECKING:
    from mahlan.events.comment import Band
    from mahlan.scoring.served import Found


@click.command(
    "score",
    cls=Command,
    examples=(
        "mahlan score < comments.jsonl > scores.jsonl",
        'echo \'{"id": 1, "text": "what a lovely day"}\' | mahlan score',
    ),
)
@click.option("--model", metavar="NAME@VERSION", help="Default: the one that the scorer would serve.")
@jobs_option
def command(model: str | None, jobs: int | None) -> int:
    """Score lines of {"id", "text"} from standard input.

    One line of JSON out for each line in, in the same order: {"id", "language", "scores", "verdict", "spans", "model"}.
    Spans are the words the verdict rests on, [start, end) in characters of the text as written, from the band on in
    which the campaign asks. The model is the one that decided: in a cascade, the fast or the accurate one. A line that
    cannot be scored becomes {"id" or "line", "error"} in its place, and the exit status is 1.
    """
    from mahlan.cli.batch import run_batch
    from mahlan.cli.serving import asking_band, find_served

    return run_batch(partial(build_scorer, find_served(model), asking_band()), jobs)


def build_scorer(served: Found, asked: Band) -> Handler:
    """The handler, in whichever process. Spans from the band ``asked`` on. Raises ``ModelError``."""
    from mahlan.cli.serving import load_served
    from mahlan.core.normalise import normalise
    from mahlan.scoring.spans import with_spans

    model = load_served(served)

    def work(rows: list[Good]) -> list[bytes | RecordError]:
        read = [normalise(row.text) for row in rows]
        results = with_spans(model, read, model.score(read), asked)
        return [
            result if isinstance(result, RecordError) else orjson.dumps(described(row.id, found, result))
            for row, found, result in zip(rows, read, results, strict=True)
        ]

    return work


def described(identity: bytes, found: Any, result: Any) -> dict[str, Any]:
    """The line of output for one scored text."""
    verdict = result.verdict
    return {
        "id": orjson.Fragment(identity),
        "language": found.language,
        "scores": result.scores,
        "verdict": {"toxic": verdict.toxic, "label": verdict.label, "band": verdict.band},
        "spans": result.spans,
        "model": result.model,
        **({"truncated": True} if found.truncated else {}),
    }
