"""Every topic: what it carries, who writes it, how long it is kept. Read by the codec, the CLI and the docs."""

from __future__ import annotations

from dataclasses import dataclass

from mahlan.events.brake import BrakeSet
from mahlan.events.comment import CommentNormalised, CommentScored, CommentSubmitted
from mahlan.events.feedback import ScoreSuggested
from mahlan.events.nudge import AuthorHistory, NudgeDecided, NudgeOutcome

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
#: The last record of a key stays, however old it is.
UNTIL_REPLACED = -1

#: A record may be this large; a comment of 1 MB still arrives, to be cut and scored.
MAX_RECORD_BYTES = 4 * 1024 * 1024
#: A dead letter is a whole record and its reason.
MAX_DEAD_LETTER_BYTES = MAX_RECORD_BYTES + 64 * 1024


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. ``event`` is None for dead letters, which carry the bytes that failed."""

    name: str
    event: type | None
    writers: tuple[str, ...]
    has_text: bool
    retention_ms: int
    compacted: bool = False

    @property
    def type(self) -> str:
        """The CloudEvents type of its events."""
        return f"mahlan.{self.name}"

    @property
    def config(self) -> dict[str, str]:
        """Kafka's settings for this topic."""
        size = MAX_RECORD_BYTES if self.event else MAX_DEAD_LETTER_BYTES
        policy = "delete"
        if self.compacted:
            policy = "compact" if self.retention_ms == UNTIL_REPLACED else "compact,delete"
        return {
            "cleanup.policy": policy,
            "retention.ms": str(self.retention_ms),
            "max.message.bytes": str(size),
        }


SUBMITTED = Topic("comments.submitted.v1", CommentSubmitted, ("platform", "gateway"), True, DAY_MS)
NORMALISED = Topic("comments.normalised.v1", CommentNormalised, ("normaliser",), True, DAY_MS)
SCORED = Topic("comments.scored.v1", CommentScored, ("scorer", "gateway"), False, 7 * DAY_MS)
DECIDED = Topic("nudges.decided.v1", NudgeDecided, ("dispatcher",), False, 30 * DAY_MS)
HISTORY = Topic("authors.history.v1", AuthorHistory, ("dispatcher", "gateway"), False, 3 * DAY_MS, compacted=True)
OUTCOMES = Topic("nudges.outcomes.v1", NudgeOutcome, ("platform", "gateway"), False, 30 * DAY_MS)
SUGGESTED = Topic("feedback.suggested.v1", ScoreSuggested, ("gateway",), False, 30 * DAY_MS)
BRAKES = Topic("campaigns.brakes.v1", BrakeSet, ("insights", "mahlan campaigns"), False, UNTIL_REPLACED, compacted=True)
DELIVERED = Topic("nudges.delivered.v1", NudgeDecided, ("kafka channel",), False, 7 * DAY_MS)
NORMALISER_DLQ = Topic("normaliser.dlq.v1", None, ("normaliser",), True, 7 * DAY_MS)
SCORER_DLQ = Topic("scorer.dlq.v1", None, ("scorer",), True, 7 * DAY_MS)
DISPATCHER_DLQ = Topic("dispatcher.dlq.v1", None, ("dispatcher",), False, 7 * DAY_MS)

TOPICS: tuple[Topic, ...] = (
    SUBMITTED,
    NORMALISED,
    SCORED,
    DECIDED,
    HISTORY,
    OUTCOMES,
    SUGGESTED,
    BRAKES,
    DELIVERED,
    NORMALISER_DLQ,
    SCORER_DLQ,
    DISPATCHER_DLQ,
)

#: The topic that owns an event class: the first that carries it (``DELIVERED`` repeats what ``DECIDED`` says).
BY_EVENT: dict[type, Topic] = {topic.event: topic for topic in reversed(TOPICS) if topic.event is not None}
BY_NAME: dict[str, Topic] = {topic.name: topic for topic in TOPICS}
#: Service to its dead letters.
DEAD_LETTERS: dict[str, Topic] = {topic.writers[0]: topic for topic in TOPICS if topic.event is None}
