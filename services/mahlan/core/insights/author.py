"""What insights remembers of one author: enough to count each thing once, no more. Kept in the state topic.

No text and no id of a comment or a decision: of those, hashes. Times are milliseconds since 1970. Names are short on
the wire, since there is one of these for every author; the fields say what they are.
"""

from __future__ import annotations

import hashlib
from typing import Literal

import msgspec

from mahlan.events.comment import Band

#: Comments remembered of an author in a campaign. One that was forgotten counts as a new one when it is edited.
MOST_COMMENTS = 64
#: Numbers of revisions remembered of a comment; a repeat of an older one is not noticed.
MOST_REVISIONS = 16
#: Outcomes that came before their decision, remembered of an author. Where decisions are read late, as after an outage
#: or from the beginning of the topics, those of weeks may: a few outcomes of three nudges a day.
MOST_EARLY = 512

Ending = Literal["", "revised", "cancelled", "sent_unchanged", "unknown"]
BANDS: tuple[Band, ...] = ("none", "low", "medium", "high")


def short(text: str) -> str:
    """64 bits of a hash of a comment's id, as 16 hex digits. Within one author two never meet by chance."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


class Told(msgspec.Struct, array_like=True, frozen=True):
    """What one revision came to: its number, and whether it would hurt (``joining.offends``)."""

    revision: int
    offends: bool


class Nudge(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A nudge and what became of it. ``ending`` is the last one told by time, or ``unknown`` after a time-out."""

    id: str  # the first 16 hex digits of the decision's id
    revision: int = msgspec.field(name="r", default=0)
    at: int = msgspec.field(name="a")
    language: str = msgspec.field(name="l")
    surface: str = msgspec.field(name="s")
    label: str = msgspec.field(name="b", default="")
    arm: str = msgspec.field(name="m", default="plain")
    creator: str = msgspec.field(name="c", default="")
    band: int = msgspec.field(name="n")
    score: float = msgspec.field(name="p")
    disguises: int = msgspec.field(name="g", default=0)
    model: str = msgspec.field(name="o")
    shown_at: int = msgspec.field(name="h", default=0)
    disputed: bool = msgspec.field(name="d", default=False)
    compared: bool = msgspec.field(name="v", default=False)
    ending: Ending = msgspec.field(name="e", default="")
    ended_at: int = msgspec.field(name="t", default=0)


class Comment(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A comment. ``tags`` are the hashtags it was counted for; ``followed``: it counts in its author's follow-up."""

    id: str
    revisions: list[int] = msgspec.field(name="r", default_factory=list)
    tags: list[str] = msgspec.field(name="h", default_factory=list)
    posted: Told | None = msgspec.field(name="p", default=None)
    latest: Told | None = msgspec.field(name="l", default=None)
    nudge: Nudge | None = msgspec.field(name="n", default=None)
    followed: bool = msgspec.field(name="f", default=False)


class Joined(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The author's first post with a hashtag of the challenge, by when it was written."""

    at: int = msgspec.field(name="a")
    comment: str = msgspec.field(name="c")
    language: str = msgspec.field(name="l")
    tags: tuple[str, ...] = msgspec.field(name="h", default=())


class Entry(msgspec.Struct, omit_defaults=True, kw_only=True):
    """The author in the experiment: from ``at`` until ``until``, entered with revision ``revision`` of ``comment``."""

    at: int = msgspec.field(name="a")
    until: int = msgspec.field(name="u")
    comment: str = msgspec.field(name="c")
    revision: int = msgspec.field(name="r", default=0)
    arm: str = msgspec.field(name="m")
    language: str = msgspec.field(name="l")
    before: int = msgspec.field(name="b", default=0)
    volume: int = msgspec.field(name="v", default=0)
    offences: int = msgspec.field(name="o", default=0)
    closed: bool = msgspec.field(name="x", default=False)


class Part(msgspec.Struct, omit_defaults=True, kw_only=True):
    """The author in one campaign. ``seen`` counts their comments, ``evidence_at`` is the last dispute that was one."""

    seen: int = msgspec.field(name="s", default=0)
    comments: list[Comment] = msgspec.field(name="c", default_factory=list)
    joined: Joined | None = msgspec.field(name="j", default=None)
    entry: Entry | None = msgspec.field(name="e", default=None)
    evidence_at: int | None = msgspec.field(name="v", default=None)

    def comment(self, name: str) -> Comment | None:
        """The comment of that (hashed) id, while it is remembered."""
        return next((comment for comment in reversed(self.comments) if comment.id == name), None)


class Early(msgspec.Struct, array_like=True, frozen=True):
    """An outcome whose decision has not come yet. ``arrived`` is when it was written to its topic, not when it was."""

    nudge: str
    outcome: str
    at: int
    arrived: int


class Author(msgspec.Struct, omit_defaults=True, kw_only=True):
    """All that is remembered of one author. ``last``: when they were heard of; ``erased``: when they were erased."""

    last: int = msgspec.field(name="t", default=0)
    parts: dict[str, Part] = msgspec.field(name="p", default_factory=dict)
    early: list[Early] = msgspec.field(name="o", default_factory=list)
    erased: int = msgspec.field(name="x", default=0)


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Author)


def encode_author(author: Author) -> bytes:
    """As it is kept, in JSON."""
    return _ENCODER.encode(author)


def decode_author(kept: bytes) -> Author:
    """What ``encode_author`` wrote. Raises msgspec.DecodeError for anything else."""
    return _DECODER.decode(kept)
