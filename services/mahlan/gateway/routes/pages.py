"""Static files: the playground at ``/``, the board at ``/board`` and the composer, as they lie in ``gateway/static``.

They load nothing from elsewhere, and the browser is told so.
"""

from __future__ import annotations

from mimetypes import guess_type
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.response import File

STATIC = Path(__file__).resolve().parent.parent / "static"

#: Scripts, styles and pictures of ours alone; requests to ourselves alone; in nobody's frame.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "cross-origin",  # the composer is for other sites' pages
    "Cache-Control": "public, max-age=300",
}


def _file(name: str) -> Response[object]:
    """The file of that name; nothing outside the folder, whatever the name says."""
    try:
        path = (STATIC / name).resolve()
        there = path.is_relative_to(STATIC) and path.is_file()
    except (OSError, ValueError):  # no file can have such a name
        there = False
    if not there:
        raise NotFoundException
    kind = guess_type(path.name)[0] or "application/octet-stream"
    return File(path, media_type=kind, headers=HEADERS, content_disposition_type="inline")


@get("/", open=True, include_in_schema=False, sync_to_thread=False)
def playground() -> Response[object]:
    """The playground."""
    return _file("playground/index.html")


@get(["/board", "/public-board"], open=True, include_in_schema=False, sync_to_thread=False)
def board() -> Response[object]:
    """The board, the team's and everybody's: one page, which asks for the numbers of its address."""
    return _file("board/index.html")


@get(
    ["/composer/{name:path}", "/playground/{name:path}", "/board/{name:path}"],
    open=True,
    include_in_schema=False,
    sync_to_thread=False,
)
def static(request: Request[Any, Any, Any]) -> Response[object]:
    """A file of the composer, the playground or the board."""
    return _file(request.scope["path"].lstrip("/"))


ROUTES = (playground, board, static)
