"""Errors as Perspective tells them. Clients read ``details``, drop the attribute that it names, and ask again.

The words and the types are those of the API's page on limits and errors (github.com/conversationai/perspectiveapi).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from mahlan.gateway.perspective.shapes import ErrorAnswer, Status
from mahlan.gateway.problems import Dialect, ProblemError

ErrorType = Literal[
    "COMMENT_TOO_LONG",
    "COMMENT_EMPTY",
    "NO_REQUESTED_ATTRIBUTES",
    "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
    "LANGUAGE_DETECTION_FAILED",
    "INVALID_REQUEST",
]

_ERROR = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
_BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
#: HTTP status to the name that Google's clients know; what is not here is a bad request.
_NAMES = {
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


class RefusedError(ProblemError):
    """A request that Perspective refuses too. ``more`` are further fields of the detail."""

    def __init__(self, kind: ErrorType, message: str, more: Mapping[str, Any] | None = None) -> None:
        super().__init__("bad_request", message)
        self.kind = kind
        self.more = dict(more or {})


def unsupported(attribute: str, languages: Sequence[str], *, asked: bool) -> RefusedError:
    """No honest score of this attribute in these languages: those that were ``asked`` for, or found in the text."""
    detail = {"requestedLanguages" if asked else "detectedLanguages": list(languages), "attribute": attribute}
    return RefusedError(
        "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        f"Attribute {attribute} does not support request languages: {', '.join(languages)}",
        {"languageNotSupportedByAttributeError": detail},
    )


def _tell(told: ProblemError) -> ErrorAnswer:
    status = _NAMES.get(told.status, "INVALID_ARGUMENT")
    message = f"Invalid value at '{_path(told)}': {told}" if _path(told) else str(told)
    return ErrorAnswer(error=Status(code=told.status, message=message, status=status, details=_details(told)))


def _path(told: ProblemError) -> str:
    """The field at fault, as Google writes it; empty for the whole body and for what is no field."""
    return (told.field or "").removeprefix("$").removeprefix(".") if told.status == 400 else ""


def _details(told: ProblemError) -> list[dict[str, Any]]:
    if isinstance(told, RefusedError):
        return [{"@type": _ERROR, "errorType": told.kind, **told.more}]
    if _path(told):
        violation = {"field": _path(told), "description": str(told)}
        return [{"@type": _BAD_REQUEST, "fieldViolations": [violation]}]
    return []


GOOGLE = Dialect(ErrorAnswer, _tell)
"""What the routes of this format speak when something is wrong."""
