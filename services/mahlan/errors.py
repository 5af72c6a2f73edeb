"""Every exception mahlan raises on purpose. An exception's class is its fate.

::

    MahlanError
    ├── RecordError            the record is at fault          -> dead letter, go on
    │   ├── DecodeError            not JSON, not UTF-8, wrong content type, empty
    │   ├── FieldError             a field is missing, of the wrong type or out of range
    │   ├── VersionError           an event type or version this build does not know
    │   ├── ScoreError             the model cannot score this text
    │   ├── RefusedError           a channel will never accept this nudge
    │   │   └── GoneError              nor any other: its endpoint has said goodbye
    │   ├── UndeliveredError       no channel accepted this nudge in time
    │   ├── OversizeError          larger than its topic allows
    │   └── InternalError          a fault of mahlan's own, met on this record
    ├── RetryError             the world is at fault           -> try again with backoff
    │   ├── BrokerError            Kafka did not acknowledge
    │   │   └── RebalanceError         the group gave these partitions to another member
    │   ├── FencedError            this worker may own its partitions no more: join the group anew
    │   ├── DeliveryError          a channel did not accept a nudge
    │   ├── SpoolError             the spool cannot keep an event for now
    │   │   └── SpoolFullError         it is full
    │   └── InsightsError          the insights service gives no numbers
    └── FatalError             the operator must act           -> one clear line, exit 2
        ├── SettingsError          an unknown or invalid MAHLAN_* setting
        ├── ModelError             a model folder or a registry that cannot be served
        │   └── UnfitError             a model that loads, but does not do what it should
        ├── CampaignError          a campaign file that cannot be used
        └── StateError             what a service has kept does not go with its topics

Messages name the field and the fix. They never hold a value taken from a record: comment text must not
reach a log or a dead letter's reason.
"""

from __future__ import annotations


class MahlanError(Exception):
    """Root of the tree; never raised itself."""


class RecordError(MahlanError):
    """One record cannot be processed, however often it is tried: it becomes a dead letter.

    ``reason`` is a stable code (a metric label), ``field`` the JSON path at fault (``$`` for the whole record).
    """

    reason = "invalid"

    def __init__(self, message: str, field: str = "$") -> None:
        super().__init__(message)
        self.field = field


class DecodeError(RecordError):
    """The bytes are not an event at all."""

    reason = "undecodable"


class FieldError(RecordError):
    """The event is JSON, but one field breaks the contract."""

    reason = "invalid_field"


class VersionError(RecordError):
    """The event's type or version is not one this build reads."""

    reason = "unknown_version"


class ScoreError(RecordError):
    """The model gave no usable score for this record."""

    reason = "unscorable"


class RefusedError(RecordError):
    """A channel will never accept this nudge: trying again cannot help."""

    reason = "refused"


class GoneError(RefusedError):
    """A channel's endpoint is gone for good and wants no more nudges at all."""

    reason = "endpoint_gone"


class UndeliveredError(RecordError):
    """A channel did not accept a nudge until its time was up."""

    reason = "undelivered"


class OversizeError(RecordError):
    """A record is larger than its topic allows; ``index`` is its place in the batch that was to be sent."""

    reason = "too_large"

    def __init__(self, message: str, index: int) -> None:
        super().__init__(message)
        self.index = index


class InternalError(RecordError):
    """mahlan itself failed on this record; the record is kept so that it can be replayed once that is mended."""

    reason = "internal_error"


class RetryError(MahlanError):
    """Something outside failed for now; the same work is tried again."""


class BrokerError(RetryError):
    """Kafka did not acknowledge what was sent, or cannot be reached."""


class RebalanceError(BrokerError):
    """A commit came too late: the group gave these partitions to another member, who does the work again."""


class FencedError(RetryError):
    """The group does not confirm that this worker still has its partitions: it writes nothing until it joined anew."""


class DeliveryError(RetryError):
    """A channel did not accept a nudge this time. ``retry_after`` is the wait it asked for, in seconds."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SpoolError(RetryError):
    """The spool on this machine's disk cannot keep an event for now: it was not accepted."""


class SpoolFullError(SpoolError):
    """The spool is full until what it holds has been sent."""


class InsightsError(RetryError):
    """The insights service gives no numbers for now; ``reason`` is a stable code (a metric label)."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class FatalError(MahlanError):
    """The process cannot go on until an operator changes something."""


class SettingsError(FatalError):
    """A setting is unknown or has a value that cannot be used."""


class ModelError(FatalError):
    """A model folder cannot be served; the message says what is missing or wrong."""


class UnfitError(ModelError):
    """A model loads but fails a test before it serves; ``reason`` is a stable code (a metric label)."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class CampaignError(FatalError):
    """A campaign file cannot be used; the message names the file and the key."""


class StateError(FatalError):
    """What a service has kept does not go with the topics it reads; the message names both and the way out."""
