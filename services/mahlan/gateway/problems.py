"""What goes wrong over HTTP, as RFC 9457 says it. Raised by every route, told by ``answer_problem``.

Routes that speak somebody else's format tell it in that format (``dialect=…``), from whatever depth it was raised.

A problem names the field and the fix and holds nothing of the request: no text, key, id, or address asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.handlers import BaseRouteHandler
from msgspec import Struct

from mahlan.errors import InternalError, RecordError
from mahlan.runtime.logs import logger

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:mahlan:problem:"

#: Every code: its status and its title.
CODES: Mapping[str, tuple[int, str]] = {
    "malformed": (400, "The body cannot be read"),
    "invalid_field": (400, "A field breaks the contract"),
    "bad_request": (400, "The request cannot be read"),
    "unauthorized": (401, "A key is needed"),
    "forbidden": (403, "This key may not do that"),
    "not_found": (404, "There is nothing here"),
    "method_not_allowed": (405, "This method is not offered here"),
    "conflict": (409, "This id stands for something else"),
    "too_large": (413, "The body is too large"),
    "unsupported_media_type": (415, "This kind of body is not read here"),
    "mismatch": (422, "The parts of the request do not belong together"),
    "rate_limited": (429, "This key has asked too often"),
    "internal_error": (500, "mahlan failed on this request"),
    "unscored": (500, "The model gave no score for this text"),
    "overloaded": (503, "Too much at once"),
    "unrecorded": (503, "Nothing more can be recorded now"),
    "timeout": (504, "The answer took too long"),
}
#: The code of an error of the framework, by its status.
_BY_STATUS = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "unsupported_media_type"}
TOO_LARGE = "send less at once; MAHLAN_GATEWAY_MAX_BODY is the limit"
#: What may be full, and what is told then.
FULL = {
    "concurrency": "too many requests at the same time; try again",
    "streams": "too many requests at the same time; try again",
    "queue": "too many texts are waiting to be scored; try again",
    "wait": "this text would not be scored in time; try again",
}
_DETAILS = {
    "not_found": "see /openapi.json for what there is",
    "method_not_allowed": "see the header Allow",
    "too_large": TOO_LARGE,
    "bad_request": "see /openapi.json for what is read here",
    "internal_error": "this is a bug; try again later",
}


class Problem(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The body of every error (RFC 9457). ``field`` is the JSON path, parameter or header at fault."""

    type: str
    title: str
    status: int
    detail: str
    field: str | None = None


class ProblemError(Exception):
    """A request that gets a problem for an answer. ``code`` is one of ``CODES``."""

    def __init__(
        self, code: str, detail: str, field: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.field = field
        self.headers = dict(headers or {})

    @property
    def status(self) -> int:
        """The HTTP status."""
        return CODES[self.code][0]

    @property
    def problem(self) -> Problem:
        """The body."""
        status, title = CODES[self.code]
        return Problem(type=TYPE + self.code, title=title, status=status, detail=str(self), field=self.field)


def overloaded(full: str) -> ProblemError:
    """The refusal where this is full: a key of ``FULL``."""
    return ProblemError("overloaded", FULL[full], headers={"Retry-After": "1"})


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a format tells an error: the shape of the body, and how one is made of a problem."""

    shape: type[Struct]
    tell: Callable[[ProblemError], Struct]
    media_type: str = "application/json"


PROBLEMS = Dialect(Problem, lambda told: told.problem, MEDIA_TYPE)
"""RFC 9457: of every route that says nothing else, and where there is no route."""


def dialect_of(handler: BaseRouteHandler | None) -> Dialect:
    """The format in which a route tells its errors."""
    found: Dialect = handler.opt.get("dialect", PROBLEMS) if handler is not None else PROBLEMS
    return found


def to_problem(error: Exception) -> ProblemError:
    """Any exception as a problem; what nobody foresaw is an ``internal_error`` without a word of its message."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, RecordError) and not isinstance(error, InternalError):
        code = "invalid_field" if error.reason == "invalid_field" else "malformed"
        return ProblemError(code, str(error), error.field)
    if isinstance(error, RecursionError):
        return ProblemError("malformed", "the value is nested too deeply", "$")
    if isinstance(error, ValidationException):
        return _invalid(error)
    if isinstance(error, HTTPException) and error.status_code < 500:
        code = _BY_STATUS.get(error.status_code, "bad_request")
        # What is left of a body that is too large is not read: the connection cannot be used again.
        headers = {"Connection": "close"} if code == "too_large" else error.headers
        return ProblemError(code, _DETAILS.get(code, CODES[code][1]), headers=headers)
    return ProblemError("internal_error", _DETAILS["internal_error"])


def _invalid(error: ValidationException) -> ProblemError:
    """The framework's words quote the address asked for, key and all: only the parameter's name is kept."""
    first: Any = error.extra[0] if isinstance(error.extra, list) and error.extra else {}
    name = str(first.get("key", "")) if isinstance(first, Mapping) else ""
    if name in {"", "data"}:
        return ProblemError("malformed", "the body is missing", "$")
    return ProblemError("invalid_field", f"{name} does not have the shape that /openapi.json shows", name)


def answer_problem(request: Request[Any, Any, Any], error: Exception) -> Response[Struct]:
    """The exception handler of the application."""
    told = to_problem(error)
    if told.code == "internal_error" and not _left(error):
        # The class and the place, never the message: it may quote what was asked.
        logger().error("request_failed", error_type=type(error).__name__, field=_place(error))
    dialect = dialect_of(request.scope.get("route_handler"))
    return Response(dialect.tell(told), status_code=told.status, headers=told.headers, media_type=dialect.media_type)


def _left(error: Exception) -> bool:
    """Whether the client went away while it was still sending."""
    return isinstance(error, HTTPException) and "disconnected" in error.detail


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f"{trace.tb_frame.f_globals.get('__name__', '')}:{trace.tb_lineno}"
