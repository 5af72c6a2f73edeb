"""Errors as OpenAI's clients know them: by status, with ``type``, ``param`` and ``code``."""

from __future__ import annotations

from mahlan.gateway.moderations.shapes import Fault, FaultAnswer
from mahlan.gateway.problems import Dialect, ProblemError

#: HTTP status to ``type`` and ``code``; what is not here is an invalid request.
_KINDS = {
    401: ("authentication_error", "invalid_api_key"),
    403: ("permission_error", "insufficient_permissions"),
    429: ("rate_limit_error", "rate_limit_exceeded"),
    500: ("server_error", None),
    503: ("server_error", "overloaded"),
    504: ("server_error", "timeout"),
}


def _tell(told: ProblemError) -> FaultAnswer:
    kind, code = _KINDS.get(told.status, ("invalid_request_error", told.code))
    field = (told.field or "").removeprefix("$").removeprefix(".")
    return FaultAnswer(error=Fault(message=str(told), type=kind, param=field or None, code=code))


OPENAI = Dialect(FaultAnswer, _tell)
"""What the routes of this format speak when something is wrong."""
