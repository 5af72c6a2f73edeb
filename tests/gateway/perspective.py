"""How Perspective's routes are asked in tests, and a map of scores."""

from __future__ import annotations

from typing import Any

from tests.gateway.stage import HURTFUL, Answer, Stage

SEVERE_MAP = """schema = 1
model = "fast@1"
[attributes.SEVERE_TOXICITY]
label = "toxic"
ours = [0.0, 0.5, 1.0]
theirs = [0.0, 0.1, 0.6]
"""


async def analyze(stage: Stage, text: str, *attributes: str, **fields: Any) -> Answer:
    options = {name: fields.pop(name) for name in ("key", "headers") if name in fields}
    wanted = {name: {} for name in attributes or ("TOXICITY",)}
    body = {"comment": {"text": text}, "requestedAttributes": wanted, **fields}
    return await stage.ask("POST", "/v1alpha1/comments:analyze", json=body, **options)


async def suggest(stage: Stage, **fields: Any) -> Answer:
    scores = {"attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}}}
    body = {"comment": {"text": HURTFUL}, **scores, **fields}
    return await stage.ask("POST", "/v1alpha1/comments:suggestscore", json=body)
