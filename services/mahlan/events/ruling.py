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


#: The ways of asking that a campaign compares; authors are shared out among them by a salted hash.
Arm = Literal["plain", "highlight", "norm", "creator"]
Direction = Literal["rtl", "ltr"]

#: Only addresses that a browser loads safely: creators' media and pages of help.
Address = Annotated[str, Meta(pattern=r"^https://[^\s]+$", max_length=500, description="https only")]
Phone = Annotated[str, Meta(pattern=r"^[+*#]?[0-9][0-9 -]{1,28}[0-9]$", description="as it is dialled")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatorMessage:
    """What somebody with an audience says beside the question. A video has captions, an image a description."""

    id: Annotated[str, Meta(min_length=1, max_length=64, description="the creator's id in the campaign file")]
    language: Language
    text: Annotated[str, Meta(min_length=1, max_length=600)]
    name: Annotated[str, Meta(max_length=100)] = ""
    video_url: Address | None = None
    captions_url: Address | None = None
    image_url: Address | None = None
    alt: Annotated[str, Meta(max_length=300)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A small card for somebody who has been asked often of late: something to learn, never a punishment."""

    id: Annotated[str, Meta(min_length=1, max_length=64)]
    title: Annotated[str, Meta(min_length=1, max_length=100)]
    text: Annotated[str, Meta(min_length=1, max_length=600)]
    url: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """Where somebody in distress is listened to; one of ``phone`` and ``url`` is there."""

    id: Annotated[str, Meta(min_length=1, max_length=64)]
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    phone: Phone | None = None
    url: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """For an author who may be in danger: a kind sentence and places of help. Never a nudge; the comment goes out."""

    language: Language
    direction: Direction
    text: Annotated[str, Meta(min_length=1, max_length=600)]
    help: Annotated[tuple[Help, ...], Meta(max_length=10)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The kind sentence to show, in the author's own language and script, and what goes with it."""

    id: Annotated[str, Meta(min_length=1, max_length=128)]
    language: Language
    direction: Direction
    text: Annotated[str, Meta(min_length=1, max_length=600)]
    edit: Annotated[str, Meta(min_length=1, max_length=60, description="label of the prominent button")]
    send: Annotated[str, Meta(min_length=1, max_length=60, description="label of the button that posts anyway")]
    dispute: Annotated[str, Meta(min_length=1, max_length=60, description="label of 'this was a mistake'")]
    arm: Annotated[Arm, Meta(description="the way of asking, chosen by author")] = "plain"
    marks: Annotated[bool, Meta(description="false: this arm does not mark the words of spans")] = True
    creator: CreatorMessage | None = None
    thanks: Annotated[str, Meta(max_length=200, description="to show to an author who revised")] = ""
    lesson: Lesson | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A decision that was made at the door and that the author has seen: the dispatcher records it as it is.

    ``wording`` is there when ``kind`` is ``nudge``, ``support`` at most where the reason is ``self_harm``.
    """

    kind: Kind
    reason: Reason
    campaign: CampaignId
    campaign_version: CampaignVersion
    decided_at: Moment
    wording: Wording | None = None
    support: Support | None = None
