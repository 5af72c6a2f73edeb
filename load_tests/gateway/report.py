"""What was measured, as a table, and whether the gateway did what it promises. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from load_tests.gateway.vegeta import Measured

TIMES = 3.0
"""p99 at half of saturation may be so many times what the model alone takes for one text."""
KEPT = 0.7
"""Above saturation at least this share of it is still answered."""


@dataclass(frozen=True, slots=True)
class Row:
    """One attack on one program. ``load`` is the machine's load average at its end."""

    program: str
    loop: str
    measured: Measured
    load: float


@dataclass(frozen=True, slots=True)
class Bench:
    """A whole run. ``bare``: milliseconds p50, p95, p99 of bare onnxruntime; ``saturation`` in checks a second."""

    model: str
    bare: dict[str, float]
    saturation: float
    rows: Sequence[Row]
    half: Row
    below: Sequence[Row]
    above: Sequence[Row]
    echo: Row

    def aims(self) -> dict[str, bool]:
        """Each promise, and whether it was kept."""
        return {
            f"p99 at half of saturation is under {TIMES:g} times one text of the model": self.half.measured.p99
            < TIMES * self.bare["p50"],
            "no error and nothing shed below saturation": all(
                row.measured.errors == row.measured.shed == 0 for row in self.below
            ),
            "above it what is not answered is a 503 with Retry-After": all(
                row.measured.errors == row.measured.without_retry_after == 0 and row.measured.shed for row in self.above
            ),
            f"above it {KEPT:.0%} of saturation is still answered": all(
                row.measured.answered >= KEPT * self.saturation for row in self.above
            ),
        }

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        ratio = self.half.measured.p99 / self.bare["p50"]
        return {**asdict(self), "aims": self.aims(), "p99_at_half_over_one_text": round(ratio, 2)}


def table(bench: Bench) -> Iterator[str]:
    """Lines to print."""
    head = ("program", "loop", "asked/s", "200/s", "p50 ms", "p95 ms", "p99 ms", "200", "503", "errors", "load")
    yield "{:9} {:>10} {:>8} {:>8} {:>8} {:>8} {:>8} {:>7} {:>7} {:>6} {:>5}".format(*head)
    alone = bench.bare
    yield (
        f"{'bare onnx':9} {'1 text':>10} {'':8} {1000 / alone['p50']:8.0f} {alone['p50']:8.3f} {alone['p95']:8.3f} "
        f"{alone['p99']:8.3f}"
    )
    yield f"{'bare onnx':9} {'batches':>10} {'':8} {alone['texts_a_second']:8.0f}"
    yield from map(_line, bench.rows)
    yield f"model {bench.model}; saturation {bench.saturation:.0f} checks a second"
    ratio = bench.half.measured.p99 / alone["p50"]
    yield f"p99 at half of saturation : one text of the bare model = {ratio:.1f}"
    yield f"p50 at half of saturation : p50 of the echo at the same rate = {_over_echo(bench):.1f}"
    for aim, kept in bench.aims().items():
        yield f"{'kept' if kept else 'NOT KEPT'}: {aim}"


def _over_echo(bench: Bench) -> float:
    return bench.half.measured.p50 / bench.echo.measured.p50


def _line(row: Row) -> str:
    one = row.measured
    asked = f"{one.asked:8.0f}" if one.asked else f"{'':8}"
    return (
        f"{row.program:9} {row.loop:>10} {asked} {one.answered:8.0f} {one.p50:8.2f} {one.p95:8.2f} {one.p99:8.2f} "
        f"{one.good:7} {one.shed:7} {one.errors:6} {row.load:5.1f}"
    )
