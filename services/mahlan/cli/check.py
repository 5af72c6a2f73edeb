"""``mahlan check``: one text through the whole product, without Kafka and within the time of a tap."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from mahlan.cli.examples import Command
from mahlan.cli.output import emit, is_terminal

if TYPE_CHECKING:
    from datetime import datetime

    from mahlan.core.campaign import Campaign
    from mahlan.events.comment import CommentNormalised, CommentSubmitted
    from mahlan.events.nudge import NudgeDecided
    from mahlan.scoring.model import Scores


@dataclass(frozen=True, slots=True)
class Checked:
    """What every part said about one text."""

    text: str
    model: str
    read: CommentNormalised
    scores: Scores
    decision: NudgeDecided


@click.command("check", cls=Command, examples=('mahlan check "what a lovely day"', 'mahlan check --json "enta ghaby"'))
@click.argument("text")
@click.option("--campaign", metavar="ID", help="Default: the campaign in force.")
@click.option("--model", metavar="NAME@VERSION", help="Default: the model that the scorer would serve.")
@click.option("--json", "as_json", is_flag=True, help="A JSON line, on a terminal too.")
def command(text: str, campaign: str | None, model: str | None, as_json: bool) -> None:
    """Show what mahlan makes of TEXT: how it is read, its scores, and the nudge its author would see.

    It is judged as the first comment of an author who is not in the holdout.
    """
    if not text.strip():
        raise click.UsageError("TEXT is empty: there is nothing to check")
    checked = check(text, campaign, model)
    if as_json or not is_terminal():
        emit(described(checked))
    else:
        from mahlan.cli.check_view import show

        show(checked)


def check(text: str, campaign: str | None = None, model: str | None = None) -> Checked:
    """Normalise, score, decide. Raises a ``MahlanError`` that says what is wrong."""
    from datetime import UTC, datetime

    from mahlan.cli.serving import find_served, load_campaign, load_served
    from mahlan.core.campaign import least_band
    from mahlan.core.reading import key_of, read_comment
    from mahlan.scoring.spans import with_spans

    in_force = load_campaign(campaign)
    loaded = load_served(find_served(model))
    now = datetime.now(UTC)
    submitted = _submitted(text, now)
    read = read_comment(submitted, key_of(submitted, ""))
    (result,) = with_spans(loaded, [read], loaded.score([read]), least_band([in_force]))
    if isinstance(result, Exception):
        raise result
    return Checked(text, result.model, read, result, _decided(read, result, in_force, now))


def _submitted(text: str, now: datetime) -> CommentSubmitted:
    """A draft by nobody in particular."""
    from mahlan.events.comment import CommentSubmitted

    return CommentSubmitted(comment_id="check", text=text, occurred_at=now, state="draft", author_key="checked-author")


def _decided(read: CommentNormalised, found: Scores, campaign: Campaign, now: datetime) -> NudgeDecided:
    from mahlan.core.history import no_history
    from mahlan.core.policy import decide
    from mahlan.scoring.comments import scored_comment

    scored = scored_comment(read, found, found.model, [campaign])
    # Nobody is held out here: the question is what an author would see.
    shown = replace(campaign, holdout=replace(campaign.holdout, share=0.0))
    return decide(scored, shown, no_history(scored.author_key, now), now)


def described(checked: Checked) -> dict[str, Any]:
    """The JSON line."""
    read, decision = checked.read, checked.decision
    return {
        "language": read.language,
        "script": read.script,
        "readings": [{"kind": reading.kind, "text": reading.text} for reading in read.readings],
        "hashtags": read.hashtags,
        "signals": read.signals,
        "scores": checked.scores.scores,
        "verdict": asdict(checked.scores.verdict),
        "spans": checked.scores.spans,
        "model": checked.model,
        "campaign": decision.campaign,
        "decision": decision.kind,
        "reason": decision.reason,
        "nudge": asdict(decision.wording) if decision.wording else None,
        **({"truncated": True} if read.truncated else {}),
    }
