"""What ``mahlan demo`` shows: a live table while it runs, then what happened. rich is imported on a terminal only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

    from mahlan.demo.run import State

    Watch = Callable[[State], None]

KIND_STYLES = {"nudge": "bold yellow", "holdout": "cyan", "suppress": "magenta", "none": "green"}
PHASES = {
    "starting": "starting the services",
    "running": "comments are flowing",
    "draining": "stopping the services",
    "counting": "reading the topics back",
    "done": "done",
}


@contextmanager
def spoken(say: Callable[[str], None]) -> Iterator[Watch]:
    """Each phase and each quarter in words."""
    told: set[str] = set()

    def watch(state: State) -> None:
        line = PHASES[state.phase]
        quarters = 4 * len(state.published) // state.count
        if state.phase == "running" and quarters:
            line = f"published {quarters * state.count // 4:,} of {state.count:,}"
        if line not in told:
            told.add(line)
            say(line)

    yield watch


@contextmanager
def live() -> Iterator[Watch]:
    """A table that keeps itself up to date."""
    from rich.console import Console
    from rich.live import Live

    with Live(console=Console(), auto_refresh=False, transient=True) as display:

        def watch(state: State) -> None:
            display.update(_stages(state), refresh=True)

        yield watch


def _stages(state: State) -> Table:
    from rich.table import Table

    report = state.report()
    table = Table(
        title=f"{PHASES[state.phase]}, {state.seconds:.0f} s", title_justify="left", title_style="bold", box=None
    )
    for name in ("stage", "comments", "", "restarts"):
        table.add_column(name, justify="right" if name in {"comments", "restarts"} else "left")
    total = max(1, len(state.published))
    rows = (
        ("published", len(state.published), ""),
        ("normalised", report.normalised, "normaliser"),
        ("scored", report.scored, "scorer"),
        ("decided", report.decided, "dispatcher"),
    )
    for stage, count, service in rows:
        table.add_row(stage, f"{count:,}", _bar(count / total), _restarts(state, service))
    for kind, style in KIND_STYLES.items():
        table.add_row(
            f"  {kind}", f"{state.ledger.kinds[kind]:,}", _bar(state.ledger.kinds[kind] / total), "", style=style
        )
    if report.dead_lettered:
        table.add_row("dead letters", f"{report.dead_lettered:,}", "", "", style="red")
    return table


def _restarts(state: State, service: str) -> str:
    child = state.supervisor.children.get(service)
    return str(child.restarts) if child and child.restarts else ""


def _bar(share: float, width: int = 30) -> str:
    filled = min(width, round(share * width))
    return "█" * filled + "░" * (width - filled)


def show_outcome(state: State) -> None:
    """The end: counts, reasons, and some nudges as their authors would see them."""
    from rich.console import Console

    out = Console(highlight=False, markup=False, emoji=False)
    out.print(_stages(state))
    out.print()
    _show_reasons(state, out)
    for example in state.ledger.examples.values():
        _show_example(example.text, example.decision["wording"], out)
    report = state.report()
    verdict = "every comment came out exactly once" if report.is_whole else "NOT every comment came out exactly once"
    out.print(verdict, style="bold green" if report.is_whole else "bold red")
    out.print(f"submitted {report.submitted:,}   lost {report.lost}   duplicated {report.duplicated}")
    if report.p50_ms is not None and report.p99_ms is not None:
        out.print(
            f"from comment to decision: half within {report.p50_ms:.0f} ms, 99 of 100 within {report.p99_ms:.0f} ms"
        )
    out.print(f"logs of the services: {state.logs}", style="dim")


def _show_reasons(state: State, out: Any) -> None:
    from rich.table import Table

    table = Table(title="decisions by reason", title_justify="left", title_style="bold", box=None)
    for name, side in (("decision", "left"), ("reason", "left"), ("comments", "right")):
        table.add_column(name, justify="right" if side == "right" else "left")
    for (kind, reason), count in state.ledger.reasons.most_common():
        table.add_row(kind, reason, f"{count:,}", style=KIND_STYLES[kind])
    for (service, reason), count in _dead_reasons(state):
        table.add_row("dead letter", f"{reason} ({service})", f"{count:,}", style="red")
    out.print(table)
    out.print()


def _dead_reasons(state: State) -> list[tuple[tuple[str, str], int]]:
    from collections import Counter

    return Counter(state.ledger.dead().values()).most_common()


def _show_example(text: str, wording: dict[str, Any], out: Any) -> None:
    # Each text has a line of its own: terminals then order right-to-left letters by that text alone.
    out.print(f"a comment in {wording['language']}, and the nudge its author would see", style="bold")
    out.print(f"  {text}", style="red")
    out.print(f"  {wording['text']}", style="yellow")
    for button in ("edit", "send", "dispute"):
        out.print(f"  {wording[button]}", style="reverse" if button == "edit" else "dim")
    out.print()
