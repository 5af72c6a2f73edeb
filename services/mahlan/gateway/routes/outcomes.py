"""``POST /v1/nudges/{nudge_id}/outcomes``: what the author did with a nudge."""

from __future__ import annotations

from litestar import post
from litestar.params import JSONBody, Parameter
from typing_extensions import Annotated  # noqa: UP035

from mahlan.core.assignment import decision_id
from mahlan.core.reading import check_time
from mahlan.errors import FieldError
from mahlan.events.nudge import NudgeOutcome
from mahlan.gateway.decoding import JSON, BodyRequest
from mahlan.gateway.parts import Parts, key_behind, parts_of
from mahlan.gateway.problems import ProblemError
from mahlan.gateway.records import outcome_record
from mahlan.gateway.shapes import Accepted, OutcomeBody

#: What ``navigator.sendBeacon`` can send from a page that closes, without asking the server first.
BEACON = "text/plain"

NudgeId = Annotated[str, Parameter(pattern=r"^[0-9a-f]{32}$", description="the `nudge_id` of the check")]


@post(
    "/v1/nudges/{nudge_id:str}/outcomes",
    scope="outcomes",
    status_code=202,
    operation_id="report",
    accepts=(JSON, BEACON),
    errors=(422, 503, 504),
)
async def report(request: BodyRequest, nudge_id: NudgeId, data: JSONBody[OutcomeBody]) -> Accepted:
    """Report what the author did: told twice, it counts once.

    A page that closes can send it with `navigator.sendBeacon`: as `text/plain`, with the key in `?key=`.
    """
    parts = parts_of(request)
    _check_id(parts, nudge_id, data)
    if data.reason is not None and data.outcome != "disputed":
        raise FieldError("only a dispute has a reason", "$.reason")
    now = parts.clock()
    check_time(data.occurred_at or now, now)
    event = NudgeOutcome(
        decision_id=nudge_id,
        comment_id=data.comment_id,
        author_key=parts.author(data.author_key, data.author_id),
        outcome=data.outcome,
        occurred_at=data.occurred_at or now,
        revision=data.revision,
        reason=data.reason,
        platform=key_behind(request).platform,
    )
    name, record = outcome_record(event, now)
    await parts.record(record)
    return Accepted(id=name, accepted=True)


def _check_id(parts: Parts, nudge_id: str, told: OutcomeBody) -> None:
    """The id is derived from the comment: of any campaign in the folder, since one may have ended meanwhile."""
    wanted = (decision_id(campaign, told.comment_id, told.revision) for campaign in parts.campaigns)
    if nudge_id not in wanted:
        raise ProblemError("mismatch", "no nudge of this comment_id and revision has this id", "nudge_id")


ROUTES = (report,)
