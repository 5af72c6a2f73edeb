"""A submitted comment, read: the one way from ``CommentSubmitted`` to ``CommentNormalised``.

Called by the normaliser for the stream, by the gateway before a comment is posted, and by ``mahlan check``.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from mahlan.core.identity import author_key
from mahlan.core.normalise import normalise
from mahlan.core.signals import find_signals
from mahlan.errors import FieldError
from mahlan.events.comment import CommentNormalised, CommentSubmitted

#: Clocks differ; a comment from tomorrow is a wrong unit or a wrong year.
AHEAD = timedelta(days=1)


def check_time(moment: datetime, now: datetime, field: str = "$.occurred_at") -> None:
    """Raise ``FieldError`` for ``field`` where it comes from the future. Both times are aware."""
    if moment > now + AHEAD:
        raise FieldError("lies more than a day ahead; check the clock and the unit", field)


def key_of(submitted: CommentSubmitted, salt: str) -> str:
    """The author's key: as given, else the id hashed with ``salt``. Raises ``FieldError`` where the salt is empty."""
    if submitted.author_key is not None:
        return submitted.author_key
    if not salt:
        raise FieldError("needs MAHLAN_AUTHOR_SALT to be set; or send author_key instead", "$.author_id")
    return author_key(submitted.author_id or "", salt)


def read_comment(submitted: CommentSubmitted, key: str) -> CommentNormalised:
    """The comment as a model and a campaign read it; ``key`` is its author's (``key_of``). Total over texts."""
    read = normalise(submitted.text, submitted.language_hint)
    return CommentNormalised(
        comment_id=submitted.comment_id,
        revision=submitted.revision,
        state=submitted.state,
        author_key=key,
        surface=submitted.surface,
        occurred_at=submitted.occurred_at,
        readings=read.readings,
        language=read.language,
        script=read.script,
        length=read.length,
        truncated=read.truncated,
        runs=read.runs,
        hashtags=read.hashtags,
        mentions=read.mentions,
        urls=read.urls,
        signals=find_signals([reading.text for reading in read.readings]),
        context=submitted.context,
        thread_id=submitted.thread_id,
        parent_id=submitted.parent_id,
        platform=submitted.platform,
        disguises=read.disguises,
        slips=read.slips,
    )
