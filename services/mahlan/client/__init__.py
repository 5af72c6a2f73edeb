"""What a platform's own Python code talks to the gateway with. Documented in ``docs/client.md``.

Three lines, and a comment is never held up by them::

    with Mahlan("https://mahlan.example", key) as mahlan:
        answer = mahlan.try_check("c-1001", text, author_key=author)
        show(answer.wording) if answer.wording else post(text)

``AsyncMahlan`` is the same for asyncio and trio. Answers are the gateway's own shapes.
"""

from mahlan.client.awaiting import AsyncMahlan
from mahlan.client.blocking import Mahlan
from mahlan.client.failures import (
    AccessError,
    AnswerError,
    ClientError,
    ConflictError,
    RequestError,
    UnavailableError,
)
from mahlan.client.replies import REFUSED, UNAVAILABLE
from mahlan.events.ruling import Wording
from mahlan.gateway.shapes import Accepted, CheckAnswer, Line
from mahlan.gateway.shapes import CommentBody as Comment

__all__ = [
    "REFUSED",
    "UNAVAILABLE",
    "Accepted",
    "AccessError",
    "AnswerError",
    "AsyncMahlan",
    "CheckAnswer",
    "ClientError",
    "Comment",
    "ConflictError",
    "Line",
    "Mahlan",
    "RequestError",
    "UnavailableError",
    "Wording",
]
