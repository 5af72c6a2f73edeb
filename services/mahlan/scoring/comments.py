"""A comment and its scores as one event: the one way from ``CommentNormalised`` to ``CommentScored``.

Called by the scorer for the stream, by the gateway before a comment is posted, and by ``mahlan check``.
"""

from __future__ import annotations

from collections.abc import Iterable

from mahlan.core.campaign import Campaign
from mahlan.core.signals import campaign_tags
from mahlan.core.verdict import fair_verdict
from mahlan.events.comment import CommentNormalised, CommentScored
from mahlan.scoring.model import Scores


def scored_comment(
    comment: CommentNormalised, found: Scores, model: str, campaigns: Iterable[Campaign]
) -> CommentScored:
    """Everything of the comment but its text, and what ``model`` (``name@version``) says of it.

    Of its hashtags only those of ``campaigns`` go on. Words that may be a sign of self-harm are never toxic, whatever
    the model says: its scores go on, and nothing is counted or marked.
    """
    verdict = fair_verdict(found.verdict, comment.signals)
    return CommentScored(
        comment_id=comment.comment_id,
        revision=comment.revision,
        state=comment.state,
        author_key=comment.author_key,
        surface=comment.surface,
        occurred_at=comment.occurred_at,
        language=comment.language,
        script=comment.script,
        length=comment.length,
        truncated=comment.truncated,
        scores=dict(found.scores),
        verdict=verdict,
        model=model,
        spans=tuple(map(list, found.spans)) if verdict is found.verdict else (),
        campaign_tags=tuple(campaign_tags(comment.hashtags, campaigns)),
        signals=comment.signals,
        context=comment.context,
        platform=comment.platform,
        disguises=comment.disguises,
    )
