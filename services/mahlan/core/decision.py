"""The decision that a ruling makes on a comment. Called by the policy, and by whoever records another's ruling."""

from __future__ import annotations

from mahlan.core.assignment import decision_id
from mahlan.core.verdict import fair_verdict
from mahlan.events.comment import CommentScored
from mahlan.events.nudge import NudgeDecided
from mahlan.events.ruling import Door, Ruling

#: A decision stays small whatever the comment was: nobody reads a hundred marked words.
MOST_SPANS = 100
MOST_TAGS = 20


def apply_ruling(scored: CommentScored, ruling: Ruling, door: Door = "check") -> NudgeDecided:
    """The decision that ``ruling`` makes on this comment: the same whoever writes it, and whenever."""
    verdict = fair_verdict(scored.verdict, scored.signals)
    return NudgeDecided(
        decision_id=decision_id(ruling.campaign, scored.comment_id, scored.revision),
        campaign=ruling.campaign,
        campaign_version=ruling.campaign_version,
        comment_id=scored.comment_id,
        revision=scored.revision,
        state=scored.state,
        author_key=scored.author_key,
        surface=scored.surface,
        language=scored.language,
        kind=ruling.kind,
        reason=ruling.reason,
        model=scored.model,
        occurred_at=scored.occurred_at,
        decided_at=ruling.decided_at,
        label=verdict.label,
        band=verdict.band,
        score=verdict.score,
        spans=scored.spans[:MOST_SPANS] if ruling.kind == "nudge" else (),
        wording=ruling.wording,
        hashtags=scored.campaign_tags[:MOST_TAGS],
        platform=scored.platform,
        door=door,
        support=ruling.support,
        disguises=scored.disguises,
    )
