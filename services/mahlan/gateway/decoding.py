"""Bodies, read strictly by the contract's own decoder: the field in every error, a value in none.

The framework's decoder would take "1" for a number and quote what it could not read. ``BodyRequest.json`` stands in its
place and hands it a finished body.
"""

from __future__ import annotations

from typing import Any

from litestar import Request

from mahlan.events.codec import decode_json
from mahlan.gateway.problems import ProblemError

JSON = "application/json"


class BodyRequest(Request[Any, Any, Any]):
    """The request class of the application. A route's ``accepts=(…)`` names the content types it reads."""

    async def json(self) -> Any:
        """The body as the route's ``data`` wants it. Raises ``RecordError`` or ``ProblemError``."""
        self.content_kind()
        wanted = self.route_handler.parsed_data_field
        assert wanted is not None
        return decode_json(wanted.annotation, await self.body())

    def content_kind(self) -> str:
        """The content type without its parameters; JSON where none is told. Raises ``ProblemError``."""
        accepted = self.route_handler.opt.get("accepts", (JSON,))
        kind = self.content_type[0].lower() or JSON
        if kind not in accepted:
            raise ProblemError("unsupported_media_type", f"send {' or '.join(accepted)}", "Content-Type")
        return kind
