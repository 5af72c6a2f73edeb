"""What ``mahlan demo --scenario campaign`` shows a person: what the board says, that it is right, and where it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from mahlan.cli.output import console

if TYPE_CHECKING:
    from mahlan.demo.scenario import Scene

#: What became of nudges, in the order of a story.
ENDINGS = ("shown", "revised", "cancelled", "sent_unchanged", "disputed", "unknown", "open")
MEASURES = {
    "toxic_posted": "authors whose words still hurt in the end",
    "cancelled": "authors who posted nothing",
    "later_offences": "later comments that hurt, by author",
    "volume": "comments, by author",
}


def show(scene: Scene) -> None:
    """The end of the week."""
    from mahlan.demo.recount.comparison import count_numbers

    out = console()
    for line in lines_of(scene.numbers):
        out.print(line)
    out.print()
    compared = count_numbers(scene.counted)
    if scene.is_right:
        out.print(f"{compared:,} numbers of the board, each equal to a recount of the topics", style="bold green")
    else:
        out.print(f"NOT right: {len(scene.differences)} of {compared:,} numbers differ", style="bold red")
    restarts = {name: child.restarts for name, child in scene.supervisor.children.items() if child.restarts}
    if restarts:
        out.print("killed and back: " + ", ".join(restarts), style="dim")
    out.print(f"the board: {scene.board}/board", style="bold")
    out.print(f"for everybody, small counts hidden: {scene.board}/public-board?campaign={scene.campaign}")
    out.print(f"logs of the services: {scene.logs}", style="dim")
    out.print("Ctrl-C ends it")


def lines_of(numbers: dict[str, Any]) -> Iterator[str]:
    """What a board's numbers say, in some lines."""
    challenge, nudges = numbers["challenge"], numbers["nudges"]
    yield "a simulated week; what people do in it is planted, so this proves the counting and nothing else"
    yield f"  {challenge['joiners']:>6,} joined with {challenge['posts']:,} posts"
    yield f"  {nudges['comments']:>6,} comments; {nudges['decisions']['nudge']:,} asked about, of those"
    for name in ENDINGS:
        yield f"  {nudges['outcomes'][name]:>6,} {name.replace('_', ' ')}"
    for row in numbers["effect"][: len(MEASURES)]:
        yield f"  {MEASURES[row['measure']]}: {_effect(row)}"


def _effect(row: dict[str, Any]) -> str:
    if row["state"] == "not_enough":
        return "not enough yet"
    means = f"{row['treated']['mean']:.2f} where asked, {row['control']['mean']:.2f} where held out"
    return f"{means}; difference {row['difference']:+.2f}, between {row['low']:+.2f} and {row['high']:+.2f}"
