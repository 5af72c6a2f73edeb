"""``DELETE /v1/authors/{author_key}/data``: an author is forgotten."""

from __future__ import annotations

from dataclasses import fields

from litestar import delete
from litestar.params import Parameter
from typing_extensions import Annotated  # noqa: UP035

from mahlan.events.topics import DAY_MS, HISTORY, TOPICS
from mahlan.gateway.decoding import BodyRequest
from mahlan.gateway.parts import parts_of
from mahlan.gateway.records import erasure_record
from mahlan.gateway.shapes import Expiry, Receipt

FORGOTTEN = [HISTORY.name, "gateway", "dispatcher", "insights"]

Author = Annotated[str, Parameter(min_length=8, max_length=128, description="the salted hash of the author's id")]


@delete("/v1/authors/{author_key:str}/data", scope="erase", status_code=200, operation_id="erase", errors=(503, 504))
async def erase(request: BodyRequest, author_key: Author) -> Receipt:
    """Forget an author: the history that caps and cooldown rest on, everywhere.

    Kafka's topics cannot be edited: `expires` says which still hold events of the author, and for how many days.
    """
    parts = parts_of(request)
    now = parts.clock()
    name, record = erasure_record(author_key, now)
    await parts.record(record)
    parts.histories.forget(author_key, now)
    parts.checking.answers.forget(author_key)
    parts.pool.forget(author_key)
    return Receipt(
        receipt_id=name,
        author_key=author_key,
        erased_at=now,
        forgotten=FORGOTTEN,
        expires=[
            Expiry(topic=topic.name, days=topic.retention_ms // DAY_MS)
            for topic in TOPICS
            if not topic.is_state and (topic.event is None or "author_key" in _fields(topic.event))
        ],
    )


def _fields(event: type) -> set[str]:
    return {one.name for one in fields(event)}


ROUTES = (erase,)
