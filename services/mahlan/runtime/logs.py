"""JSON logs without text: one line an event, and only fields from an allow-list. Used by services, not the CLI.

"No comment text in a log" is a rule here, not a habit: a field that is not listed is dropped and its name counted
in ``dropped``, and a message is a fixed word, never a sentence built from data.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

#: Names of fields a log line may have. Values are ids of ours, numbers, codes and names from code.
ALLOWED = frozenset(
    [
        "event",
        "level",
        "time",
        "service",
        "topic",
        "partition",
        "partitions",
        "offset",
        "group",
        "reason",
        "field",
        "count",
        "records",
        "seconds",
        "bytes",
        "model",
        "campaign",
        "version",
        "channel",
        "result",
        "attempt",
        "attempts",
        "wait",
        "status",
        "port",
        "host",
        "signal",
        "error",
        "error_type",
        "decision_id",
        "kind",
        "authors",
        "decisions",
        "pid",
        "topics",
        "languages",
        "threads",
        "batch",
        "bootstrap",
        "window",
        "endpoint",
        "role",
        "change",
        "brake",
        "language",
    ]
)


def configure(service: str, level: str = "info") -> None:
    """Set up logging of the whole process: ours as JSON lines on stderr, libraries' from warnings up."""
    _quiet_libraries()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            allow_listed,
            structlog.processors.JSONRenderer(serializer=_dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)


def logger() -> Any:
    """The process's logger: ``logger().info("started", topic=…)``."""
    return structlog.get_logger()


def allow_listed(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every field that is not allowed, and say which."""
    dropped = sorted(name for name in line if name not in ALLOWED)
    for name in dropped:
        del line[name]
    if dropped:
        line["dropped"] = dropped
    return line


def _quiet_libraries() -> None:
    # aiokafka and Faust build a debug record per message unless debug is off for the whole process.
    logging.disable(logging.DEBUG)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_LibraryLine())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)


class _LibraryLine(logging.Formatter):
    """A library's log record as one JSON line: where and how bad, without its message.

    Messages of libraries may quote a record (a failed send prints its value); the logger's name, the line and
    the exception's class are enough to find them.
    """

    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        return _dumps(
            {
                "event": "library",
                "level": record.levelname.lower(),
                "logger": record.name,
                "where": f"{record.module}:{record.lineno}",
                "error_type": error,
            }
        )


def _dumps(line: Any, **_: Any) -> str:
    return orjson.dumps(line, default=str).decode()
