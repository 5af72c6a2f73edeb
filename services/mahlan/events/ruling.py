"""What can be decided about a comment, and the kind sentence that goes with a nudge.

A ``Ruling`` travels inside ``CommentScored`` where the decision was made at the moment of posting; ``NudgeDecided``
(``events/nudge.py``) is the record of every decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from mahlan.events.fields import CampaignId, CampaignVersion, Language, Moment, Reason

Kind = Literal["none", "nudge", "holdout", "suppress"]
#: Through which door a comment was decided: by the dispatcher, or by the gateway's check before it was posted.
Door = Literal["stream", "check"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The kind sentence to show, in the author's own language and script."""

    id: Annotated[str, Meta(min_length=1, max_length=128)]
    language: Language
    direction: Literal["rtl", "ltr"]
    text: Annotated[str, Meta(min_length=1, max_length=600)]
    edit: Annotated[str, Meta(min_length=1, max_length=60, description="label of the prominent button")]
    send: Annotated[str, Meta(min_length=1, max_length=60, description="label of the button that posts anyway")]
    dispute: Annotated[str, Meta(min_length=1, max_length=60, description="label of 'this was a mistake'")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A decision that was made at the door and that the author has seen: the dispatcher records it as it is.

    ``wording`` is there when ``kind`` is ``nudge``.
    """

    kind: Kind
    reason: Reason
    campaign: CampaignId
    campaign_version: CampaignVersion
    decided_at: Moment
    wording: Wording | None = None
