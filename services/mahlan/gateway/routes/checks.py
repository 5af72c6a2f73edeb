"""``POST /v1/checks``: a draft in, the decision out."""

from __future__ import annotations

from litestar import post
from litestar.params import JSONBody

from mahlan.core.highlight import utf16_spans
from mahlan.events.comment import CommentSubmitted, Context
from mahlan.gateway.checking import Outcome
from mahlan.gateway.decoding import BodyRequest
from mahlan.gateway.parts import key_behind, parts_of
from mahlan.gateway.pool import Read
from mahlan.gateway.shapes import CheckAnswer, CheckBody, Explanation, Milliseconds, ReadAs


@post("/v1/checks", scope="check", scores=True, status_code=200, operation_id="check", errors=(409, 500, 503, 504))
async def check(request: BodyRequest, data: JSONBody[CheckBody]) -> CheckAnswer:
    """Check a draft before it is posted.

    Ask again with the same `comment_id` and `revision` and you get the same answer; raise `revision` when the author
    has changed the text. The author counts as asked from the moment of the answer, whichever door asks next.
    """
    parts = parts_of(request)
    draft = CommentSubmitted(
        comment_id=data.comment_id,
        text=data.text,
        occurred_at=parts.clock(),
        revision=data.revision,
        state="draft",
        author_key=data.author_key,
        author_id=data.author_id,
        surface=data.surface,
        language_hint=data.language_hint,
        thread_id=data.thread_id,
        parent_id=data.parent_id,
        context=data.context or Context(),
        platform=key_behind(request).platform,
    )
    outcome = await parts.checking.check(draft, record=data.record, explain=data.explain)
    return described(outcome, data)


def described(outcome: Outcome, asked: CheckBody) -> CheckAnswer:
    """The answer to what was asked."""
    scored, decision = outcome.checked.scored, outcome.checked.decision
    verdict = scored.verdict
    spans = [(start, end) for start, end in scored.spans]
    if asked.offset_unit == "utf16":
        spans = list(utf16_spans(asked.text, spans))
    return CheckAnswer(
        nudge_id=decision.decision_id,
        decision=decision.kind,
        reason=decision.reason,
        campaign=decision.campaign,
        campaign_version=decision.campaign_version,
        language=scored.language,
        script=scored.script,
        labels=scored.scores,
        label=verdict.label,
        band=verdict.band,
        score=verdict.score,
        spans=[list(span) for span in spans],
        wording=decision.wording,
        model=scored.model,
        recorded=outcome.checked.recorded,
        support=decision.support,
        explain=_explained(outcome, outcome.read) if asked.explain and outcome.read else None,
    )


def _explained(outcome: Outcome, read: Read) -> Explanation:
    seconds = (read.waited, read.reading, read.scoring, outcome.deciding, outcome.recording)
    queue, normalise, score, decide, record = (round(each * 1000, 3) for each in seconds)
    return Explanation(
        readings=[ReadAs(kind=one.kind, text=one.text) for one in read.comment.readings],
        signals=list(read.comment.signals),
        truncated=read.comment.truncated,
        milliseconds=Milliseconds(queue=queue, normalise=normalise, score=score, decide=decide, record=record),
    )


ROUTES = (check,)
