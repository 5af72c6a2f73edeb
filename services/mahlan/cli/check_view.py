"""How ``mahlan check`` looks on a terminal.

Texts stand on lines of their own: a terminal that knows right-to-left script orders a line by its first letters, so
nothing in Latin letters may come before Arabic ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mahlan.cli.check import Checked

KIND_STYLES = {"nudge": "bold yellow", "holdout": "cyan", "suppress": "magenta", "none": "bold green"}
BAR = 30


def show(checked: Checked) -> None:
    """Print it."""
    from mahlan.cli.output import console

    out = console()
    _show_reading(checked, out)
    _show_scores(checked, out)
    _show_decision(checked, out)


def _show_reading(checked: Checked, out: Any) -> None:
    read = checked.read
    out.print(f"language {read.language}, script {read.script}", style="bold")
    for reading in read.readings:
        name = "as the model reads it" if reading.kind == "original" else "read in Arabic letters"
        out.print(name, style="dim")
        out.print(f"  {reading.text}")
    if read.hashtags:
        out.print("hashtags", style="dim")
        for tag in read.hashtags:
            out.print(f"  {tag}")
    if read.signals:
        out.print(f"signals  {', '.join(read.signals)}")
    if read.truncated:
        out.print("only the beginning was read: the text is too long", style="yellow")
    out.print()


def _show_scores(checked: Checked, out: Any) -> None:
    from rich.text import Text

    verdict = checked.scores.verdict
    out.print(f"scores of {checked.model}", style="bold")
    if (first := checked.scores.first) is not None:
        said = ", ".join(f"{label} {score:.3f}" for label, score in first.scores.items())
        out.print(f"  asked because {first.model} was not sure: {said}", style="dim")
    width = max(map(len, checked.scores.scores), default=0)
    for label, score in sorted(checked.scores.scores.items(), key=lambda pair: -pair[1]):
        filled = round(score * BAR)
        style = "red" if verdict.toxic and label == verdict.label else "green"
        bar = Text(f"  {label:<{width}}  {score:.3f}  ")
        out.print(bar.append("█" * filled, style).append("░" * (BAR - filled), "dim"))
    said = f"toxic by label {verdict.label}, band {verdict.band}" if verdict.toxic else "not toxic"
    out.print(f"verdict  {said}", style="red" if verdict.toxic else "green")
    if checked.scores.spans:
        text = Text(checked.text)
        for start, end in checked.scores.spans:
            text.stylize("bold red underline", start, end)
        out.print("the words it rests on", style="dim")
        out.print(text)
    out.print()


def _show_decision(checked: Checked, out: Any) -> None:
    from mahlan.core.policy import RULES

    decision = checked.decision
    meaning = next((rule.meaning for rule in RULES if rule.reason == decision.reason), "")
    out.print(f"{decision.kind} ({decision.reason})", style=KIND_STYLES[decision.kind])
    out.print(f"  {meaning}", style="dim")
    if decision.wording is None:
        return
    wording = decision.wording
    out.print()
    out.print(f"what the author would see (campaign {decision.campaign}, wording {wording.id})", style="bold")
    out.print(f"  {wording.text}", style="yellow")
    out.print(f"  {wording.edit}", style="reverse")
    out.print(f"  {wording.send}")
    out.print(f"  {wording.dispute}", style="dim")
