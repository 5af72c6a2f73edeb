"""Bodies and answers of OpenAI's ``/v1/moderations``. All 13 categories stand in each of the three maps."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Applied = list[Literal["text"]]
MOST = 256
"""Texts of one request at most."""


def _named(field: str) -> str:
    """``self_harm__intent`` as ``self-harm/intent``."""
    return field.replace("__", "/").replace("_", "-")


class ImageUrl(Struct, frozen=True, kw_only=True):
    """Where an image is: never fetched."""

    url: str


class Part(Struct, frozen=True, kw_only=True):
    """A part of one input. Only text is read here."""

    type: Literal["text", "image_url"]
    text: str | None = None
    image_url: ImageUrl | None = None


class ModerationBody(Struct, frozen=True, kw_only=True):
    """Texts to score: one, several, or the parts of one."""

    input: str | Annotated[list[str | Part], Meta(min_length=1, max_length=MOST)]
    model: Annotated[str | None, Meta(description="not looked at: the gateway's own model answers")] = None


class Categories(Struct, frozen=True, kw_only=True, rename=_named):
    """Which categories the text falls into."""

    harassment: bool = False
    harassment__threatening: bool = False
    hate: bool = False
    hate__threatening: bool = False
    illicit: bool = False
    illicit__violent: bool = False
    self_harm: bool = False
    self_harm__intent: bool = False
    self_harm__instructions: bool = False
    sexual: bool = False
    sexual__minors: bool = False
    violence: bool = False
    violence__graphic: bool = False


class CategoryScores(Struct, frozen=True, kw_only=True, rename=_named):
    """How sure that is, 0 for what is not scored."""

    harassment: Share = 0.0
    harassment__threatening: Share = 0.0
    hate: Share = 0.0
    hate__threatening: Share = 0.0
    illicit: Share = 0.0
    illicit__violent: Share = 0.0
    self_harm: Share = 0.0
    self_harm__intent: Share = 0.0
    self_harm__instructions: Share = 0.0
    sexual: Share = 0.0
    sexual__minors: Share = 0.0
    violence: Share = 0.0
    violence__graphic: Share = 0.0


class AppliedTypes(Struct, frozen=True, kw_only=True, rename=_named):
    """What a score rests on: ``["text"]``, or nothing where there is no score."""

    harassment: Applied = []
    harassment__threatening: Applied = []
    hate: Applied = []
    hate__threatening: Applied = []
    illicit: Applied = []
    illicit__violent: Applied = []
    self_harm: Applied = []
    self_harm__intent: Applied = []
    self_harm__instructions: Applied = []
    sexual: Applied = []
    sexual__minors: Applied = []
    violence: Applied = []
    violence__graphic: Applied = []


class Result(Struct, frozen=True, kw_only=True):
    """What came of one text. ``flagged`` where at least one category is."""

    flagged: bool
    categories: Categories
    category_scores: CategoryScores
    category_applied_input_types: AppliedTypes


class Moderation(Struct, frozen=True, kw_only=True):
    """One result a text, in order."""

    id: str
    model: str
    results: list[Result]


class Fault(Struct, frozen=True, kw_only=True):
    """An error as OpenAI's clients know it; ``param`` is the field at fault."""

    message: str
    type: str
    param: str | None
    code: str | None


class FaultAnswer(Struct, frozen=True, kw_only=True):
    """The body of every error."""

    error: Fault
