"""Comments a second, tokenise and score together, on one thread: ``python -m training.speed --data DIR``.

Reads the dev part, normalises it beforehand, and times ``Model.score`` alone. ``--batch`` tries other batch sizes.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from mahlan.scoring.model import Model
from mahlan.scoring.registry import find_model
from training.rows import Row, read_rows


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m training.speed", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with dev/*.jsonl.gz")
    parser.add_argument("--model", default=None, help="name@version; the registry's champion by default")
    parser.add_argument("--models", type=Path, default=Path("models"), help="where the model folders are")
    parser.add_argument("--poll", type=int, default=1024, help="comments given to the model at a time")
    parser.add_argument("--batch", type=int, nargs="*", help="texts of a batch; the manifest's by default")
    options = parser.parse_args()
    rows = read_rows(options.data, "dev")
    for batch in options.batch or [None]:
        model = Model.load(find_model(options.models, options.model), batch=batch)
        timed = [_seconds(model, rows, options.poll) for _ in range(5)]
        wall, cpu = (len(rows) / min(column) for column in zip(*timed, strict=True))
        size = batch or model.manifest.input.batch
        print(f"{model.name}, one thread, batches of {size}: {wall:,.0f} comments a second, {cpu:,.0f} of CPU time")


def _seconds(model: Model, rows: list[Row], poll: int) -> tuple[float, float]:
    """Seconds by the clock and of this thread; on a busy machine only the second says something."""
    begun, spent = time.perf_counter(), time.thread_time()
    for start in range(0, len(rows), poll):
        model.score(rows[start : start + poll])
    return time.perf_counter() - begun, time.thread_time() - spent


if __name__ == "__main__":
    main()
