"""``make bench-gateway``: latencies and errors of the gateway on one core, at rising rates.

First closed loops find out how much it can do; then open loops ask for shares of that, and for more than that. Beside
it: a plain Litestar echo, and bare onnxruntime on the same texts. The load average is printed beside each row: figures
taken while others use the machine say little, and only ratios of one run can be compared.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import orjson

from load_tests.gateway.contenders import Cores, bare, choose_cores, echo, gateway, on
from load_tests.gateway.report import Bench, Row, table
from load_tests.gateway.vegeta import Measured, MissingError, attack, find_vegeta, write_targets
from mahlan.demo.generator import invent
from mahlan.runtime.data import data_folder
from mahlan.scoring.served import find_served

SHARES = (0.25, 0.5, 0.75, 0.9)
BEYOND = (1.5, 3.0)
WORKERS = (1, 16, 64)
#: Most checks a second that a closed loop has texts for.
FASTEST = 4000


class Bencher:
    """One run: where its files are, and what it sends. Every check has an id of its own: none is a repeat."""

    def __init__(self, vegeta: str, folder: Path, seconds: float, cores: Cores) -> None:
        self._vegeta = on(cores.generator, [vegeta])
        self._folder = folder
        self._seconds = seconds
        self._numbers = itertools.count()
        self.texts = [comment.text for comment in invent(4000, 11)]

    def loop(self, program: str, url: str, *, rate: float = 0, workers: int = 0) -> Row:
        """One attack."""
        seconds = self._seconds
        targets = self._folder / "targets"
        write_targets(targets, url, self._bodies(int((rate or FASTEST) * seconds) + 1))
        name = f"{rate:.0f}/s" if rate else f"{workers} wait"
        _say(f"{program}, {name}")
        measured: Measured = attack(self._vegeta, targets, seconds, rate=rate, workers=workers)
        return Row(program, "open" if rate else name, measured, os.getloadavg()[0])

    def _bodies(self, count: int) -> Iterator[bytes]:
        for number in itertools.islice(self._numbers, count):
            text = self.texts[number % len(self.texts)]
            body = {"comment_id": f"bench-{number}", "text": text, "author_key": f"author-{number % 99_991:06d}"}
            yield orjson.dumps(body)


def run(bencher: Bencher, model: str, folder: Path, core: int) -> Bench:
    """All of it. Of a cascade, the bare model is the accurate one."""
    _say("bare onnxruntime")
    part = find_served(data_folder("models"), model).folders[-1]
    alone = bare(core, f"{part.parent.name}@{part.name}", bencher.texts)
    with gateway(core, model, folder) as url:
        bencher.loop("gateway", url, workers=16)  # warm
        closed = [bencher.loop("gateway", url, workers=workers) for workers in WORKERS]
        saturation = max(row.measured.answered for row in closed)
        below = [bencher.loop("gateway", url, rate=share * saturation) for share in SHARES]
        above = [bencher.loop("gateway", url, rate=share * saturation) for share in BEYOND]
    with echo(core) as url:
        bencher.loop("echo", url, workers=16)
        echoes = [bencher.loop("echo", url, workers=workers) for workers in WORKERS]
        plain = bencher.loop("echo", url, rate=saturation / 2)
    rows = [*closed, *below, *above, *echoes, plain]
    half = below[SHARES.index(0.5)]
    return Bench(model, alone, saturation, rows, half=half, below=below, above=above, echo=plain)


def _say(line: str) -> None:
    sys.stderr.write(f"bench: {line}\n")


def main() -> int:
    """Parse, run, print; the exit status is 2 where vegeta cannot be had."""
    parser = argparse.ArgumentParser(prog="make bench-gateway", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each attack (default 5)")
    parser.add_argument("--model", metavar="NAME@VERSION", help="default: the champion")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    given = parser.parse_args()
    model = find_served(data_folder("models"), given.model).name
    cores = choose_cores()
    if not cores.apart:
        _say("there is one core: the generator takes from what it measures")
    try:
        vegeta = find_vegeta(Path(".build/bin"), _say)
    except MissingError as error:
        _say(str(error))
        return 2
    with tempfile.TemporaryDirectory() as folder:
        bench = run(Bencher(vegeta, Path(folder), given.seconds, cores), model, Path(folder), cores.program)
    print(orjson.dumps(bench.plain()).decode() if given.json else "\n".join(table(bench)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
