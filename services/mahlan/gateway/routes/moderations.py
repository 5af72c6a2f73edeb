"""``POST /v1/moderations``: OpenAI's format, for code that already speaks it. Score only: nothing is stored."""

from __future__ import annotations

import asyncio
import uuid

from litestar import post
from litestar.params import JSONBody

from mahlan.gateway.decoding import BodyRequest
from mahlan.gateway.moderations.answers import WANTED, result, texts_of
from mahlan.gateway.moderations.errors import OPENAI
from mahlan.gateway.moderations.shapes import Moderation, ModerationBody
from mahlan.gateway.parts import parts_of
from mahlan.gateway.texts import ReadText, read_text

TOGETHER = 32
"""Texts of one request that wait at the same time: one request must not fill the queue."""


@post(
    "/v1/moderations",
    scope="score",
    scores=True,
    status_code=200,
    operation_id="moderate",
    dialect=OPENAI,
    errors=(500, 503, 504),
)
async def moderate(request: BodyRequest, data: JSONBody[ModerationBody]) -> Moderation:
    """Score texts in OpenAI's categories. What has no score here is `false` and 0: see docs/perspective.md."""
    parts = parts_of(request)
    texts = texts_of(data.input)
    reads: list[ReadText] = []
    for first in range(0, len(texts), TOGETHER):
        reads += await asyncio.gather(*(read_text(parts, text, WANTED) for text in texts[first : first + TOGETHER]))
    return Moderation(
        id=f"modr-{uuid.uuid4().hex}",
        model=reads[0].model,
        results=[result(read.scores, read.comment.language, read.thresholds) for read in reads],
    )


ROUTES = (moderate,)
