"""``GET /v1/board`` and ``/v1/public-board``: a campaign's numbers for its team, and its counts for everybody."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, get
from litestar.params import Parameter

from mahlan.core.campaign import Campaign
from mahlan.gateway.board.answers import (
    BoardAnswer,
    BoardList,
    PublicBoardAnswer,
    board_of,
    list_of,
    mark_of,
    public_board_of,
)
from mahlan.gateway.decoding import JSON, BodyRequest
from mahlan.gateway.parts import Parts, parts_of
from mahlan.gateway.problems import ProblemError

AGE = "Mahlan-Data-Age"
"""Header with the whole seconds that the data is old: also where nothing else has changed, and there is no body."""

Name = Annotated[str, Parameter(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$", description="the campaign's id")]


def _document(shape: type) -> dict[str, Any]:
    content = {JSON: {"schema": {"$ref": f"#/components/schemas/{shape.__name__}"}}}
    headers = {
        "ETag": {"description": "changes with the numbers, not with their age", "schema": {"type": "string"}},
        AGE: {"description": "seconds that the data is old", "schema": {"type": "string"}},
    }
    return {
        "responses": {
            "200": {"description": shape.__doc__, "content": content, "headers": headers},
            "304": {"description": "Nothing but the age has changed since `If-None-Match`", "headers": headers},
        }
    }


@get("/v1/board", scope="board", status_code=200, operation_id="boards")
async def boards(request: BodyRequest) -> BoardList:
    """The campaigns there are boards of."""
    parts = parts_of(request)
    is_set = parts.latest.source is not None
    return list_of(parts.campaigns.values(), parts.settings.campaign, parts.clock(), is_set=is_set)


@get(
    "/v1/board/{campaign:str}",
    scope="board",
    status_code=200,
    operation_id="board",
    errors=(404, 504),
    document=_document(BoardAnswer),
    shapes=(BoardAnswer,),
)
async def board(request: BodyRequest, campaign: Name) -> Response[bytes]:
    """A campaign's numbers, as the insights service told them at most some seconds ago, or the last there were."""
    parts = parts_of(request)
    found = _found(parts, campaign)
    heard = await parts.latest.fresh(found.id)
    return _answer(request, board_of(found, heard, parts.clock()))


@get(
    "/v1/public-board/{campaign:str}",
    open=True,
    status_code=200,
    operation_id="publicBoard",
    errors=(404, 503, 504),
    document=_document(PublicBoardAnswer),
    shapes=(PublicBoardAnswer,),
)
async def public_board(request: BodyRequest, campaign: Name) -> Response[bytes]:
    """A campaign's counts for everybody, where its file says `[board] public = true`.

    Nobody waits here for the insights service: while `insights` is `waiting`, ask again in a second.
    """
    parts = parts_of(request)
    found = _found(parts, campaign)
    if not found.board.public:
        raise _unknown()
    return _answer(request, public_board_of(found, parts.latest.known(found.id), parts.clock()))


def _found(parts: Parts, name: str) -> Campaign:
    campaign = parts.campaigns.get(name)
    if campaign is None:
        raise _unknown()
    return campaign


def _unknown() -> ProblemError:
    # The same for a campaign that there is not and one that is not public: everybody may ask.
    return ProblemError("not_found", "there is no board of this name here")


def _answer(request: BodyRequest, told: BoardAnswer | PublicBoardAnswer) -> Response[bytes]:
    """The answer, or its headers alone where the client has it already."""
    mark = mark_of(told)
    headers = {"ETag": mark, **({} if told.age_seconds is None else {AGE: str(int(told.age_seconds))})}
    known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    if mark in known:
        return Response(b"", status_code=304, headers=headers, media_type=JSON)
    return Response(msgspec.json.encode(told), headers=headers, media_type=JSON)


ROUTES = (boards, board, public_board)
