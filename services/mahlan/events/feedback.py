"""What somebody says a score should have been. Written by the gateway; read by whoever trains the next model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from mahlan.events.fields import Language, Length, ModelName, Moment, Platform, Score

Attribute = Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")]
Scores = Annotated[dict[Attribute, Score], Meta(min_length=1, max_length=64)]
Token = Annotated[str, Meta(min_length=1, max_length=256, description="opaque, as the client sent it")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreSuggested:
    """Scores that a reader suggests for a text, by attribute of the Perspective API. The text itself is not kept."""

    suggestion_id: Annotated[str, Meta(min_length=1, max_length=64, description="the record key")]
    occurred_at: Moment
    values: Annotated[Scores, Meta(description="what was suggested, by attribute")]
    scores: Annotated[dict[str, Score], Meta(description="ours for the same text, by label of the model")]
    model: ModelName
    language: Language
    length: Length
    platform: Platform | None = None
    community_id: Token | None = None
    client_token: Token | None = None
